import type { Catalogue } from './catalogue.ts';
import { contentVector } from './content.ts';
import type { Models } from './models.ts';
import type { Viewer } from './viewer.ts';

const DAY = 86_400_000;
/** What a title of this moment is ahead of one at the end of the window, in units of the cosine. */
const FRESHNESS = 0.1;

const NONE = new Int32Array(0);
const arrivals = new WeakMap<Catalogue, Int32Array>();

/**
 * Titles that entered the catalogue in the last `days` days before `at`, the moment itself among them: those closest to the
 * viewer's taste by content first, newer ones ahead of older ones that match about as well. A viewer of whom nothing is
 * known gets the newest first. No watch of a title is needed.
 *
 * @param at epoch ms
 * @param days greater than 0
 */
export function newTitles(
  { catalogue, content }: Pick<Models, 'catalogue' | 'content'>,
  viewer: Viewer,
  at: number,
  days: number,
): Int32Array {
  const { addedAt } = catalogue;
  const newest = newestFirst(catalogue);
  const from = firstNotAfter(newest, addedAt, at);
  let to = from;
  while (to < newest.length && addedAt[newest[to]!]! > at - days * DAY) to++;
  if (from === to) return NONE;
  const recent = newest.slice(from, to);
  const taste = contentVector(content, viewer);
  const { dims, vectors } = content;
  const score = Float64Array.from(recent, (title) => {
    let cosine = 0;
    for (let d = 0; d < dims; d++) cosine += taste[d]! * vectors[title * dims + d]!;
    return cosine - (FRESHNESS * (at - addedAt[title]!)) / (days * DAY);
  });
  const order = recent.map((_, place) => place).sort((a, b) => score[b]! - score[a]! || a - b);
  return order.map((place) => recent[place]!);
}

/** Rows whose arrival is known, newest first, ties by row. Sorted once per catalogue. */
function newestFirst(catalogue: Catalogue): Int32Array {
  let order = arrivals.get(catalogue);
  if (order === undefined) {
    const { addedAt, size } = catalogue;
    order = Int32Array.from({ length: size }, (_, title) => title)
      .filter((title) => addedAt[title]! > 0)
      .sort((a, b) => addedAt[b]! - addedAt[a]! || a - b);
    arrivals.set(catalogue, order);
  }
  return order;
}

/** The first place whose title had arrived by `at`. */
function firstNotAfter(newest: Int32Array, addedAt: Float64Array, at: number): number {
  let low = 0;
  let high = newest.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (addedAt[newest[middle]!]! > at) low = middle + 1;
    else high = middle;
  }
  return low;
}
