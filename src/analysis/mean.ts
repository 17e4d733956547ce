import type { Moments } from './aggregates.ts';
import {
  type ArmEstimate,
  computed,
  difference,
  type Effect,
  type Result,
  refused,
  residualSquares,
} from './effect.ts';

/**
 * Mean per unit and the variance of that mean, s^2 / n with s^2 = (sum y^2 - (sum y)^2 / n) / (n - 1). Spread too small
 * beside the mean for double-precision sums to resolve (a coefficient of variation under about 3e-8) counts as none.
 */
export function mean({ n, y, yy }: Moments): Result<ArmEstimate> {
  if (n < 2) return refused(`needs at least 2 units in each arm, has ${n}`);
  return computed({ value: y / n, variance: residualSquares(yy, (y * y) / n) / (n - 1) / n, n });
}

/** Difference of means, Welch's t test (Welch 1947): unequal variances, independent units, n large enough for the skew. */
export function compareMeans(treatment: Moments, control: Moments): Result<Effect> {
  const a = mean(treatment);
  const b = mean(control);
  if (!a.ok) return a;
  if (!b.ok) return b;
  return difference(a.value, b.value, 'Welch t');
}
