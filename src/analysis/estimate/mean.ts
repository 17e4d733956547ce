import type { Centred } from '../centred.ts';
import { type ArmEstimate, computed, difference, type Effect, type Result, refused } from './effect.ts';

/**
 * Mean per unit and the variance of that mean, s^2 / n with s^2 = sum (y - ybar)^2 / (n - 1).
 */
export function mean({ n, mean: means, products }: Centred): Result<ArmEstimate> {
  if (n < 2) return refused(`needs at least 2 units in each arm, has ${n}`);
  return computed({ value: means[0] ?? 0, variance: (products[0]?.[0] ?? 0) / (n - 1) / n, n });
}

/** Difference of means, Welch's t test (Welch 1947): unequal variances, independent units, n large enough for the skew. */
export function compareMeans(treatment: Centred, control: Centred): Result<Effect> {
  const a = mean(treatment);
  const b = mean(control);
  if (!a.ok) return a;
  if (!b.ok) return b;
  return difference(a.value, b.value, 'Welch t');
}
