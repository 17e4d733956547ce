import type { Catalogue } from '../ranking/catalogue.ts';
import type { Viewer } from '../ranking/viewer.ts';

/**
 * Marks on the catalogue for one request at a time: which titles the viewer finished and which are taken. A new request
 * raises the marks' values instead of clearing them.
 */
export interface History {
  readonly size: number;
  /** By catalogue row: `finished`, `taken`, or older values that mean nothing. */
  readonly mark: Float64Array;
  finished: number;
  taken: number;
  /** Times watched by catalogue row, valid where `countedAt` is the current `taken`. */
  readonly times: Uint32Array;
  readonly countedAt: Float64Array;
}

export function createHistory(size: number): History {
  return {
    size,
    mark: new Float64Array(size),
    finished: 1,
    taken: 2,
    times: new Uint32Array(size),
    countedAt: new Float64Array(size),
  };
}

/** Marks what the viewer has nothing left to watch of: films watched once, series watched as often as they have episodes. */
export function readHistory(history: History, viewer: Viewer, catalogue: Catalogue): void {
  const { mark, times, countedAt } = history;
  const taken = history.taken + 2;
  const finished = taken - 1;
  history.taken = taken;
  history.finished = finished;
  for (let i = 0; i < viewer.watchCount; i++) {
    const title = viewer.watchedTitles[i]!;
    const episodes = catalogue.episodes[title]!;
    if (episodes > 1) {
      const seen = countedAt[title] === taken ? times[title]! + 1 : 1;
      countedAt[title] = taken;
      times[title] = seen;
      if (seen < episodes) continue;
    }
    mark[title] = finished;
  }
}

/** Series the viewer began and did not finish, most recently watched first, each once. */
export function inProgress(history: History, viewer: Viewer, catalogue: Catalogue): Int32Array {
  const { mark, finished, countedAt, taken } = history;
  const rows: number[] = [];
  for (let i = viewer.watchCount - 1; i >= 0; i--) {
    const title = viewer.watchedTitles[i]!;
    if (catalogue.episodes[title]! < 2 || mark[title] === finished || countedAt[title] !== taken) continue;
    countedAt[title] = 0;
    rows.push(title);
  }
  return Int32Array.from(rows);
}
