import type { Catalogue, Interactions } from './catalogue.ts';
import {
  coverage,
  genresOf,
  gini,
  intraListDiversity,
  meanPopularityRank,
  ndcgAt,
  recallAt,
  reciprocalRank,
} from './offline.ts';

/** Measures that each user has one of; their value is the mean over users. */
export const USER_MEASURES = [
  'recall10',
  'recall20',
  'ndcg10',
  'ndcg20',
  'mrr',
  'popularityRank',
  'genresPerSlate',
  'intraListDiversity',
] as const;
export type UserMeasure = (typeof USER_MEASURES)[number];

/** Measures of all slates together. */
export const SLATE_MEASURES = ['coverage', 'gini'] as const;
export type SlateMeasure = (typeof SLATE_MEASURES)[number];
export type Measure = UserMeasure | SlateMeasure;

/** Titles of a slate that are looked at. */
export const SLATE_LENGTH = 20;

/** One ranker's slates with the measures of each, by place of the user. */
export interface SlateMeasures {
  readonly users: number;
  readonly byUser: Readonly<Record<UserMeasure, Float64Array>>;
  /** At most 20 titles each. */
  readonly slates: readonly Int32Array[];
  /** Titles of the catalogue. */
  readonly size: number;
}

/** Held-out titles by user row; users without any are absent. */
export function relevantTitles(heldOut: Interactions): Map<number, Set<number>> {
  const relevant = new Map<number, Set<number>>();
  for (let entry = 0; entry < heldOut.count; entry++) {
    const user = heldOut.users[entry]!;
    const titles = relevant.get(user);
    if (titles) titles.add(heldOut.titles[entry]!);
    else relevant.set(user, new Set([heldOut.titles[entry]!]));
  }
  return relevant;
}

/** Every title by how many interactions of at least this weight it has, most first, ties by row. */
export function popularOrder(interactions: Interactions, titles: number, least: number): Int32Array {
  const counts = new Int32Array(titles);
  for (let entry = 0; entry < interactions.count; entry++)
    if (interactions.weights[entry]! >= least) counts[interactions.titles[entry]!]!++;
  return Int32Array.from(counts, (_, title) => title).sort((a, b) => counts[b]! - counts[a]! || a - b);
}

/**
 * Measures slates against held-out titles; only the first 20 titles of each are looked at. Recall's denominator is the number
 * of a user's held-out titles.
 *
 * @param slates   titles best first, one slate per entry of `relevant`, in its order
 * @param relevant held-out titles of each user, none empty
 * @param popular  every title, most popular first
 */
export function measureSlates(
  slates: readonly ArrayLike<number>[],
  relevant: readonly ReadonlySet<number>[],
  catalogue: Catalogue,
  popular: Int32Array,
): SlateMeasures {
  const rankOf = new Int32Array(catalogue.size);
  popular.forEach((title, place) => {
    rankOf[title] = place + 1;
  });
  const shown = slates.map((slate) => Int32Array.from(slate).slice(0, SLATE_LENGTH));
  const each = (measure: (slate: Int32Array, titles: ReadonlySet<number>) => number): Float64Array =>
    Float64Array.from(shown, (slate, user) => measure(slate, relevant[user]!));
  return {
    users: slates.length,
    byUser: {
      recall10: each((slate, titles) => recallAt(10, slate, titles)),
      recall20: each((slate, titles) => recallAt(20, slate, titles)),
      ndcg10: each((slate, titles) => ndcgAt(10, slate, titles)),
      ndcg20: each((slate, titles) => ndcgAt(20, slate, titles)),
      mrr: each((slate, titles) => reciprocalRank(slate, titles)),
      popularityRank: each((slate) => meanPopularityRank(slate, rankOf)),
      genresPerSlate: each((slate) => genresOf(slate, catalogue.genreMask)),
      intraListDiversity: each((slate) => intraListDiversity(slate, catalogue.genreMask)),
    },
    slates: shown,
    size: catalogue.size,
  };
}

/** One measure over some of the users, given by place; a user may occur several times. NaN where no user has it. */
export function measureOf(measures: SlateMeasures, name: Measure, users: ArrayLike<number>): number {
  if (name === 'coverage' || name === 'gini') return spread(measures, name, users);
  const values = measures.byUser[name];
  let sum = 0;
  let known = 0;
  for (let i = 0; i < users.length; i++) {
    const value = values[users[i]!]!;
    // A slate without genres has no diversity, an empty one no popularity.
    if (Number.isNaN(value)) continue;
    sum += value;
    known++;
  }
  return known === 0 ? Number.NaN : sum / known;
}

function spread({ slates, size }: SlateMeasures, name: SlateMeasure, users: ArrayLike<number>): number {
  const lists = Array.from(users, (user) => slates[user]!);
  if (name === 'coverage') return coverage(lists, size);
  const counts = new Int32Array(size);
  for (const list of lists) for (let slot = 0; slot < list.length; slot++) counts[list[slot]!]!++;
  return gini(counts);
}
