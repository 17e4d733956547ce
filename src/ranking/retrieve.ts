import type { Catalogue } from './catalogue.ts';
import { contentVector } from './content.ts';
import { retrieveEase } from './ease.ts';
import { finishedTitles } from './finished-titles.ts';
import { foldIn } from './fold-in.ts';
import { retrieveItemKnn } from './item-knn.ts';
import type { IalsModel, Models } from './models.ts';
import { createRowIndex, type RowIndex } from './row-index.ts';
import type { CandidateLists, Viewer } from './viewer.ts';

/** What retrieval needs of the models. */
export type RetrievalModels = Pick<Models, 'ials' | 'content' | 'itemKnn' | 'ease'> & {
  readonly catalogue: Pick<Catalogue, 'size' | 'episodes'>;
};

/** Lives as long as the matrix that it is the index of. */
const indices = new WeakMap<Float32Array, RowIndex>();

/** The index of a model's matrix, made when it is first asked for: some milliseconds. */
export function rowIndexOf(rows: Float32Array, width: number): RowIndex {
  const index = indices.get(rows) ?? createRowIndex(rows, width);
  indices.set(rows, index);
  return index;
}

/**
 * The user's iALS vector, by fold-in of what they watched, or of their onboarding picks (weight 1 each) when they watched
 * nothing.
 */
export function collaborativeVector(model: IalsModel, viewer: Viewer): Float32Array {
  return viewer.watchCount > 0
    ? foldIn(model, viewer.watchedTitles, viewer.watchedWeights, viewer.watchCount)
    : foldIn(model, viewer.picks, new Float32Array(viewer.picks.length).fill(1));
}

/**
 * The `count` best titles of each stored source for one user, without those they finished. A user of whom a source knows
 * nothing gets its empty list.
 */
export function retrieveLists(models: RetrievalModels, viewer: Viewer, count: number): CandidateLists {
  const { ials, content } = models;
  const factors = collaborativeVector(ials, viewer);
  const taste = contentVector(content, viewer);
  const finished = finishedTitles(viewer, models.catalogue);
  return {
    ials: { titles: rowIndexOf(ials.items, ials.factors).nearest(factors, count, finished) },
    content: { titles: rowIndexOf(content.vectors, content.dims).nearest(taste, count, finished) },
    ...itemLists(models, viewer, count, finished),
    watchCount: viewer.watchCount,
  };
}

/** The lists of the item models that are there. */
export function itemLists(
  { itemKnn, ease }: Pick<RetrievalModels, 'itemKnn' | 'ease'>,
  viewer: Viewer,
  count: number,
  finished: ReadonlySet<number>,
): Pick<CandidateLists, 'itemKnn' | 'ease'> {
  return {
    ...(itemKnn && { itemKnn: { titles: retrieveItemKnn(itemKnn, viewer, count, finished).titles } }),
    ...(ease && { ease: { titles: retrieveEase(ease, viewer, count, finished).titles } }),
  };
}
