import { computed, type Result, refused } from './effect.ts';

/**
 * The cap for winsorising: percentile q, 0 < q < 1, of the unit values of all arms together, so that no arm is cut
 * lower than another. It is the smallest value with at least q of the units at or under it: value number ceil(q n) of
 * the n sorted ones, as SQL's percentile_disc. Units at 0 count. Values in any unit; each arm's are given apart.
 */
export function pooledCap(arms: readonly ArrayLike<number>[], q: number): Result<number> {
  if (!(q > 0 && q < 1)) return refused(`a cap's percentile should lie between 0 and 1, not at ${q}`);
  const n = arms.reduce((sum, { length }) => sum + length, 0);
  if (n === 0) return refused('there are no values to cap');
  const sorted = new Float64Array(n);
  let filled = 0;
  for (const values of arms) {
    sorted.set(values, filled);
    filled += values.length;
  }
  sorted.sort();
  // NaN sorts last.
  if (!Number.isFinite(sorted[0]) || !Number.isFinite(sorted[n - 1]))
    return refused('a value is not a number');
  return computed(sorted[Math.max(1, Math.ceil(q * n)) - 1] as number);
}

/** Values with those above the cap set to it, and how many they were. A value equal to the cap is not one of them. */
export function winsorise(
  values: ArrayLike<number>,
  cap: number,
): { readonly values: Float64Array; readonly capped: number } {
  let capped = 0;
  const kept = Float64Array.from(values, (value) => {
    if (value > cap) capped += 1;
    return Math.min(value, cap);
  });
  return { values: kept, capped };
}
