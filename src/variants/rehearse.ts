import type { StageDeclaration } from '../declarations.ts';
import type { Models } from '../ranking/models.ts';
import { retrieveLists } from '../ranking/retrieve.ts';
import type { Viewer } from '../ranking/viewer.ts';
import { createPipeline } from './pipeline.ts';
import type { RankingRequest, Work } from './stage.ts';
import { createWork } from './work.ts';

/** A declared pipeline: who has it, where it is shown and how many slots it fills. */
export interface RehearsedPipeline {
  readonly name: string;
  readonly surface: string;
  readonly slots: number;
  readonly stages: readonly StageDeclaration[];
}

/** Titles per list, as stored lists have them. */
const LISTED = 200;

/**
 * Ranks for some viewers with models that are not served yet, by every pipeline: each stage must do its work, every score be a finite
 * number, and no slate be shorter than with the models before.
 *
 * @param at     epoch ms of the requests
 * @param pause  awaited between two pipelines, so that other work goes on
 * @throws an Error that names the pipeline and what is wrong
 */
export async function rehearse(
  pipelines: readonly RehearsedPipeline[],
  viewers: readonly Viewer[],
  models: Models,
  before: Models,
  at: number,
  pause: () => Promise<void>,
): Promise<void> {
  for (const pipeline of pipelines) {
    // A pipeline that fails already is no reason against models with which it does not.
    const earlier = await worksOf(pipeline, viewers, before, at).catch(() => undefined);
    await pause();
    const works = await worksOf(pipeline, viewers, models, at).catch((error: Error) => {
      throw new Error(`pipeline ${pipeline.name} fails with these models: ${error.message}`);
    });
    await pause();
    works.forEach(({ request, slate }, row) => {
      const least = earlier?.[row]?.slate?.titles.length ?? 1;
      const titles = slate?.titles.length ?? 0;
      const found = `pipeline ${pipeline.name} with these models, viewer ${request.viewer.id}`;
      if (titles < least) throw new Error(`${found}: ${titles} titles; ${least} with the models served now`);
      for (const numbers of [slate!.scores, slate!.propensities])
        if (!numbers.every(Number.isFinite)) throw new Error(`${found}: a score is not a finite number`);
    });
  }
}

/** Rejects where a stage fails, be it one that may be left out or not. */
async function worksOf(
  { surface, slots, stages }: RehearsedPipeline,
  viewers: readonly Viewer[],
  models: Models,
  at: number,
): Promise<readonly Work[]> {
  let failure: unknown;
  // Time stands still: no stage is late.
  const pipeline = createPipeline(stages, () => 0, {
    onSkip({ stage, cause }) {
      failure ??= new Error(`stage ${stage}: ${cause instanceof Error ? cause.message : String(cause)}`);
    },
  });
  const reads = pipeline.stages.some((stage) => stage.readsLists === true);
  const works = viewers.map((viewer, row): Work => {
    const request: RankingRequest = {
      requestId: `00000000-0000-7000-8000-${String(row).padStart(12, '0')}`,
      viewer,
      lists: reads && viewer.watchCount > 0 ? retrieveLists(models, viewer, LISTED) : undefined,
      surface,
      device: 'other',
      country: viewer.country,
      at,
      k: slots,
    };
    return createWork(request);
  });
  await pipeline.run(works, models);
  if (failure !== undefined) throw failure;
  return works;
}
