/**
 * Offline measures of ranked lists. `ranked` holds catalogue rows, best first; `relevant` the held-out rows of the same
 * user. A measure of a user without relevant titles is NaN: leave such users out of a mean.
 */

/** Share of a user's relevant titles in the first k. The denominator is |relevant|, so it cannot reach 1 where |relevant| > k. */
export function recallAt(k: number, ranked: ArrayLike<number>, relevant: ReadonlySet<number>): number {
  let hits = 0;
  for (let rank = 0; rank < Math.min(k, ranked.length); rank++) if (relevant.has(ranked[rank]!)) hits++;
  return hits / relevant.size;
}

/**
 * Normalised discounted cumulative gain with binary gains: sum over hits of 1 / log2(rank + 1), rank from 1, divided by its
 * largest possible value with min(k, |relevant|) hits (Järvelin and Kekäläinen 2002).
 */
export function ndcgAt(k: number, ranked: ArrayLike<number>, relevant: ReadonlySet<number>): number {
  let gain = 0;
  let ideal = 0;
  for (let rank = 0; rank < k; rank++) {
    const discount = 1 / Math.log2(rank + 2);
    if (rank < ranked.length && relevant.has(ranked[rank]!)) gain += discount;
    if (rank < relevant.size) ideal += discount;
  }
  return relevant.size === 0 ? Number.NaN : gain / ideal;
}

/** 1 / rank of the first relevant title, 0 where none is in the list. */
export function reciprocalRank(ranked: ArrayLike<number>, relevant: ReadonlySet<number>): number {
  if (relevant.size === 0) return Number.NaN;
  for (let rank = 0; rank < ranked.length; rank++) if (relevant.has(ranked[rank]!)) return 1 / (rank + 1);
  return 0;
}

/** Share of the catalogue that occurs in at least one of the lists. */
export function coverage(lists: Iterable<ArrayLike<number>>, size: number): number {
  const seen = new Set<number>();
  for (const list of lists) for (let rank = 0; rank < list.length; rank++) seen.add(list[rank]!);
  return seen.size / size;
}

/**
 * Gini coefficient of how often each title is recommended, over the whole catalogue: 0 when all are recommended equally
 * often, (n - 1) / n when one title takes everything. With counts c sorted ascending and i from 1:
 * sum (2i - n - 1) c_i / (n sum c).
 *
 * @param counts recommendations per catalogue row, zeros included
 */
export function gini(counts: ArrayLike<number>): number {
  const sorted = Float64Array.from(counts).sort();
  const n = sorted.length;
  let total = 0;
  let weighted = 0;
  for (let i = 0; i < n; i++) {
    total += sorted[i]!;
    weighted += (2 * (i + 1) - n - 1) * sorted[i]!;
  }
  return total === 0 ? Number.NaN : weighted / (n * total);
}

/** Number of distinct genres among the titles of one slate, all genres of each title counted. */
export function genresOf(slate: ArrayLike<number>, genreMask: Uint32Array): number {
  let union = 0;
  for (let slot = 0; slot < slate.length; slot++) union |= genreMask[slate[slot]!]!;
  let genres = 0;
  for (; union !== 0; union &= union - 1) genres++;
  return genres;
}
