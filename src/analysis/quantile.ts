import type { QuantileAggregates } from './aggregates.ts';
import { type ArmEstimate, computed, difference, type Effect, type Result, refused } from './effect.ts';
import { ratio } from './ratio.ts';

type QuantileArm = QuantileAggregates['arms'][number];

/**
 * A quantile of request values with requests clustered by unit: Var(q) = Var(F(q)) / f(q)^2, where F(q), the share of
 * requests at or under q, is a ratio of sums per unit (Deng, Knoblich and Lu 2018, section 4). `scale` turns the
 * field's unit into the display unit.
 */
export function quantile(arm: QuantileArm, scale: number): Result<ArmEstimate> {
  if (!(arm.density > 0)) return refused('the density at the quantile cannot be estimated');
  const share = ratio(arm.moments);
  if (!share.ok) return share;
  const spread = scale / arm.density;
  return computed({
    value: arm.value * scale,
    variance: share.value.variance * spread * spread,
    n: arm.moments.n,
  });
}

/** Difference of quantiles of two arms. */
export function compareQuantiles(
  treatment: QuantileArm,
  control: QuantileArm,
  scale: number,
): Result<Effect> {
  const a = quantile(treatment, scale);
  const b = quantile(control, scale);
  if (!a.ok) return a;
  if (!b.ok) return b;
  return difference(a.value, b.value, 'quantile, clustered by unit');
}
