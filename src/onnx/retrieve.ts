import { contentVector } from '../ranking/content.ts';
import { finishedTitles } from '../ranking/finished-titles.ts';
import { collaborativeVector, itemLists, type RetrievalModels } from '../ranking/retrieve.ts';
import {
  type CandidateLists,
  LISTED_SOURCES,
  type ListedSource,
  type TitleList,
  type Viewer,
} from '../ranking/viewer.ts';
import { BATCH, createBatchSearch } from './batch-search.ts';

/** Users of one call of `onChunk`. */
const CHUNK = 8 * BATCH;

const NONE: TitleList = { titles: new Int32Array(0) };

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
  const byFactors = sources.includes('ials') ? createBatchSearch(ials.items, ials.factors) : undefined;
  const byContent = sources.includes('content')
    ? createBatchSearch(content.vectors, content.dims)
    : undefined;
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
        const collaborative = await byFactors?.(
          factors?.slice(from, from + BATCH) ?? batch.map((viewer) => collaborativeVector(ials, viewer)),
          finished,
          count,
        );
        const similar = await byContent?.(
          batch.map((viewer) => contentVector(content, viewer)),
          finished,
          count,
        );
        const listOf = (found: readonly Int32Array[] | undefined, user: number): TitleList =>
          found === undefined ? NONE : { titles: found[user]! };
        batch.forEach((viewer, user) => {
          const { itemKnn, ease } = itemLists(wanted, viewer, count, finished[user]!);
          all.push({
            ials: listOf(collaborative, user),
            content: listOf(similar, user),
            ...(models.itemKnn && { itemKnn: itemKnn ?? NONE }),
            ...(models.ease && { ease: ease ?? NONE }),
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
