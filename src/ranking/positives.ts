import type { Interactions } from './catalogue.ts';
import { checkInteractions } from './check-interactions.ts';
import { sparseRows } from './sparse.ts';
import type { Viewer } from './viewer.ts';

/** Which titles each user took to, without weights, and the same by title. Columns ascend within a row, each once. */
export interface Positives {
  readonly byUser: PositiveRows;
  readonly byTitle: PositiveRows;
}

/** Row r holds `columns` from `starts[r]` up to, not including, `starts[r + 1]`. */
export interface PositiveRows {
  readonly starts: Int32Array;
  readonly columns: Int32Array;
}

/**
 * Interactions of at least this weight, each pair of user and title once.
 *
 * @throws RangeError as `checkInteractions`
 */
export function positivesOf(interactions: Interactions, titles: number, least: number): Positives {
  checkInteractions(interactions, titles);
  const { count, userCount } = interactions;
  const pairs = new Float64Array(count);
  let kept = 0;
  for (let entry = 0; entry < count; entry++)
    if (interactions.weights[entry]! >= least)
      pairs[kept++] = interactions.users[entry]! * titles + interactions.titles[entry]!;
  const ordered = pairs
    .subarray(0, kept)
    .sort()
    .filter((pair, place, sorted) => place === 0 || pair !== sorted[place - 1]);
  const columns = Int32Array.from(ordered, (pair) => pair % titles);
  const rows = Int32Array.from(ordered, (pair) => Math.floor(pair / titles));
  const none = new Float32Array(ordered.length);
  return {
    byUser: sparseRows(rows, columns, none, userCount),
    byTitle: sparseRows(columns, rows, none, titles),
  };
}

/**
 * What a viewer took to, each title once, ascending: watches of at least this weight; the onboarding picks of a viewer
 * who watched nothing. Rows outside the catalogue are left out.
 */
export function positiveTitles(viewer: Viewer, titles: number, least: number): Int32Array {
  const chosen = new Set<number>();
  for (let watch = 0; watch < viewer.watchCount; watch++)
    if (viewer.watchedWeights[watch]! >= least) chosen.add(viewer.watchedTitles[watch]!);
  if (viewer.watchCount === 0) for (const title of viewer.picks) chosen.add(title);
  return Int32Array.from(chosen)
    .filter((title) => title >= 0 && title < titles)
    .sort();
}
