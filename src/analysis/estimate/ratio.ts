import type { Centred } from '../centred.ts';
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
 * Ratio of sums R = sum y / sum x and its delta-method variance, clustered by unit:
 * sum (y - R x)^2 / ((n - 1) n xbar^2), which is (Var y - 2 R Cov(x, y) + R^2 Var x) / (n xbar^2).
 * Deng, Knoblich and Lu, "Applying the delta method in metric analytics" (KDD 2018).
 */
export function ratio({ n, mean, products }: Centred): Result<ArmEstimate> {
  if (n < 2) return refused(`needs at least 2 units in each arm, has ${n}`);
  const [y = 0, x = 0] = mean;
  if (!(x > 0)) return refused('an arm has nothing in the denominator');
  const value = y / x;
  const [[yy = 0, xy = 0] = [], [, xx = 0] = []] = products;
  const squares = residualSquares(yy + value * value * xx, 2 * value * xy);
  return computed({ value, variance: squares / (n - 1) / n / (x * x), n });
}

/** Difference of ratios of sums; units are independent, events within a unit need not be. */
export function compareRatios(treatment: Centred, control: Centred): Result<Effect> {
  const a = ratio(treatment);
  const b = ratio(control);
  if (!a.ok) return a;
  if (!b.ok) return b;
  return difference(a.value, b.value, 'delta method, clustered by unit');
}
