import type { StageDeclaration } from '../declarations.ts';
import { createAttempt, createColumns } from './attempt.ts';
import { stageDefinitions } from './registry.ts';
import type { Pipeline, PipelineTools, Stage, StageTiming, Work } from './stage.ts';
import { createCandidates } from './work.ts';

/**
 * A declared pipeline, ready to run. Its parameters were validated with the declaration.
 * @param micros a clock in microseconds, for the time of each stage
 * @throws when a stage is unknown or stands where it cannot
 */
export function createPipeline(
  declarations: readonly StageDeclaration[],
  micros: () => number,
  tools: Omit<PipelineTools, 'micros'> = {},
): Pipeline {
  const stages = declarations.map((declaration, index) => makeStage(declaration, index, declarations.length));
  const [first, ...middle] = stages;
  const last = middle.pop();
  if (first === undefined || last === undefined) {
    throw new Error(
      'a pipeline needs a first stage that makes candidates and a last one that fills the slots',
    );
  }
  const columns = createColumns();
  const attempt = createAttempt(columns, { ...tools, micros });
  return {
    stages,
    async run(batch, models, lastMoment = Number.POSITIVE_INFINITY) {
      if (models.catalogue.size === 0) throw new Error('the catalogue has no title to recommend');
      const idle = createCandidates(0);
      for (const work of batch) work.candidates = columns.lend();
      try {
        const timings: StageTiming[] = [];
        const begun = micros();
        let start = begun;
        if (begun >= lastMoment) throw new Error('it was not begun: the deadline of its requests has passed');
        const note = (stage: Stage, titles: number): void => {
          const end = micros();
          timings.push({ stage: stage.name, micros: Math.round(end - start), titles });
          start = end;
        };
        await must(first, () => first.run(batch, models));
        note(first, titlesOf(batch));
        for (const stage of middle) {
          const titles = titlesOf(batch);
          const own = begun + 1000 * (stage.withinMs ?? Number.POSITIVE_INFINITY);
          const deadline = Math.min(own, lastMoment);
          const pending = attempt(stage, batch, models, deadline);
          if (pending !== undefined) await pending;
          note(stage, titles);
        }
        await must(last, () => last.run(batch, models));
        note(last, titlesOf(batch));
        return timings;
      } finally {
        // The columns go to the next batch; only the slates leave.
        for (const work of batch) {
          columns.giveBack(work.candidates);
          work.candidates = idle;
        }
      }
    },
  };
}

function makeStage({ stage: name, parameters }: StageDeclaration, index: number, length: number): Stage {
  const definition = stageDefinitions.find((one) => one.name === name);
  if (definition === undefined) {
    throw new Error(`unknown stage ${name}; known are ${stageDefinitions.map((one) => one.name).join(', ')}`);
  }
  const place = index === 0 ? 'first' : index === length - 1 ? 'last' : 'middle';
  if (definition.place !== place) {
    throw new Error(`stage ${name} stands ${place} in the pipeline; it can only stand ${definition.place}`);
  }
  return definition.make(parameters as never);
}

/** Runs a stage that no pipeline can do without. */
async function must({ name }: Stage, run: () => void | Promise<void>): Promise<void> {
  try {
    await run();
  } catch (cause) {
    throw new Error(`stage ${name} failed: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

function titlesOf(batch: readonly Work[]): number {
  let titles = 0;
  for (const { candidates } of batch) titles += candidates.count;
  return titles;
}
