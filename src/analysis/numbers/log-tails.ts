import { logOf, lowerBeta, type Side, upperGamma } from './incomplete.ts';

/**
 * Natural logarithms of survival functions, where the probability itself would underflow (z beyond 38) or round to 1.
 * Divided by log 10 they are the log10 p of a report. Right to a relative 1e-12 of the logarithm, and
 * so of the probability wherever that is a double (measured against 40 digits in test/cases/log-tails.json).
 */

/** log of half of a two-sided tail, or of one minus that half for a negative statistic. */
function half(twoSided: Side, statistic: number): number {
  const log = logOf(twoSided) - Math.LN2;
  return statistic < 0 ? Math.log1p(-Math.exp(log)) : log;
}

/** log P(Z > z) for a standard normal Z. */
export function logNormalTail(z: number): number {
  return half(upperGamma(0.5, (z * z) / 2), z);
}

/** log P(T > t) for Student's t with df > 0 degrees of freedom; df may be fractional, or Infinity for the normal. */
export function logStudentTail(t: number, df: number): number {
  if (df === Number.POSITIVE_INFINITY) return logNormalTail(t);
  const square = t * t;
  return half(lowerBeta(df / (df + square), square / (df + square), df / 2, 0.5), t);
}

/** log P(X > x) for chi-square with df > 0 degrees of freedom. */
export function logChiSquareTail(x: number, df: number): number {
  return logOf(upperGamma(df / 2, x / 2));
}

/** log P(F > f) for Fisher's F with d1 and d2 > 0 degrees of freedom; d2 may be Infinity. */
export function logFTail(f: number, d1: number, d2: number): number {
  if (d2 === Number.POSITIVE_INFINITY) return logChiSquareTail(d1 * f, d1);
  if (f <= 0) return 0;
  return logOf(lowerBeta(d2 / (d2 + d1 * f), f / (d2 / d1 + f), d2 / 2, d1 / 2));
}

/** log P(X > x) for X beta-distributed with a, b > 0. */
export function logBetaTail(x: number, a: number, b: number): number {
  return logOf(lowerBeta(1 - x, x, b, a));
}
