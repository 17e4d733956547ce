import { stirlingRest } from './log-gamma.ts';

/**
 * Logarithms of the regularised incomplete gamma and beta functions (DLMF 8.7, 8.9, 8.17; DiDonato and Morris,
 * "Algorithm 708", ACM TOMS 1992, equation 9), each from the side that is not near 1. Their leading powers are taken
 * through deviances (Loader, "Fast and accurate computation of binomial probabilities", 2000), so that large arguments do
 * not cancel.
 */
const TINY = 1e-300;
const PRECISION = 2 ** -53;
const MAX_TERMS = 1_000_000;
const LOG_TWO_PI = 1.8378770664093453;

/** A logarithm of the function (`kept`) or of one minus it. */
export interface Side {
  readonly log: number;
  readonly kept: boolean;
}

export function probabilityOf({ log, kept }: Side): number {
  return kept ? Math.exp(log) : -Math.expm1(log);
}

export function logOf({ log, kept }: Side): number {
  if (kept) return log;
  return log < -Math.LN2 ? Math.log1p(-Math.exp(log)) : Math.log(-Math.expm1(log));
}

/** b0 + a1 / (b1 + a2 / (b2 + ...)) by the modified Lentz method. */
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
    if (!(Math.abs(step - 1) >= PRECISION)) break;
  }
  return value;
}

/** m - a - a log(m / a), given m - a exactly enough. */
function deviance(a: number, m: number, apart: number): number {
  if (Math.abs(apart) >= a / 2) return apart - a * Math.log(m / a);
  const delta = apart / a;
  const r = delta / (2 + delta);
  const square = r * r;
  let power = r * square;
  let sum = 0;
  for (let k = 3; Math.abs(power) > PRECISION * Math.abs(r * delta); k += 2) {
    sum += power / k;
    power *= square;
  }
  return a * (r * delta - 2 * sum);
}

/** Q(a, x), the upper regularised incomplete gamma function, a > 0. */
export function upperGamma(a: number, x: number): Side {
  if (x <= 0) return { log: 0, kept: true };
  if (x === Number.POSITIVE_INFINITY) return { log: Number.NEGATIVE_INFINITY, kept: true };
  const scale = (Math.log(a) - LOG_TWO_PI) / 2 - deviance(a, x, x - a) - stirlingRest(a);
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let k = 1; k < MAX_TERMS && term > sum * PRECISION; k++) {
      term *= x / (a + k);
      sum += term;
    }
    return { log: scale + Math.log(sum), kept: false };
  }
  const fraction = continuedFraction(x + 1 - a, (k) => [k * (a - k), x + 2 * k + 1 - a]);
  return { log: scale - Math.log(fraction), kept: true };
}

/** I_x(a, b), the regularised incomplete beta function, a, b > 0; y is 1 - x, passed apart so that neither loses digits. */
export function lowerBeta(x: number, y: number, a: number, b: number): Side {
  if (x <= 0) return { log: Number.NEGATIVE_INFINITY, kept: true };
  if (y <= 0) return { log: 0, kept: true };
  const n = a + b;
  if (x > (a + 1) / (n + 2)) {
    const { log } = lowerBeta(y, x, b, a);
    return { log, kept: false };
  }
  const apart = x < y ? n * x - a : b - n * y;
  const scale =
    (Math.log(a) + Math.log(b / n) - LOG_TWO_PI) / 2 -
    deviance(a, n * x, apart) -
    deviance(b, n * y, -apart) +
    stirlingRest(n) -
    stirlingRest(a) -
    stirlingRest(b);
  const fraction = continuedFraction((a * (1 - apart)) / (a + 1), (k) => {
    const middle = a + 2 * k - 1;
    return [
      ((a + k - 1) / middle) * ((n + k - 1) / middle) * k * (b - k) * x * x,
      k + (k * (b - k) * x) / middle + ((a + k) / (middle + 2)) * (1 - apart + k * (1 + y)),
    ];
  });
  return { log: scale - Math.log(fraction), kept: true };
}
