import type { Catalogue } from './catalogue.ts';
import type { Viewer } from './viewer.ts';

/** Rows with nothing left to watch: films watched once, series watched as often as they have episodes. */
export function finishedTitles(viewer: Viewer, catalogue: Pick<Catalogue, 'size' | 'episodes'>): Set<number> {
  const times = new Map<number, number>();
  for (let watch = 0; watch < viewer.watchCount; watch++) {
    const title = viewer.watchedTitles[watch]!;
    times.set(title, (times.get(title) ?? 0) + 1);
  }
  const rows = new Set<number>();
  for (const [title, seen] of times)
    if (title < catalogue.size && seen >= catalogue.episodes[title]!) rows.add(title);
  return rows;
}
