/** Draws rows with given weights in constant time (Walker 1977, Vose 1991). */
export interface AliasTable {
  readonly keep: Float64Array;
  readonly other: Int32Array;
}

/** @param weights at least one positive; they need not sum to 1. */
export function aliasTable(weights: ArrayLike<number>): AliasTable {
  const n = weights.length;
  let total = 0;
  for (let i = 0; i < n; i++) total += weights[i]!;
  if (!(total > 0)) throw new RangeError('an alias table needs a positive weight; all weights are 0');
  const scaled = Float64Array.from({ length: n }, (_, i) => (weights[i]! * n) / total);
  const keep = new Float64Array(n).fill(1);
  const other = Int32Array.from({ length: n }, (_, i) => i);
  const small: number[] = [];
  const large: number[] = [];
  for (let i = 0; i < n; i++) (scaled[i]! < 1 ? small : large).push(i);
  while (small.length > 0 && large.length > 0) {
    const low = small.pop()!;
    const high = large.pop()!;
    keep[low] = scaled[low]!;
    other[low] = high;
    scaled[high] = scaled[high]! - (1 - scaled[low]!);
    (scaled[high]! < 1 ? small : large).push(high);
  }
  return { keep, other };
}

/** @param u uniform in (0, 1): its integer part chooses the column, the rest the side. */
export function drawAlias(table: AliasTable, u: number): number {
  const scaled = u * table.keep.length;
  const column = Math.floor(scaled);
  return scaled - column < table.keep[column]! ? column : table.other[column]!;
}
