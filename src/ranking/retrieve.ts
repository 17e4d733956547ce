import { contentVector } from './content.ts';
import { finishedTitles } from './continuation.ts';
import { retrieveEase } from './ease.ts';
import { foldIn } from './fold-in.ts';
import { retrieveItemKnn } from './item-knn.ts';
import type { Models } from './models.ts';
import { nearest } from './nearest.ts';
import type { CandidateLists, Viewer } from './viewer.ts';

/** What retrieval needs of the models. */
export type RetrievalModels = Pick<Models, 'catalogue' | 'ials' | 'content' | 'itemKnn' | 'ease'>;

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
  const vectors = viewerVectors(models, viewer);
  const finished = finishedTitles(viewer, models.catalogue);
  return {
    ials: nearest(models.ials.items, vectors.ials, count, finished),
    content: nearest(models.content.vectors, vectors.content, count, finished),
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
    ...(itemKnn && { itemKnn: retrieveItemKnn(itemKnn, viewer, count, finished) }),
    ...(ease && { ease: retrieveEase(ease, viewer, count, finished) }),
  };
}
