import type { ContentModel } from './models.ts';
import type { Viewer } from './viewer.ts';

/** Latest watches that may explain a slot. */
const CONSIDERED = 8;
/** Cosine from which two titles count as alike. */
const ALIKE = 0.3;

/** Row of the recently watched title that is most like this one by content, -1 where none is alike. */
export function mostSimilarWatched(model: ContentModel, viewer: Viewer, title: number): number {
  const { dims, vectors } = model;
  let best = -1;
  let closest = ALIKE;
  const own = title * dims;
  for (let i = Math.max(0, viewer.watchCount - CONSIDERED); i < viewer.watchCount; i++) {
    const watched = viewer.watchedTitles[i]!;
    if (watched === title) continue;
    let cosine = 0;
    const from = watched * dims;
    for (let d = 0; d < dims; d++) cosine += vectors[own + d]! * vectors[from + d]!;
    if (cosine >= closest) {
      closest = cosine;
      best = watched;
    }
  }
  return best;
}
