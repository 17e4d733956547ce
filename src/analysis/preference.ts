import { betaQuantile, binomialTail, normalTail, studentQuantile, studentTail } from './distributions.ts';
import { computed, type Result, refused, residualSquares } from './effect.ts';

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
