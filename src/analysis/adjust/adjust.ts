import type { Centred } from '../centred.ts';
import { type ArmEstimate, computed, type Result, refused } from '../estimate/effect.ts';
import { mean } from '../estimate/mean.ts';
import { ratio } from '../estimate/ratio.ts';
import { slopes } from './slopes.ts';
import { pool, usableStrata } from './strata.ts';

export type MomentKind = 'mean' | 'proportion' | 'ratio';

/** `df`: Satterthwaite's over the strata; n - 1 without strata. */
export interface AdjustedArm extends ArmEstimate {
  readonly df: number;
}

/** What covariates and strata were used for, and what they gained. */
export interface Adjustment {
  /** Covariates kept, in the order of `theta`. */
  readonly covariates: readonly string[];
  readonly dropped: readonly { readonly covariate: string; readonly reason: string }[];
  readonly theta: readonly number[];
  /** Strata the estimates are weighted over, and how many of the given ones were merged into one of them. */
  readonly strata: number;
  readonly merged: number;
  /** 1 - variance after / variance before of the difference of arms t and c (indices): 0.4 is 40 % less. */
  reduction(t: number, c: number): number;
}

export interface Adjusted {
  readonly arms: readonly AdjustedArm[];
  /** Absent when there was neither a covariate nor more than one stratum. */
  readonly adjustment?: Adjustment;
}

/** The plain estimate. A proportion's variance is p (1 - p) / n, as in proportion.ts: sum of squares over n, not n - 1. */
function unadjusted(kind: MomentKind, arm: Centred): Result<ArmEstimate> {
  if (kind === 'ratio') return ratio(arm);
  const plain = mean(arm);
  if (kind === 'mean' || !plain.ok) return plain;
  return computed({ ...plain.value, variance: (arm.products[0]?.[0] ?? 0) / arm.n / arm.n });
}

/** e'Pe, the sum of squares of the units' combination e of their columns; within rounding of nothing it is 0. */
function combinedSquares(products: readonly (readonly number[])[], e: readonly number[]): number {
  let total = 0;
  let size = 0;
  // Columns that take no part may hold anything.
  const parts = [...e.entries()].filter(([, part]) => part !== 0);
  for (const [i, a] of parts) {
    for (const [j, b] of parts) {
      const term = a * b * (products[i]?.[j] ?? 0);
      total += term;
      size = Math.max(size, Math.abs(term));
    }
  }
  if (!Number.isFinite(size)) return Number.NaN;
  return total <= size * 2 ** -48 ? 0 : total;
}

/** Sum of b over its strata, weighted. */
const weighted = (weights: readonly number[], b: (s: number) => number) =>
  weights.reduce((sum, w, s) => sum + w * b(s), 0);

/**
 * Arm estimates adjusted by covariates measured before exposure and by strata, for means, proportions and ratios alike.
 *
 * `strata[s][a]` is arm a in stratum s (one stratum: not stratified), all with the same columns; every arm needs units.
 * A unit's value is y for means and proportions, and (y - R_a x) / xbar_a for ratios: the delta method's linearisation
 * (Deng, Knoblich and Lu 2018, section 3), whose mean over an arm is the ratio's error. With w_s the share of stratum s
 * among the units of all arms,
 *
 *   theta      = S^-1 c: S and c pooled over every arm and stratum, centred within each (as lm(y ~ stratum * arm + z))
 *   estimate_a = sum_s w_s (ybar_sa - theta' (zbar_sa - zbar_s)), zbar_s over all arms
 *                (ratios: sum_s w_s ybar_sa / sum_s w_s xbar_sa, less the same term)
 *   variance_a = sum_s w_s^2 s^2_sa / n_sa, s^2_sa = Var(y) - 2 theta' Cov(z, y) + theta' Var(z) theta within arm and stratum
 *
 * CUPED: Deng, Xu, Kohavi and Walker (WSDM 2013), section 3.2. Post-stratification: Miratrix, Sekhon and Yu
 * (JRSS B 2013); the variance is conditional on the units per arm and stratum. theta is common to the arms, so the
 * difference of two arms stays unbiased to order 1 / n whatever the covariates explain. theta counts as known in the
 * variance: its own share is about 2 k / (n - k) of it for k covariates, so each needs 20 degrees of freedom (there the
 * test at 5 % rejects 6.2 % of A/A tests on normal values, at 40 5.4 %, at 200 5.3 %; Monte Carlo error 0.3).
 * Strata repair a comparison whose allocation changed between phases (Simpson's paradox), covariates do not.
 *
 * One stratum without covariates gives `mean`, `ratio` or `proportion` as they are. A proportion's sums of squares are
 * divided by n there, so that nothing changes; within several strata by n - 1, since 1 / n of a small stratum counts.
 */
export function estimateArms(
  kind: MomentKind,
  strata: readonly (readonly Centred[])[],
  options: { readonly covariates?: readonly string[] } = {},
): Result<Adjusted> {
  const count = strata[0]?.length ?? 0;
  const filled = strata.flat().filter(({ n }) => n > 0);
  const width = Math.max(0, (filled[0]?.mean.length ?? 0) - 2);
  if (filled.some(({ mean: { length } }) => length !== width + 2)) {
    return refused('the arms differ in their covariates');
  }
  const whole = Array.from({ length: count }, (_, a) => pool(strata.flatMap((arms) => arms[a] ?? [])));
  const plain: ArmEstimate[] = [];
  for (const arm of whole) {
    const estimate = unadjusted(kind, arm);
    if (!estimate.ok) return estimate;
    plain.push(estimate.value);
  }
  const asGiven = plain.map((arm) => ({ ...arm, df: arm.n - 1 }));
  if (strata.length < 2 && width < 1) return computed({ arms: asGiven });

  const { strata: used, merged } = usableStrata(strata);
  const names = Array.from({ length: width }, (_, i) => options.covariates?.[i] ?? `covariate ${i + 1}`);
  const units = used.map((arms) => arms.reduce((sum, { n }) => sum + n, 0));
  const all = units.reduce((sum, n) => sum + n, 0);
  const shares = units.map((n) => n / all);

  /** What one unit's columns contribute to its arm's error, before covariates: [1, 0] or [1, -R] / xbar. */
  const values: number[] = [];
  const residuals: (readonly [number, number])[] = [];
  for (let a = 0; a < count; a++) {
    const y = weighted(shares, (s) => used[s]?.[a]?.mean[0] ?? 0);
    if (kind !== 'ratio') {
      values.push(y);
      residuals.push([1, 0]);
      continue;
    }
    const x = weighted(shares, (s) => used[s]?.[a]?.mean[1] ?? 0);
    if (!(x > 0)) return refused('an arm has nothing in the denominator');
    values.push(y / x);
    residuals.push([1 / x, -y / x / x]);
  }

  const pooled = (i: number, j: number) =>
    used.reduce((sum, arms) => arms.reduce((part, arm) => part + (arm.products[i]?.[j] ?? 0), sum), 0);
  const squares = names.map((_, i) => names.map((_, j) => pooled(i + 2, j + 2)));
  const withValue = names.map((_, i) =>
    used.reduce(
      (sum, arms) =>
        arms.reduce((part, { products }, a) => {
          const [ofY, ofX] = residuals[a] ?? [1, 0];
          return part + ofY * (products[i + 2]?.[0] ?? 0) + ofX * (products[i + 2]?.[1] ?? 0);
        }, sum),
      0,
    ),
  );
  const { kept, theta, dropped } = slopes(squares, withValue, all - count * used.length, names);
  const centres = used.map((arms) => pool(arms).mean);

  const arms = values.map((value, a): AdjustedArm => {
    const e = [...(residuals[a] ?? [1, 0]), ...names.map((_, i) => -(theta[kept.indexOf(i)] ?? 0))];
    const variances = used.map((stratum, s) => {
      const { n, products } = stratum[a] as Centred;
      const divisor = kind === 'proportion' && used.length === 1 ? n : n - 1;
      return ((shares[s] ?? 0) ** 2 * combinedSquares(products, e)) / divisor / n;
    });
    const imbalance = weighted(shares, (s) =>
      kept.reduce((sum, i, r) => {
        const own = used[s]?.[a]?.mean[i + 2] ?? 0;
        return sum + (theta[r] ?? 0) * (own - (centres[s]?.[i + 2] ?? 0));
      }, 0),
    );
    const variance = variances.reduce((sum, v) => sum + v, 0);
    // As shares of the variance, whose squares neither overflow nor vanish in any unit.
    const spent = variances.reduce(
      (sum, v, s) => sum + (v / variance) ** 2 / ((used[s]?.[a]?.n ?? 2) - 1),
      0,
    );
    const n = whole[a]?.n ?? 0;
    return { value: value - imbalance, variance, n, df: spent > 0 ? 1 / spent : n - 1 };
  });
  if (!arms.every(({ value, variance }) => Number.isFinite(value) && Number.isFinite(variance))) {
    return refused('the sums are too large or too small to compute with');
  }
  const variance = (of: readonly ArmEstimate[], t: number, c: number) =>
    (of[t]?.variance ?? 0) + (of[c]?.variance ?? 0);
  return computed({
    arms: used.length === 1 && kept.length === 0 ? asGiven : arms,
    adjustment: {
      covariates: kept.map((i) => names[i] ?? ''),
      dropped: dropped.map(({ index, reason }) => ({ covariate: names[index] ?? '', reason })),
      theta,
      strata: used.length,
      merged,
      reduction: (t, c) => {
        const before = variance(plain, t, c);
        return before > 0 ? 1 - variance(arms, t, c) / before : 0;
      },
    },
  });
}
