import type { Catalogue } from './catalogue.ts';
import type { Viewer } from './viewer.ts';

/** How often the viewer watched each title they watched, by catalogue row, in order of the latest watch, oldest first. */
function timesWatched(viewer: Viewer): Map<number, number> {
  const times = new Map<number, number>();
  for (let watch = 0; watch < viewer.watchCount; watch++) {
    const title = viewer.watchedTitles[watch]!;
    const before = times.get(title) ?? 0;
    times.delete(title);
    times.set(title, before + 1);
  }
  return times;
}

/** Series in progress: rows with more episodes than times watched, most recently watched first. */
export function continuation(viewer: Viewer, catalogue: Catalogue): Int32Array {
  const rows: number[] = [];
  for (const [title, times] of timesWatched(viewer))
    if (catalogue.episodes[title]! > 1 && times < catalogue.episodes[title]!) rows.push(title);
  return Int32Array.from(rows.reverse());
}

/** Rows with nothing left to watch: films watched once, series watched as often as they have episodes. */
export function finishedTitles(viewer: Viewer, catalogue: Pick<Catalogue, 'size' | 'episodes'>): Set<number> {
  const rows = new Set<number>();
  for (const [title, times] of timesWatched(viewer))
    if (title < catalogue.size && times >= catalogue.episodes[title]!) rows.add(title);
  return rows;
}
