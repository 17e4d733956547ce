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
  const seen = new Uint8Array(size);
  let titles = 0;
  for (const list of lists) {
    for (let rank = 0; rank < list.length; rank++) {
      if (seen[list[rank]!] === 1) continue;
      seen[list[rank]!] = 1;
      titles++;
    }
  }
  return titles / size;
}

/**
 * Gini coefficient of how often each title is recommended, over the whole catalogue: 0 when all are recommended equally
 * often, (n - 1) / n when one title takes everything. With counts c sorted ascending and i from 1:
 * sum (2i - n - 1) c_i / (n sum c).
 *
 * @param counts recommendations per catalogue row, whole numbers, zeros included
 */
export function gini(counts: ArrayLike<number>): number {
  const n = counts.length;
  let most = 0;
  let total = 0;
  for (let title = 0; title < n; title++) {
    most = Math.max(most, counts[title]!);
    total += counts[title]!;
  }
  if (total === 0) return Number.NaN;
  const titles = new Int32Array(most + 1);
  for (let title = 0; title < n; title++) titles[counts[title]!]!++;
  let below = 0;
  let weighted = 0;
  for (let count = 0; count <= most; count++) {
    // Of places i from below + 1 the sum of 2i - n - 1 over as many as have this count.
    const alike = titles[count]!;
    weighted += count * alike * (2 * below + alike - n);
    below += alike;
  }
  return weighted / (n * total);
}

/** Number of distinct genres among the titles of one slate, all genres of each title counted. */
export function genresOf(slate: ArrayLike<number>, genreMask: Uint32Array): number {
  let union = 0;
  for (let slot = 0; slot < slate.length; slot++) union |= genreMask[slate[slot]!]!;
  return bits(union);
}

/**
 * Mean Jaccard distance 1 - |A and B| / |A or B| of the genre sets over all pairs of a slate's titles: 0 when all have the
 * same genres, 1 when no two share one (Ziegler et al. 2005, the measure; genres instead of a taxonomy). Pairs with a title
 * without genres are left out; NaN when none is left.
 */
export function intraListDiversity(slate: ArrayLike<number>, genreMask: Uint32Array): number {
  let distances = 0;
  let pairs = 0;
  for (let slot = 0; slot < slate.length; slot++) {
    const own = genreMask[slate[slot]!]!;
    if (own === 0) continue;
    for (let other = 0; other < slot; other++) {
      const theirs = genreMask[slate[other]!]!;
      if (theirs === 0) continue;
      distances += 1 - bits(own & theirs) / bits(own | theirs);
      pairs++;
    }
  }
  return pairs === 0 ? Number.NaN : distances / pairs;
}

/** Mean rank by popularity of a slate's titles, 1 for the most popular: the larger, the further from the head. */
export function meanPopularityRank(slate: ArrayLike<number>, rankOf: Int32Array): number {
  let sum = 0;
  for (let slot = 0; slot < slate.length; slot++) sum += rankOf[slate[slot]!]!;
  return sum / slate.length;
}

function bits(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}
