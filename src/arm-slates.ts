import { retrieveMany } from './onnx/retrieve.ts';
import { createListReader } from './ranking/candidate-lists.ts';
import { createMemoryCandidateStore } from './ranking/candidate-store.ts';
import type { Models } from './ranking/models.ts';
import type { RecommendationInput } from './recommend.ts';
import type { Pipeline } from './variants/stage.ts';
import { createWork } from './variants/work.ts';
import type { Viewers } from './viewers.ts';

export interface ArmSlatesOptions {
  readonly models: Models;
  /** Told of what they watch by whoever shows the slates. */
  readonly viewers: Viewers;
  /** By surface. */
  readonly pipelines: ReadonlyMap<string, Pipeline>;
  readonly slots: number;
}

/** Candidates kept per source and user, as the platform has them. */
const CANDIDATES = 200;

/**
 * Slates of one arm for many requests at once, from the pipelines that serve, without assignment and records. Lists are made
 * anew by `refresh`, and by the first watch of somebody of whom nothing was known, so that no slate depends on what else is
 * ranked with it.
 */
export function armSlates({ models, viewers, pipelines, slots }: ArmSlatesOptions) {
  const store = createMemoryCandidateStore();
  const readLists = createListReader(store, {
    freshBatch: 0,
    staleWatches: Number.POSITIVE_INFINITY,
    onFailure(error) {
      throw error;
    },
  });
  return {
    /** Makes the lists of these viewers anew. */
    async refresh(ids: readonly string[]): Promise<void> {
      await retrieveMany(
        models,
        ids.map((id) => viewers.get(id)),
        CANDIDATES,
        (entries) => store.putMany(models.version, entries),
      );
    },
    async slates(inputs: readonly RecommendationInput[]): Promise<Int32Array[]> {
      const titles = new Array<Int32Array>(inputs.length);
      for (const [surface, pipeline] of pipelines) {
        const rows = inputs.map((_, row) => row).filter((row) => inputs[row]!.surface === surface);
        if (rows.length === 0) continue;
        const asked = rows.map((row) => viewers.get(inputs[row]!.userId));
        const reads = pipeline.stages.some((stage) => stage.readsLists === true);
        const lists = reads ? (await readLists(models, asked)).lists : [];
        const works = rows.map((row, i) => {
          const { requestId, device, country = '', at } = inputs[row]!;
          const request = { requestId, viewer: asked[i]!, lists: lists[i], surface, device, country, at };
          return createWork({ ...request, k: slots });
        });
        await pipeline.run(works, models);
        works.forEach(({ slate }, i) => {
          titles[rows[i]!] = slate!.titles;
        });
      }
      return titles;
    },
  };
}
