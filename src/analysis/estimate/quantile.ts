import type { QuantileAggregates } from '../aggregates.ts';
import { centre } from '../centred.ts';
import { type ArmEstimate, computed, difference, type Effect, type Result, refused } from './effect.ts';
import { ratio } from './ratio.ts';

/** A quantile and what its variance needs. */
export type QuantileArm = Omit<QuantileAggregates['arms'][number], 'variant'>;

/** A quantile is refused when its share lies closer than this many standard errors to 0 or to 1. */
const BOUNDED = 1.96;

/** Half the width of the window that the density is taken from, in standard errors of the share. */
const WINDOW = 1.25;

/**
 * Half the width, as a share of the rows, of the window that a density is taken from where the clustered standard error
 * is not known yet: 1.5 binomial ones, kept within [0, 1] around q. Coverage as of `quantileFrom`, within 93.6 to 96.9 %
 * (Monte Carlo error 0.4 to 0.7), also with 8 dependent rows a unit.
 */
export function densityWindow(q: number, rows: number): number {
  return Math.min(q, 1 - q, 1.5 * Math.sqrt((q * (1 - q)) / rows));
}

/** Why a sample with this share at or under the quantile does not bound it. */
function unbounded(share: number, variance: number): string | undefined {
  const reach = BOUNDED * Math.sqrt(variance);
  if (reach === 0) return 'no unit differs from another in its share of values under the quantile';
  if (share - reach <= 0) return 'too few values lie below the quantile to bound it';
  return share + reach >= 1 ? 'too few values lie above the quantile to bound it' : undefined;
}

/**
 * A quantile of request values with requests clustered by unit: Var(q) = Var(F(q)) / f(q)^2, where F(q), the share of
 * requests at or under q, is a ratio of sums per unit (Deng, Knoblich and Lu 2018, section 4). Value and
 * density arrive in the display unit. Refused where the share lies within 1.96 standard errors of 0 or 1.
 */
export function quantile(arm: QuantileArm): Result<ArmEstimate> {
  if (!(arm.density > 0)) return refused('the density at the quantile cannot be estimated');
  const share = ratio(centre(arm.moments));
  if (!share.ok) return share;
  const reason = unbounded(share.value.value, share.value.variance);
  if (reason) return refused(reason);
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

/** How many of the sorted values are at or under a limit. */
function countUpTo(sorted: Float64Array, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Units' counts of rows and of rows at or under the quantile, as sums about 0. */
function momentsOf(
  values: ArrayLike<number>,
  value: number,
  clusters: ArrayLike<number | string> | undefined,
): QuantileArm['moments'] {
  const units = new Map<number | string, [number, number]>();
  for (let row = 0; row < values.length; row++) {
    const unit = clusters?.[row] ?? row;
    const counts = units.get(unit) ?? [0, 0];
    if ((values[row] as number) <= value) counts[0] += 1;
    counts[1] += 1;
    units.set(unit, counts);
  }
  const sums = { n: units.size, y: 0, yy: 0, x: 0, xx: 0, xy: 0 };
  for (const [y, x] of units.values()) {
    sums.y += y;
    sums.yy += y * y;
    sums.x += x;
    sums.xx += x * x;
    sums.xy += x * y;
  }
  return sums;
}

/**
 * Quantile q, 0 < q < 1, of raw values, and what `quantile` and `compareQuantiles` need for its variance. `clusters`
 * names the unit of each row where a unit has several; without it every row is a unit. The value is the smallest one
 * with at least q of the rows at or under it (SQL's percentile_disc).
 *
 * The density is the share of rows between the quantiles q - d and q + d over their distance, with d 1.25 standard
 * errors of F(q), clustered: the outer interval of Deng, Knoblich and Lu (2018, section 4), narrower. On log-normal values
 * the 95 % interval of a difference held the truth in 94.4 to 95.9 % of 3,000 runs (Monte Carlo error 0.4) at p50, p90,
 * p95 and p99, with one row a unit and with 8 dependent ones, from 100 units and 15 rows beyond the quantile. d = 1.96 standard
 * errors was too wide in the tail (up to 98.6 %), d = n^(-1/3) min(q, 1 - q) too narrow (88 to 89 % at p99 of 1,000 units).
 * Where many rows share a value, d doubles until the quantile lies strictly between both ends.
 *
 * Refused: q within 1.96 standard errors of 0 or 1, since the sample then does not bound the quantile (about
 * n (1 - q) <= 4 rows beyond it); values that are not finite.
 */
export function quantileFrom(
  values: ArrayLike<number>,
  q: number,
  clusters?: ArrayLike<number | string>,
): Result<QuantileArm> {
  const n = values.length;
  if (!(q > 0 && q < 1)) return refused(`a quantile should lie between 0 and 1, not at ${q}`);
  if (n < 2) return refused(`needs at least 2 values in each arm, has ${n}`);
  if (clusters && clusters.length !== n) return refused('there should be one cluster for each value');
  const sorted = Float64Array.from(values).sort();
  // NaN sorts last.
  if (!Number.isFinite(sorted[0]) || !Number.isFinite(sorted[n - 1]))
    return refused('a value is not a number');
  const at = (share: number) => sorted[Math.max(1, Math.ceil(share * n)) - 1] as number;
  const value = at(q);
  const moments = momentsOf(values, value, clusters);
  const share = ratio(centre(moments));
  if (!share.ok) return share;
  const reason = unbounded(q, share.value.variance);
  if (reason) return refused(reason);
  const deviation = Math.sqrt(share.value.variance);
  for (let d = WINDOW * deviation; ; d *= 2) {
    const [below, above] = [at(Math.max(0, q - d)), at(Math.min(1, q + d))];
    if (below < value && value < above) {
      const between = countUpTo(sorted, above) - countUpTo(sorted, below);
      return computed({ value, moments, density: between / n / (above - below) });
    }
    if (q - d <= 0 && q + d >= 1) return refused('too many values are equal to the quantile');
  }
}
