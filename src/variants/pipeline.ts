import type { StageDeclaration } from '../declarations.ts';
import type { Models } from '../ranking/models.ts';
import { stageDefinitions } from './registry.ts';
import type { Candidates, Pipeline, Stage, StageTiming, Work } from './stage.ts';
import { createCandidates } from './work.ts';

/**
 * A declared pipeline, ready to run. Its parameters were validated with the declaration.
 * @param micros a clock in microseconds, for the time of each stage
 * @throws when a stage is unknown or stands where it cannot
 */
export function createPipeline(declarations: readonly StageDeclaration[], micros: () => number): Pipeline {
  const stages = declarations.map((declaration, index) => makeStage(declaration, index, declarations.length));
  if (stages.length < 2) {
    throw new Error(
      'a pipeline needs a first stage that makes candidates and a last one that fills the slots',
    );
  }
  const spare: Candidates[] = [];
  return {
    stages,
    async run(batch, models) {
      const idle = createCandidates(0);
      for (const work of batch) work.candidates = spare.pop() ?? createCandidates(0);
      try {
        const timings: StageTiming[] = [];
        for (const stage of stages) {
          const start = micros();
          const pending = attempt(stage, batch, models);
          if (pending !== undefined) await pending;
          timings.push({ stage: stage.name, micros: Math.round(micros() - start) });
          if (timings.length === 1) refuseEmpty(batch);
        }
        return timings;
      } finally {
        // The columns go to the next batch; only the slates leave.
        for (const work of batch) {
          spare.push(work.candidates);
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

/** Undefined when the stage was synchronous and is done. */
function attempt(stage: Stage, batch: readonly Work[], models: Models): Promise<void> | undefined {
  try {
    const pending = stage.run(batch, models);
    return pending?.catch((error: unknown) => handle(stage, batch, error));
  } catch (error) {
    handle(stage, batch, error);
    return undefined;
  }
}

function handle(stage: Stage, batch: readonly Work[], cause: unknown): void {
  if (stage.onFailure === 'fail') {
    throw new Error(`stage ${stage.name} failed: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
  for (const work of batch) work.skipped.push(stage.name);
}

function refuseEmpty(batch: readonly Work[]): void {
  const empty = batch.find((work) => work.candidates.count === 0);
  if (empty) {
    throw new Error(
      `no candidates for user ${empty.request.viewer.id}: the catalogue has no title to recommend`,
    );
  }
}
