import jstat from 'jstat';
import { lowerBeta, probabilityOf, upperGamma } from './incomplete.ts';
import { logBeta, logGamma } from './log-gamma.ts';
import { normalTail } from './normal-tail.ts';

export { logBeta, logGamma } from './log-gamma.ts';
export { normalTail } from './normal-tail.ts';

/**
 * Tail probabilities with full relative accuracy, and their inverses; their logarithms are in log-tails.ts. jStat forms
 * tails as 1 - cdf, which is exactly 0 at z = 10, so it only supplies the starting value of the quantile search.
 */
const HALF_LOG_TWO_PI = 0.9189385332046728;

/** Upper regularised incomplete gamma Q(a, x), a > 0, x >= 0. */
export function gammaTail(a: number, x: number): number {
  return probabilityOf(upperGamma(a, x));
}

/** Regularised incomplete beta I_x(a, b), a, b > 0; y is 1 - x, passed apart so that neither loses digits. */
export function betaProbability(x: number, y: number, a: number, b: number): number {
  return probabilityOf(lowerBeta(x, y, a, b));
}

/** P(T > t) for Student's t with df > 0 degrees of freedom; df may be fractional, or Infinity for the normal. */
export function studentTail(t: number, df: number): number {
  if (Number.isNaN(df)) return Number.NaN;
  if (df === Number.POSITIVE_INFINITY) return normalTail(t);
  const square = t * t;
  const tail = betaProbability(df / (df + square), square / (df + square), df / 2, 0.5) / 2;
  return t < 0 ? 1 - tail : tail;
}

/** P(X > x) for chi-square with df > 0 degrees of freedom. */
export function chiSquareTail(x: number, df: number): number {
  return gammaTail(df / 2, x / 2);
}

/** P(F > f) for Fisher's F with d1 and d2 > 0 degrees of freedom; d2 may be Infinity. */
export function fTail(f: number, d1: number, d2: number): number {
  if (d2 === Number.POSITIVE_INFINITY) return chiSquareTail(d1 * f, d1);
  if (f <= 0) return 1;
  return betaProbability(d2 / (d2 + d1 * f), f / (d2 / d1 + f), d2 / 2, d1 / 2);
}

/** P(X > x) for X beta-distributed with a, b > 0. */
export function betaTail(x: number, a: number, b: number): number {
  return betaProbability(1 - x, x, b, a);
}

/** P(X >= k) for X binomial of n trials with success probability p. */
export function binomialTail(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  if (k > n) return 0;
  return betaProbability(p, 1 - p, k, n - k + 1);
}

/** Where a falling survival function on [0, infinity) equals p: Newton on its logarithm, kept inside a bracket. */
function invertTail(
  survival: (x: number) => number,
  density: (x: number) => number,
  p: number,
  start: number,
): number {
  let low = 0;
  let high = Math.max(1, 2 * start);
  while (survival(high) > p) {
    low = high;
    high *= 2;
  }
  let x = start > low && start < high ? start : (low + high) / 2;
  for (let step = 0; step < 200; step++) {
    const tail = survival(x);
    if (tail > p) low = x;
    else high = x;
    const newton = x + (Math.log(tail / p) * tail) / density(x);
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - x) <= 4e-16 * Math.abs(next)) return next;
    x = next;
  }
  return x;
}

/** z with P(Z > z) = p, 0 < p < 1. */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p === 0.5) return 0;
  const guess = -jstat.jStat.normal.inv(p, 0, 1);
  const start = Number.isFinite(guess) && guess > 0 ? guess : Math.sqrt(-2 * Math.log(p));
  return invertTail(normalTail, (z) => Math.exp((-z * z) / 2 - HALF_LOG_TWO_PI), p, start);
}

/** t with P(T > t) = p, 0 < p < 1, for Student's t with df degrees of freedom. */
export function studentQuantile(p: number, df: number): number {
  if (Number.isNaN(df)) return Number.NaN;
  if (df === Number.POSITIVE_INFINITY) return normalQuantile(p);
  if (p > 0.5) return -studentQuantile(1 - p, df);
  if (p === 0.5) return 0;
  const z = normalQuantile(p);
  const norm = -logBeta(df / 2, 0.5) - Math.log(df) / 2;
  const density = (t: number) => Math.exp(norm - ((df + 1) / 2) * Math.log1p((t * t) / df));
  // First term of the Cornish-Fisher expansion (Abramowitz and Stegun 26.7.5).
  return invertTail((t) => studentTail(t, df), density, p, z + (z ** 3 + z) / (4 * df));
}

/** x with P(X > x) = p, 0 < p < 1, for chi-square with df degrees of freedom. */
export function chiSquareQuantile(p: number, df: number): number {
  const density = (x: number) =>
    Math.exp((df / 2 - 1) * Math.log(x) - x / 2 - (df / 2) * Math.LN2 - logGamma(df / 2));
  return invertTail((x) => chiSquareTail(x, df), density, p, df);
}

/** x with I_x(a, b) = p, 0 < p < 1, by bisection on (0, 1): for exact binomial limits. */
export function betaQuantile(p: number, a: number, b: number): number {
  let low = 0;
  let high = 1;
  for (let step = 0; step < 1100; step++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (betaProbability(middle, 1 - middle, a, b) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
