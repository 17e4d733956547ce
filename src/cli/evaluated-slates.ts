import type { StageDeclaration } from '../declarations.ts';
import { DEVICES } from '../ranking/catalogue.ts';
import { SLATE_LENGTH } from '../ranking/evaluate.ts';
import type { Models } from '../ranking/models.ts';
import type { CandidateLists, Viewer } from '../ranking/viewer.ts';
import { createPipeline } from '../variants/pipeline.ts';
import { createWork } from '../variants/work.ts';

const BATCH = 128;

/** What the real pipeline shows each viewer, best first. */
export async function slatesOf(
  stages: readonly StageDeclaration[],
  surface: string,
  viewers: readonly Viewer[],
  lists: ReadonlyMap<string, CandidateLists>,
  models: Models,
  slots = SLATE_LENGTH,
): Promise<Int32Array[]> {
  const pipeline = createPipeline(stages, () => 0);
  const slates: Int32Array[] = [];
  for (let from = 0; from < viewers.length; from += BATCH) {
    const batch = viewers.slice(from, from + BATCH).map((viewer, row) =>
      createWork({
        // Stages draw from the id: a fixed one makes the figures repeatable.
        requestId: `00000000-0000-7000-8000-${(from + row).toString(16).padStart(12, '0')}`,
        viewer,
        lists: lists.get(viewer.id),
        surface,
        device: DEVICES[0],
        country: viewer.country,
        at: models.trending.asOf,
        k: slots,
      }),
    );
    await pipeline.run(batch, models);
    for (const work of batch) slates.push(work.slate!.titles);
  }
  return slates;
}
