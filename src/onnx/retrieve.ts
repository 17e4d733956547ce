import { finishedTitles } from '../ranking/continuation.ts';
import { createNearestKernel } from '../ranking/kernels/nearest-kernel.ts';
import { itemLists, type RetrievalModels, viewerVectors } from '../ranking/retrieve.ts';
import type { CandidateLists, Viewer } from '../ranking/viewer.ts';
import { BATCH, searchBatch } from './batch-search.ts';

/** Users of one call of `onChunk`. */
const CHUNK = 8 * BATCH;

export interface BatchRetriever {
  /** `retrieveLists` of each viewer, in order. One call at a time. */
  retrieve(viewers: readonly Viewer[], count: number): Promise<CandidateLists[]>;
}

/** The lists that `retrieveLists` makes for each viewer, by matrix products in onnxruntime: the same titles in the same order. */
export function createBatchRetriever(models: RetrievalModels): BatchRetriever {
  const { catalogue, ials, content } = models;
  const kernel = createNearestKernel(catalogue.size, BATCH);
  return {
    async retrieve(viewers, count) {
      const lists: CandidateLists[] = [];
      for (let from = 0; from < viewers.length; from += BATCH) {
        const batch = viewers.slice(from, from + BATCH);
        const vectors = batch.map((viewer) => viewerVectors(models, viewer));
        const finished = batch.map((viewer) => finishedTitles(viewer, catalogue));
        const search = (rows: Float32Array, width: number, users: readonly Float32Array[]) =>
          searchBatch(kernel, rows, width, users, finished, count);
        const byIals = await search(
          ials.items,
          ials.factors,
          vectors.map((vector) => vector.ials),
        );
        const byContent = await search(
          content.vectors,
          content.dims,
          vectors.map((vector) => vector.content),
        );
        batch.forEach((viewer, user) => {
          lists.push({
            ials: { titles: byIals[user]! },
            content: { titles: byContent[user]! },
            ...itemLists(models, viewer, count, finished[user]!),
            watchCount: viewer.watchCount,
          });
        });
      }
      return lists;
    },
  };
}

/**
 * `retrieveLists` for many users in this thread, which other work can use between two batches.
 *
 * @param onChunk called with the lists of some of the users and how many users are done so far; awaited, so that a store
 *   can keep up
 */
export async function retrieveMany(
  models: RetrievalModels,
  viewers: readonly Viewer[],
  count: number,
  onChunk: (
    entries: readonly (readonly [user: string, lists: CandidateLists])[],
    done: number,
  ) => void | Promise<void>,
): Promise<void> {
  if (viewers.length === 0) return;
  const retriever = createBatchRetriever(models);
  for (let from = 0; from < viewers.length; from += CHUNK) {
    const chunk = viewers.slice(from, from + CHUNK);
    const lists = await retriever.retrieve(chunk, count);
    await onChunk(
      chunk.map(({ id }, user) => [id, lists[user]!] as const),
      from + chunk.length,
    );
  }
}
