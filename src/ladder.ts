import type { Fallback } from './events/records.ts';
import type { Catalogue } from './ranking/catalogue.ts';
import type { Models } from './ranking/models.ts';
import type { Limits } from './ranking/rules.ts';
import type { CompiledSurface, Ranker } from './routing.ts';
import { interleave } from './variants/interleave.ts';
import { popularSlate } from './variants/popular-slate.ts';
import { random } from './variants/random.ts';
import type { RankingRequest, SkippedStage, Slate, StageTiming, Work } from './variants/stage.ts';
import { createWork } from './variants/work.ts';

/** What one ranker made of its requests: parallel to them. */
export interface Ranked {
  readonly slates: readonly Slate[];
  readonly fallbacks: readonly Fallback[];
  /** The pipeline failed or its deadline had passed: every slate is of a lower step. */
  readonly failed: boolean;
  readonly skipped: readonly (readonly SkippedStage[])[];
  readonly relaxed: readonly number[];
  readonly stages: readonly StageTiming[];
  readonly micros: number;
}

export interface LadderParts {
  /** Monotonic clock in microseconds. */
  readonly micros: () => number;
  /** Told of every failure that the ladder hides from the user. */
  readonly onFailure?: (error: unknown, place: string) => void;
}

/**
 * Ranks requests of one ranker by the first step that gives a slate: its pipeline; the slate kept for the same user and
 * pipeline; what is popular. Never empty unless the catalogue is.
 *
 * `deadline` is a time of the clock: past it no pipeline is begun, and one under way goes on as its stages say.
 */
export type Ladder = (
  surface: CompiledSurface,
  ranker: Ranker,
  requests: readonly RankingRequest[],
  models: Models,
  configuration: string,
  deadline: number,
) => Promise<Ranked>;

export function createLadder({ micros, onFailure }: LadderParts): Ladder {
  return async ({ cache }, ranker, requests, models, configuration, deadline) => {
    const start = micros();
    const stages: StageTiming[] = [];
    const runs: Work[][] = [];
    let failed = false;
    try {
      for (const pipeline of ranker.pipelines) {
        const works = requests.map(createWork);
        for (const timing of await pipeline.run(works, models, deadline)) stages.push(timing);
        runs.push(works);
      }
    } catch (error) {
      onFailure?.(error, `pipeline ${ranker.name}`);
      failed = true;
    }
    const ladder = micros();
    const slates: Slate[] = [];
    const fallbacks: Fallback[] = [];
    const skipped: (readonly SkippedStage[])[] = [];
    const relaxed: number[] = [];
    requests.forEach((request, i) => {
      const works = failed ? [] : runs.map((run) => run[i]!);
      let slate = works.every((work) => (work.slate?.titles.length ?? 0) > 0) ? works[0]?.slate : undefined;
      if (slate !== undefined && works.length === 2) {
        slate = interleave(slate, works[1]!.slate!, request.k, random(request.requestId, 'interleave'));
      }
      const omitted = works.length === 1 ? works[0]!.skipped : works.flatMap((work) => work.skipped);
      let beyond = works.reduce((sum, work) => sum + work.relaxed, 0);
      let fallback: Fallback = 'none';
      if (slate === undefined) {
        const limits = limitsOf(ranker, models.catalogue);
        const kept = cache.fallback(ranker.name, request, models, configuration, limits);
        slate = kept?.slate ?? popularSlate(models, request, limits);
        beyond = kept?.relaxed ?? beyond;
        fallback =
          kept !== undefined ? 'cached' : models.catalogue.size === 0 ? 'empty-catalogue' : 'popularity';
      } else if (omitted.length === 0) {
        cache.keep(ranker.name, request, { slate, relaxed: beyond, configuration, models: models.version });
      }
      slates.push(slate);
      fallbacks.push(fallback);
      skipped.push(omitted);
      relaxed.push(beyond);
    });
    const end = micros();
    if (ranker.pipelines.length === 2 || failed) {
      stages.push({
        stage: failed ? 'fallback' : 'interleave',
        micros: Math.round(end - ladder),
        titles: slates.reduce((sum, { titles }) => sum + titles.length, 0),
      });
    }
    return { slates, fallbacks, failed, skipped, relaxed, stages, micros: end - start };
  };
}

/** What the pipelines of a ranker declare as not to be shown. */
function limitsOf({ pipelines }: Ranker, catalogue: Catalogue): Limits[] {
  const stages = pipelines.flatMap((pipeline) => pipeline.stages);
  return stages.flatMap((stage) => stage.limits?.(catalogue) ?? []);
}
