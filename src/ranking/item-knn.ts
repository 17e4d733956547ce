import type { Interactions } from './catalogue.ts';
import { checkParameters } from './check-parameters.ts';
import { largest } from './largest.ts';
import type { ItemKnnModel } from './models.ts';
import { positivesOf, positiveTitles } from './positives.ts';
import { sparseRows } from './sparse.ts';
import type { CandidateList, Viewer } from './viewer.ts';

export interface ItemKnnParameters {
  /** Titles most like each title that count for it, 1 to 10,000. */
  readonly neighbours: number;
  /** Added to the denominator, at least 0: draws the likeness of rarely watched titles to 0. */
  readonly shrink: number;
  /** Least weight of an interaction that counts, at least 0; 0: all. */
  readonly least: number;
}

const ITEM_KNN_DEFAULTS: ItemKnnParameters = { neighbours: 100, shrink: 10, least: 0 };

/** What each may be. */
const RANGES = {
  neighbours: { least: 1, most: 10_000, whole: true },
  shrink: { least: 0, most: Number.MAX_VALUE },
  least: { least: 0, most: Number.MAX_VALUE },
} as const;

/**
 * Neighbours of titles by the cosine of who watched them, without weights: with n_i users of title i and n_ij of both,
 *
 *   s_ij = n_ij / (sqrt(n_i n_j) + shrink)
 *
 * A title's score is the sum of s over those of its `neighbours` nearest (in single precision, ties by ascending row)
 * that the viewer took to; the model is turned round, so that scoring starts at the history. Time grows with the sum
 * over users of the squared length of their history; memory is 8 bytes per title and neighbour.
 *
 * Papers: Sarwar, Karypis, Konstan, Riedl 2001 (item-based collaborative filtering); Deshpande and Karypis 2004 (top-N).
 *
 * @param titles size of the catalogue
 * @throws RangeError when a parameter is out of its range, or an interaction names no row or has no weight
 */
export function trainItemKnn(
  interactions: Interactions,
  titles: number,
  parameters: Partial<ItemKnnParameters> = {},
): ItemKnnModel {
  const all = { ...ITEM_KNN_DEFAULTS, ...parameters };
  checkParameters('item-kNN', all, RANGES);
  const { neighbours, shrink, least } = all;
  const { byUser, byTitle } = positivesOf(interactions, titles, least);
  const users = (title: number): number => byTitle.starts[title + 1]! - byTitle.starts[title]!;
  const together = new Int32Array(titles);
  const likeness = new Float32Array(titles);
  const from: number[] = [];
  const to: number[] = [];
  const similarities: number[] = [];
  const met = new Int32Array(titles);
  for (let title = 0; title < titles; title++) {
    let count = 0;
    for (let entry = byTitle.starts[title]!; entry < byTitle.starts[title + 1]!; entry++) {
      const user = byTitle.columns[entry]!;
      const end = byUser.starts[user + 1]!;
      for (let place = byUser.starts[user]!; place < end; place++) {
        const other = byUser.columns[place]!;
        if (together[other]!++ === 0) met[count++] = other;
      }
    }
    for (let i = 0; i < count; i++) {
      const other = met[i]!;
      likeness[other] = together[other]! / (Math.sqrt(users(title) * users(other)) + shrink);
      together[other] = 0;
    }
    // Nothing is like itself.
    likeness[title] = 0;
    const nearby = mostAlike(met.subarray(0, count), likeness, neighbours);
    for (const other of nearby) {
      from.push(other);
      to.push(title);
      similarities.push(likeness[other]!);
    }
  }
  const rows = sparseRows(from, to, similarities, titles);
  return { least, shrink, neighbours, starts: rows.starts, titles: rows.columns, similarities: rows.values };
}

/** The `count` rows of the greatest likeness above 0, ties by row; sorts by value first, since that needs no comparator. */
function mostAlike(rows: Int32Array, likeness: Float32Array, count: number): Int32Array {
  const values = new Float32Array(rows.length);
  for (let i = 0; i < rows.length; i++) values[i] = likeness[rows[i]!]!;
  const least = values.sort()[Math.max(0, rows.length - count)]!;
  return rows
    .filter((row) => likeness[row]! >= least && likeness[row]! > 0)
    .sort((a, b) => likeness[b]! - likeness[a]! || a - b)
    .subarray(0, count);
}

/** Score of every title for one viewer: the summed likeness to what they took to, 0 for a title that is no neighbour of it. */
export function scoreItemKnn(model: ItemKnnModel, viewer: Viewer): Float32Array {
  const { starts, titles, similarities, least } = model;
  const size = starts.length - 1;
  const scores = new Float64Array(size);
  for (const title of positiveTitles(viewer, size, least)) {
    for (let entry = starts[title]!; entry < starts[title + 1]!; entry++) {
      const other = titles[entry]!;
      scores[other] = scores[other]! + similarities[entry]!;
    }
  }
  return Float32Array.from(scores);
}

/** The `count` best titles by `scoreItemKnn`, best first, ties by row; none that is no neighbour of the history, none of `without`. */
export function retrieveItemKnn(
  model: ItemKnnModel,
  viewer: Viewer,
  count: number,
  without: ReadonlySet<number>,
): CandidateList {
  const { titles, scores } = largest(scoreItemKnn(model, viewer), count, without);
  let end = scores.length;
  while (end > 0 && scores[end - 1]! <= 0) end--;
  return { titles: titles.slice(0, end), scores: scores.slice(0, end) };
}
