import type { LadderStep } from '../declaration/parse-ladder.ts';
import type { Declarations, StageDeclaration } from '../declarations.ts';
import { SLATE_LENGTH } from '../ranking/evaluate.ts';

/** A pipeline to measure, or what it is after one of its stages. */
export interface EvaluatedPipeline {
  readonly kind: 'stage' | 'pipeline';
  readonly name: string;
  readonly surface: string;
  readonly stages: readonly StageDeclaration[];
  /** Name of the one that it is held against: what it was a stage before, or the step below. */
  readonly against?: string;
}

/**
 * All pipelines of the ladder, the surfaces and the variants, each named by where it is declared, and before each what it is
 * after each of its stages: cut there and filled from the best downwards.
 */
export function evaluatedPipelines(
  { experiments, surfaces }: Pick<Declarations, 'experiments' | 'surfaces'>,
  ladder: readonly LadderStep[],
): EvaluatedPipeline[] {
  return [
    ...ladder.flatMap(({ name, pipeline, against }) => stagesOf(name, '', pipeline, against)),
    ...surfaces.flatMap(({ name, pipeline }) => stagesOf(`${name} (default)`, name, pipeline)),
    ...experiments.flatMap(({ key, surface = '', variants }) =>
      variants.flatMap(({ key: variant, pipeline }) =>
        pipeline === undefined ? [] : stagesOf(`${key}/${variant}`, surface, pipeline),
      ),
    ),
  ];
}

function stagesOf(
  name: string,
  surface: string,
  pipeline: readonly StageDeclaration[],
  against?: string,
): EvaluatedPipeline[] {
  const rows: EvaluatedPipeline[] = [];
  pipeline.slice(0, -1).forEach(({ stage }, place) => {
    const before = pipeline.slice(0, place).filter((one) => one.stage === stage).length;
    const previous = rows.at(-1)?.name;
    rows.push({
      kind: 'stage',
      name: `${name}: ${stage}${before === 0 ? '' : ` ${before + 1}`}`,
      surface,
      stages: [...pipeline.slice(0, place + 1), { stage: 'fill', parameters: {} }],
      ...(previous !== undefined && { against: previous }),
    });
  });
  const last = against ?? rows.at(-1)?.name;
  rows.push({
    kind: 'pipeline',
    name,
    surface,
    stages: pipeline,
    ...(last !== undefined && { against: last }),
  });
  return rows;
}

/** The same for pipelines that make the same slates of 20. */
export function slatesKey({ stages }: EvaluatedPipeline): string {
  return JSON.stringify(
    stages.map(({ stage, parameters }) => {
      const { take, ...others } = parameters as { take?: number };
      return [stage, stage === 'fill' && take !== undefined && take >= SLATE_LENGTH ? others : parameters];
    }),
  );
}
