import jstat from 'jstat';

/**
 * Tail probabilities with full relative accuracy, and their inverses. jStat forms tails as 1 - cdf, which is exactly 0
 * at z = 10, so it only supplies the starting value of the quantile search.
 *
 * Incomplete gamma and beta functions: DLMF 8.7, 8.9 and 8.17 (series and continued fractions, evaluated by the
 * modified Lentz method); log gamma by Stirling's series (DLMF 5.11.1).
 */
const TINY = 1e-300;
const PRECISION = 2 ** -53;
const MAX_TERMS = 20_000;
const HALF_LOG_TWO_PI = 0.9189385332046728;

/** What Stirling's leading terms miss: log gamma(x) - ((x - 1/2) log x - x + log(2 pi) / 2), for x >= 10. */
function stirlingRest(x: number): number {
  const s = 1 / (x * x);
  return (
    (1 / 12 -
      s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - s * (691 / 360360 - s / 156)))))) /
    x
  );
}

/** log gamma(x), x > 0. */
export function logGamma(x: number): number {
  let product = 1;
  let shifted = x;
  while (shifted < 10) {
    product *= shifted;
    shifted += 1;
  }
  return (
    (shifted - 0.5) * Math.log(shifted) -
    shifted +
    HALF_LOG_TWO_PI +
    stirlingRest(shifted) -
    Math.log(product)
  );
}

/** log B(a, b), a, b > 0; the large arguments cancel analytically, so no digits are lost to them. */
export function logBeta(a: number, b: number): number {
  const large = Math.max(a, b);
  const small = Math.min(a, b);
  if (large < 10) return logGamma(a) + logGamma(b) - logGamma(a + b);
  const growth =
    (large - 0.5) * Math.log1p(small / large) +
    small * Math.log(large + small) -
    small +
    stirlingRest(large + small) -
    stirlingRest(large);
  return logGamma(small) - growth;
}

/** Continued fraction b0 + a1 / (b1 + a2 / (b2 + ...)) by the modified Lentz method. */
function continuedFraction(first: number, term: (index: number) => readonly [number, number]): number {
  let value = first || TINY;
  let c = value;
  let d = 0;
  for (let index = 1; index < MAX_TERMS; index++) {
    const [a, b] = term(index);
    d = 1 / (b + a * d || TINY);
    c = b + a / c || TINY;
    const step = c * d;
    value *= step;
    if (Math.abs(step - 1) < PRECISION) break;
  }
  return value;
}

/** Upper regularised incomplete gamma Q(a, x), a > 0, x >= 0. */
export function gammaTail(a: number, x: number): number {
  if (x <= 0) return 1;
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let k = 1; k < MAX_TERMS && term > sum * PRECISION; k++) {
      term *= x / (a + k);
      sum += term;
    }
    return 1 - sum * scale;
  }
  return scale / continuedFraction(x + 1 - a, (k) => [k * (a - k), x + 2 * k + 1 - a]);
}

/** Regularised incomplete beta I_x(a, b), a, b > 0; y is 1 - x, passed apart so that neither loses digits. */
export function betaProbability(x: number, y: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - betaProbability(y, x, b, a);
  const logX = y < 0.5 ? Math.log1p(-y) : Math.log(x);
  const logY = x < 0.5 ? Math.log1p(-x) : Math.log(y);
  const scale = Math.exp(a * logX + b * logY - logBeta(a, b)) / a;
  const fraction = continuedFraction(1, (index) => {
    const m = index >> 1;
    const at = a + 2 * m;
    return index % 2 === 0
      ? [(m * (b - m) * x) / ((at - 1) * at), 1]
      : [(-(a + m) * (a + b + m) * x) / (at * (at + 1)), 1];
  });
  return scale / fraction;
}

/** P(Z > z) for a standard normal Z. */
export function normalTail(z: number): number {
  const tail = gammaTail(0.5, (z * z) / 2) / 2;
  return z < 0 ? 1 - tail : tail;
}

/** P(T > t) for Student's t with df > 0 degrees of freedom; df may be fractional, or Infinity for the normal. */
export function studentTail(t: number, df: number): number {
  if (df === Number.POSITIVE_INFINITY) return normalTail(t);
  const square = t * t;
  // 1 - x has too few digits left here for the fraction; Wallace's transformation (1959) is off by parts in df^2 only.
  if (df > 1e7)
    return normalTail(Math.sign(t) * Math.sqrt(df * Math.log1p(square / df)) * (1 - 2 / (8 * df + 3)));
  const tail = betaProbability(df / (df + square), square / (df + square), df / 2, 0.5) / 2;
  return t < 0 ? 1 - tail : tail;
}

/** P(X > x) for chi-square with df > 0 degrees of freedom. */
export function chiSquareTail(x: number, df: number): number {
  return gammaTail(df / 2, x / 2);
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
