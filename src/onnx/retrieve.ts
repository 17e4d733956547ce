import { contentVector } from '../ranking/content.ts';
import { finishedTitles } from '../ranking/continuation.ts';
import { createNearestKernel } from '../ranking/kernels/nearest-kernel.ts';
import { collaborativeVector, itemLists, type RetrievalModels } from '../ranking/retrieve.ts';
import { type CandidateLists, LISTED_SOURCES, type ListedSource, type Viewer } from '../ranking/viewer.ts';
import { BATCH, searchBatch } from './batch-search.ts';

/** Users of one call of `onChunk`. */
const CHUNK = 8 * BATCH;

export interface BatchRetriever {
  /**
   * `retrieveLists` of each viewer, in order. One call at a time.
   *
   * @param factors iALS vectors by viewer, where they are known; else each is folded in
   */
  retrieve(
    viewers: readonly Viewer[],
    count: number,
    factors?: readonly Float32Array[],
  ): Promise<CandidateLists[]>;
}

/**
 * The lists that `retrieveLists` makes for each viewer, by matrix products in onnxruntime: the same titles in the same order.
 *
 * @param sources those with lists; those of the others are empty
 */
export function createBatchRetriever(
  models: RetrievalModels,
  sources: readonly ListedSource[] = LISTED_SOURCES,
): BatchRetriever {
  const { catalogue, ials, content } = models;
  const none = { titles: new Int32Array(0) };
  const kernel = createNearestKernel(catalogue.size, BATCH);
  const wanted: Pick<RetrievalModels, 'itemKnn' | 'ease'> = {
    ...(models.itemKnn && sources.includes('itemKnn') && { itemKnn: models.itemKnn }),
    ...(models.ease && sources.includes('ease') && { ease: models.ease }),
  };
  return {
    async retrieve(viewers, count, factors) {
      const all: CandidateLists[] = [];
      for (let from = 0; from < viewers.length; from += BATCH) {
        const batch = viewers.slice(from, from + BATCH);
        const finished = batch.map((viewer) => finishedTitles(viewer, catalogue));
        const search = async (rows: Float32Array, width: number, vectors: readonly Float32Array[]) => {
          const found = await searchBatch(kernel, rows, width, vectors, finished, count);
          return found.map((titles) => ({ titles }));
        };
        const collaborative = sources.includes('ials')
          ? await search(
              ials.items,
              ials.factors,
              factors?.slice(from, from + BATCH) ?? batch.map((viewer) => collaborativeVector(ials, viewer)),
            )
          : undefined;
        const similar = sources.includes('content')
          ? await search(
              content.vectors,
              content.dims,
              batch.map((viewer) => contentVector(content, viewer)),
            )
          : undefined;
        batch.forEach((viewer, user) => {
          const { itemKnn, ease } = itemLists(wanted, viewer, count, finished[user]!);
          all.push({
            ials: collaborative?.[user] ?? none,
            content: similar?.[user] ?? none,
            ...(models.itemKnn && { itemKnn: itemKnn ?? none }),
            ...(models.ease && { ease: ease ?? none }),
            watchCount: viewer.watchCount,
          });
        });
      }
      return all;
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
