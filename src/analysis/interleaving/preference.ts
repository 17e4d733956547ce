import { computed, type Result, refused, residualSquares } from '../estimate/effect.ts';
import {
  betaQuantile,
  binomialTail,
  normalTail,
  studentQuantile,
  studentTail,
} from '../numbers/distributions.ts';
import { drawMultinomial, type Uniform } from '../numbers/resample.ts';

export interface Preference {
  /** Share of deciding units that preferred the second, minus one half. */
  readonly estimate: number;
  readonly standardError: number;
  /** Clopper-Pearson, minus one half: it excludes 0 exactly when p <= alpha. */
  readonly interval: readonly [number, number];
  /** Two-sided exact sign test, twice the smaller tail. */
  readonly p: number;
  /** The normal approximation of the same test, without continuity correction. */
  readonly pNormal: number;
}

/**
 * Sign test over units that preferred one ranker (ties leave): one unit, one vote, so that heavy users do not decide.
 * Exact limits: Clopper and Pearson 1934. Team-draft credit: Radlinski, Kurup and Joachims 2008.
 */
export function preference(firstWins: number, secondWins: number, alpha: number): Result<Preference> {
  const n = firstWins + secondWins;
  if (n === 0) return refused('no unit preferred either ranker');
  const share = secondWins / n;
  const tail = binomialTail(Math.max(firstWins, secondWins), n, 0.5);
  return computed({
    estimate: share - 0.5,
    // Under the null, because the plug-in one vanishes when all units agree.
    standardError: 0.5 / Math.sqrt(n),
    interval: [
      (secondWins === 0 ? 0 : betaQuantile(alpha / 2, secondWins, firstWins + 1)) - 0.5,
      (firstWins === 0 ? 1 : betaQuantile(1 - alpha / 2, secondWins + 1, firstWins)) - 0.5,
    ],
    p: Math.min(1, 2 * tail),
    pNormal: 2 * normalTail(Math.abs(secondWins - firstWins) / Math.sqrt(n)),
  });
}

export interface CreditDifference {
  /** Mean over units of credit of the second minus credit of the first. */
  readonly estimate: number;
  readonly standardError: number;
  readonly interval: readonly [number, number];
  readonly statistic: number;
  readonly df: number;
  readonly p: number;
}

/** One-sample t test of the per-unit credit difference: n units, sum d and sum of squares dd. */
export function creditDifference(n: number, d: number, dd: number, alpha: number): Result<CreditDifference> {
  if (n < 2) return refused(`needs at least 2 units, has ${n}`);
  const variance = residualSquares(dd, (d * d) / n) / (n - 1) / n;
  if (!(variance > 0)) return refused('the credit difference is the same for every unit');
  const estimate = d / n;
  const standardError = Math.sqrt(variance);
  const half = studentQuantile(alpha / 2, n - 1) * standardError;
  const statistic = estimate / standardError;
  return computed({
    estimate,
    standardError,
    interval: [estimate - half, estimate + half],
    statistic,
    df: n - 1,
    p: 2 * studentTail(Math.abs(statistic), n - 1),
  });
}

/** One figure of the bootstrap: percentile limits are the 1 - alpha equal-tailed ones. */
export interface Bootstrapped {
  readonly estimate: number;
  /** Standard deviation over the resamples. */
  readonly standardError: number;
  readonly interval: readonly [number, number];
}

export interface PreferenceBootstrap {
  /** Mean over units of credit of the second minus credit of the first. */
  readonly creditDifference: Result<Bootstrapped>;
  /** Share of deciding units that preferred the second, minus one half. */
  readonly preference: Result<Bootstrapped>;
  readonly resamples: number;
}

/** Linear interpolation between order statistics (definition 7 of Hyndman and Fan 1996). */
function percentile(sorted: ArrayLike<number>, p: number): number {
  const at = p * (sorted.length - 1);
  const low = Math.floor(at);
  const from = sorted[low] ?? 0;
  return from + (at - low) * ((sorted[low + 1] ?? from) - from);
}

function bootstrapped(estimate: number, values: number[], alpha: number): Bootstrapped {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const sorted = Float64Array.from(values).sort();
  return {
    estimate,
    standardError: Math.sqrt(squares / (values.length - 1)),
    interval: [percentile(sorted, alpha / 2), percentile(sorted, 1 - alpha / 2)],
  };
}

/**
 * Bootstrap over units (Efron 1979) from the histogram of their credit differences (second minus first): a resample of
 * all units with replacement is one multinomial draw of the histogram's cells, so a million units cost as little as a
 * hundred. Percentile intervals. Units are independent, impressions of one unit need not be. The same generator state
 * gives the same answer. A resample in which no unit decides has no preference and is left out of that figure.
 */
export function preferenceBootstrap(
  histogram: readonly { readonly difference: number; readonly units: number }[],
  random: Uniform,
  { resamples = 2000, alpha = 0.05 }: { readonly resamples?: number; readonly alpha?: number } = {},
): Result<PreferenceBootstrap> {
  if (!(Number.isInteger(resamples) && resamples >= 2)) return refused('needs at least 2 resamples');
  const cells = histogram.filter(({ units }) => units > 0);
  const counts = cells.map(({ units }) => units);
  const n = counts.reduce((sum, units) => sum + units, 0);
  if (n < 2) return refused(`needs at least 2 units, has ${n}`);
  const figures = (drawn: readonly number[]) => {
    let [total, first, second] = [0, 0, 0];
    for (const [cell, { difference }] of cells.entries()) {
      const units = drawn[cell] ?? 0;
      total += units * difference;
      if (difference > 0) second += units;
      else if (difference < 0) first += units;
    }
    return { mean: total / n, decided: first + second, preference: second / (first + second) - 0.5 };
  };
  const observed = figures(counts);
  const draws = Array.from({ length: resamples }, () => figures(drawMultinomial(counts, random)));
  const preferences = draws.filter(({ decided }) => decided > 0).map(({ preference }) => preference);
  const share = observed.preference;
  return computed({
    creditDifference:
      cells.length < 2
        ? refused('the credit difference is the same for every unit')
        : computed(
            bootstrapped(
              observed.mean,
              draws.map(({ mean }) => mean),
              alpha,
            ),
          ),
    preference:
      observed.decided === 0
        ? refused('no unit preferred either ranker')
        : Math.abs(share) === 0.5
          ? refused(
              'all deciding units agree, so resampling them shows no uncertainty: see the exact interval',
            )
          : computed(bootstrapped(share, preferences, alpha)),
    resamples,
  });
}
