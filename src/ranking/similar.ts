import { vectorSpaceOf } from './kernels/vector-space.ts';
import type { ContentModel } from './models.ts';
import type { Viewer } from './viewer.ts';

/** Latest watches that may explain a slot. */
const CONSIDERED = 5;
/** Cosine from which two titles count as alike. */
const ALIKE = 0.3;

let cosines = new Float32Array(0);
let closest = new Float32Array(0);

/** For each title the row of the recently watched title that is most like it by content, -1 where none is alike. */
export function mostSimilarWatched(
  out: Int32Array,
  { vectors, dims }: ContentModel,
  viewer: Viewer,
  titles: Int32Array,
): void {
  const count = titles.length;
  if (closest.length < count) {
    cosines = new Float32Array(count);
    closest = new Float32Array(count);
  }
  out.fill(-1);
  closest.fill(ALIKE);
  const space = vectorSpaceOf(vectors, dims);
  for (let i = Math.max(0, viewer.watchCount - CONSIDERED); i < viewer.watchCount; i++) {
    const watched = viewer.watchedTitles[i]!;
    if (watched < 0 || (watched + 1) * dims > vectors.length) continue;
    space.likeness(cosines, watched, titles, count);
    for (let slot = 0; slot < count; slot++) {
      if (cosines[slot]! < closest[slot]! || titles[slot] === watched) continue;
      closest[slot] = cosines[slot]!;
      out[slot] = watched;
    }
  }
}
