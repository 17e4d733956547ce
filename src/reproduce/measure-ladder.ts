import { type EvaluationReport, evaluateAll } from '../cli/evaluate-all.ts';
import type { LadderStep } from '../declaration/parse-ladder.ts';
import { InvalidInput } from '../files/invalid-input.ts';
import type { Plan } from './plan.ts';
import type { Population } from './population.ts';

const LADDER = 'browse-ladder';
const JUDGED = 500;
const RESAMPLES = 1_000;

/**
 * The declared ladder, step by step, on the titles that viewers would choose next and no model has seen.
 *
 * @throws InvalidInput when the ladder is not declared
 */
export function measureLadder(
  plan: Plan,
  { declarations, prepared, models }: Population,
  progress: (done: number, total: number) => void,
): Promise<EvaluationReport> {
  const experiment = declarations.experiments.find(({ key }) => key === LADDER);
  if (experiment === undefined)
    throw new InvalidInput(
      `no experiment ${LADDER} is declared, whose variants are the ladder's steps; add it`,
    );
  const ladder = experiment.variants.flatMap(({ key, pipeline }, step): LadderStep[] => {
    const against = experiment.variants[step - 1]?.key;
    return pipeline === undefined ? [] : [{ name: key, pipeline, ...(against !== undefined && { against }) }];
  });
  return evaluateAll(
    { ...prepared, models },
    { models, sources: ['popularity', 'content', 'ials'], leftOut: [] },
    { experiments: [], surfaces: [] },
    { sample: JUDGED, resamples: RESAMPLES, seed: plan.seed, ladder },
    progress,
  );
}
