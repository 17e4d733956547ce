import type { QuantileAggregates } from './aggregates.ts';
import { centre } from './centred.ts';
import { type ArmEstimate, computed, difference, type Effect, type Result, refused } from './effect.ts';
import { ratio } from './ratio.ts';

type QuantileArm = QuantileAggregates['arms'][number];

/**
 * A quantile of request values with requests clustered by unit: Var(q) = Var(F(q)) / f(q)^2, where F(q), the share of
 * requests at or under q, is a ratio of sums per unit (Deng, Knoblich and Lu 2018, section 4). Value and
 * density arrive in the display unit.
 */
export function quantile(arm: QuantileArm): Result<ArmEstimate> {
  if (!(arm.density > 0)) return refused('the density at the quantile cannot be estimated');
  const share = ratio(centre(arm.moments));
  if (!share.ok) return share;
  return computed({ value: arm.value, variance: share.value.variance / arm.density ** 2, n: arm.moments.n });
}

/** Difference of quantiles of two arms. */
export function compareQuantiles(treatment: QuantileArm, control: QuantileArm): Result<Effect> {
  const a = quantile(treatment);
  const b = quantile(control);
  if (!a.ok) return a;
  if (!b.ok) return b;
  return difference(a.value, b.value, 'quantile, clustered by unit');
}
