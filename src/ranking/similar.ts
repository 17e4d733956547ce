import type { ContentModel } from './models.ts';
import type { Viewer } from './viewer.ts';

/** Latest watches that may explain a slot. */
const CONSIDERED = 5;
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
    const from = watched * dims;
    // Two sums at once keep the processor busy.
    let even = 0;
    let odd = 0;
    let d = 1;
    for (; d < dims; d += 2) {
      even += vectors[own + d - 1]! * vectors[from + d - 1]!;
      odd += vectors[own + d]! * vectors[from + d]!;
    }
    if (d === dims) even += vectors[own + d - 1]! * vectors[from + d - 1]!;
    const cosine = even + odd;
    if (cosine >= closest) {
      closest = cosine;
      best = watched;
    }
  }
  return best;
}
