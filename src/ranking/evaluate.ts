import type { Catalogue, Interactions } from './catalogue.ts';
import { coverage, genresOf, gini, ndcgAt, recallAt, reciprocalRank } from './offline.ts';

/** Offline measures of one ranker, means over the users who have held-out titles. */
export interface Evaluation {
  readonly users: number;
  readonly recall: number;
  readonly ndcg: number;
  readonly mrr: number;
  /** Of all slates: share of the catalogue, and concentration. */
  readonly coverage: number;
  readonly gini: number;
  readonly genresPerSlate: number;
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

/**
 * Measures slates against held-out titles; only the first `k` of each are looked at. Recall's denominator is the number of a
 * user's held-out titles.
 *
 * @param slates   titles best first, one slate per entry of `relevant`, in its order
 * @param relevant held-out titles of each user, none empty
 */
export function evaluateSlates(
  slates: readonly ArrayLike<number>[],
  relevant: readonly ReadonlySet<number>[],
  catalogue: Catalogue,
  k: number,
): Evaluation {
  const counts = new Int32Array(catalogue.size);
  const shown = slates.map((slate) => Array.from(slate).slice(0, k));
  for (const slate of shown) for (const title of slate) counts[title]!++;
  const mean = (measure: (user: number) => number): number =>
    slates.reduce((sum, _, user) => sum + measure(user), 0) / slates.length;
  return {
    users: slates.length,
    recall: mean((user) => recallAt(k, shown[user]!, relevant[user]!)),
    ndcg: mean((user) => ndcgAt(k, shown[user]!, relevant[user]!)),
    mrr: mean((user) => reciprocalRank(shown[user]!, relevant[user]!)),
    coverage: coverage(shown, catalogue.size),
    gini: gini(counts),
    genresPerSlate: mean((user) => genresOf(shown[user]!, catalogue.genreMask)),
  };
}
