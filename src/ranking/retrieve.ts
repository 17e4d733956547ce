import { contentVector } from './content.ts';
import { finishedTitles } from './continuation.ts';
import { retrieveEase } from './ease.ts';
import { foldIn } from './fold-in.ts';
import { retrieveItemKnn } from './item-knn.ts';
import type { Models } from './models.ts';
import { createRowIndex, type RowIndex } from './row-index.ts';
import type { CandidateLists, Viewer } from './viewer.ts';

/** What retrieval needs of the models. */
export type RetrievalModels = Pick<Models, 'catalogue' | 'ials' | 'content' | 'itemKnn' | 'ease'>;

/** Lives as long as the matrix that it is the index of. */
const indices = new WeakMap<Float32Array, RowIndex>();

/** The index of a model's matrix, made when it is first asked for: some milliseconds. */
export function rowIndexOf(rows: Float32Array, width: number): RowIndex {
  const index = indices.get(rows) ?? createRowIndex(rows, width);
  indices.set(rows, index);
  return index;
}

/**
 * The user's vectors: iALS by fold-in of what they watched, or of their onboarding picks (weight 1 each) when they watched
 * nothing; content as in `contentVector`.
 */
export function viewerVectors(
  models: Pick<RetrievalModels, 'ials' | 'content'>,
  viewer: Viewer,
): { ials: Float32Array; content: Float32Array } {
  const ials =
    viewer.watchCount > 0
      ? foldIn(models.ials, viewer.watchedTitles, viewer.watchedWeights, viewer.watchCount)
      : foldIn(models.ials, viewer.picks, new Float32Array(viewer.picks.length).fill(1));
  return { ials, content: contentVector(models.content, viewer) };
}

/**
 * The `count` best titles of each stored source for one user, without those they finished. A user of whom a source knows
 * nothing gets its empty list.
 */
export function retrieveLists(models: RetrievalModels, viewer: Viewer, count: number): CandidateLists {
  const { ials, content } = models;
  const vectors = viewerVectors(models, viewer);
  const finished = finishedTitles(viewer, models.catalogue);
  return {
    ials: { titles: rowIndexOf(ials.items, ials.factors).nearest(vectors.ials, count, finished) },
    content: { titles: rowIndexOf(content.vectors, content.dims).nearest(vectors.content, count, finished) },
    ...itemLists(models, viewer, count, finished),
    watchCount: viewer.watchCount,
  };
}

/** The lists of the item models that are there. */
export function itemLists(
  { itemKnn, ease }: RetrievalModels,
  viewer: Viewer,
  count: number,
  finished: ReadonlySet<number>,
): Pick<CandidateLists, 'itemKnn' | 'ease'> {
  return {
    ...(itemKnn && { itemKnn: { titles: retrieveItemKnn(itemKnn, viewer, count, finished).titles } }),
    ...(ease && { ease: { titles: retrieveEase(ease, viewer, count, finished).titles } }),
  };
}
