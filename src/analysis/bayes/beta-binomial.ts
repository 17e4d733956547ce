import { computed, type Result, refused } from '../estimate/effect.ts';
import type { Count } from '../estimate/proportion.ts';
import { betaProbability, logBeta, normalQuantile } from '../numbers/distributions.ts';
import { logOf, lowerBeta } from '../numbers/incomplete.ts';
import { logConcaveIntegral, tanhSinh } from '../numbers/quadrature.ts';

export interface BetaPrior {
  /** Prior successes and failures, > 0; 1 and 1 is uniform, 1/2 and 1/2 is Jeffreys'. */
  readonly a: number;
  readonly b: number;
}

/** What a prior's a and b may be; beyond it the integrals have no digits left, and nobody believes so much. */
const LEAST_PRIOR = 1e-3;
const MOST_PRIOR = 1e9;

export interface BetaBinomial {
  /** Posterior means of the shares. */
  readonly shares: { readonly treatment: number; readonly control: number };
  /** Posterior mean of treatment - control, and its equal-tailed interval. */
  readonly difference: number;
  readonly interval: readonly [number, number];
  /** P(the treatment's share is better). */
  readonly chanceToWin: number;
  /** Expected loss of choosing one where the other is better, in points of the share (fractions of 1). */
  readonly expectedLoss: { readonly treatment: number; readonly control: number };
}

interface Beta {
  readonly a: number;
  readonly b: number;
}

const mean = ({ a, b }: Beta) => a / (a + b);
const deviation = ({ a, b }: Beta) => Math.sqrt((a * b) / (a + b + 1)) / (a + b);
const centre = ({ a, b }: Beta) => Math.log(a / b);
const width = ({ a, b }: Beta) => Math.min(1, Math.sqrt(1 / a + 1 / b));

/** The share at log odds u and its complement, each with all its digits. */
function odds(u: number): readonly [number, number] {
  const e = Math.exp(-Math.abs(u));
  const [large, small] = [1 / (1 + e), e / (1 + e)];
  return u < 0 ? [small, large] : [large, small];
}

const logOdds = (x: number) => (x <= 0 ? -Infinity : x >= 1 ? Infinity : Math.log(x) - Math.log1p(-x));

/** Log density of the log odds. */
function logDensity(beta: Beta): (u: number) => number {
  const norm = logBeta(beta.a, beta.b);
  return (u) => {
    const tail = Math.log1p(Math.exp(-Math.abs(u)));
    const [x, y] = u < 0 ? [u - tail, -tail] : [-tail, -u - tail];
    return beta.a * x + beta.b * y - norm;
  };
}

const below = ({ a, b }: Beta, [x, y]: readonly [number, number]) => betaProbability(x, y, a, b);
const above = ({ a, b }: Beta, [x, y]: readonly [number, number]) => betaProbability(y, x, b, a);
// Logarithms of the same, so that shares hundreds of deviations apart still have a chance and a loss.
const logBelow = ({ a, b }: Beta, [x, y]: readonly [number, number]) => logOf(lowerBeta(x, y, a, b));
const logAbove = ({ a, b }: Beta, [x, y]: readonly [number, number]) => logOf(lowerBeta(y, x, b, a));

/** P(X < Y) for independent betas: the density of the narrower one times the other's tail, over log odds. */
function chanceBelow(x: Beta, y: Beta): number {
  const density = deviation(x) < deviation(y) ? logDensity(x) : logDensity(y);
  const other =
    deviation(x) < deviation(y)
      ? (point: readonly [number, number]) => logAbove(y, point)
      : (point: readonly [number, number]) => logBelow(x, point);
  return logConcaveIntegral(
    (u) => density(u) + other(odds(u)),
    [centre(x), centre(y)],
    Math.min(width(x), width(y)),
  );
}

/** E[max(x - y, 0)], the integral of P(Y < s < X) over s; no two large terms are subtracted. */
function expectedExcess(x: Beta, y: Beta): number {
  return logConcaveIntegral(
    (u) => {
      const point = odds(u);
      return logBelow(y, point) + logAbove(x, point) + Math.log(point[0] * point[1]);
    },
    [centre(x), centre(y)],
    Math.min(width(x), width(y)),
  );
}

const reflected = ({ a, b }: Beta): Beta => ({ a: b, b: a });

/** How far from the centre, in log odds, the density has to be followed on one side. */
function reach(density: (u: number) => number, from: number, step: number): number {
  const peak = density(from);
  let at = from;
  while (density(at) > peak - 44) at += step;
  return at;
}

/** P(treatment - control <= d): the density of the narrower over its support times the other's distribution. */
function differenceBelow(treatment: Beta, control: Beta, d: number): number {
  // T - C is (1 - C) - (1 - T).
  if (deviation(treatment) < deviation(control)) {
    return narrowBelow(reflected(control), reflected(treatment), d);
  }
  return narrowBelow(treatment, control, d);
}

function narrowBelow(treatment: Beta, control: Beta, d: number): number {
  const density = logDensity(control);
  const [low, high] = [
    reach(density, centre(control), -width(control) / 2),
    reach(density, centre(control), width(control) / 2),
  ];
  const from = Math.max(low, logOdds(-d));
  const to = Math.min(high, logOdds(1 - d));
  const sure = to < high ? above(control, odds(to)) : 0;
  if (!(to > from)) return to < low ? 1 : sure;
  const value = tanhSinh(
    (u) => {
      const [x, y] = odds(u);
      return Math.exp(density(u)) * below(treatment, [x + d, y - d]);
    },
    from,
    to,
  );
  return sure + value;
}

function differenceQuantile(treatment: Beta, control: Beta, p: number): number {
  const spread = Math.hypot(deviation(treatment), deviation(control));
  const start = mean(treatment) - mean(control) - normalQuantile(p) * spread;
  let [low, high] = [Math.max(-1, start - spread), Math.min(1, start + spread)];
  const off = (d: number) => differenceBelow(treatment, control, d) - p;
  while (low > -1 && off(low) > 0) low = Math.max(-1, low - spread);
  while (high < 1 && off(high) < 0) high = Math.min(1, high + spread);
  let [atLow, atHigh] = [off(low), off(high)];
  // Illinois: false position that halves the weight of an end which stays twice.
  for (let step = 0; step < 80 && high - low > 1e-13 * spread; step++) {
    const d = low - (atLow * (high - low)) / (atHigh - atLow);
    const now = off(d);
    if (Math.abs(now) < 1e-15) return d;
    if (now < 0) {
      if (step > 0 && Math.abs(d - low) < 1e-12 * spread) return d;
      [low, atLow, atHigh] = [d, now, atHigh / 2];
    } else {
      if (step > 0 && Math.abs(high - d) < 1e-12 * spread) return d;
      [high, atHigh, atLow] = [d, now, atLow / 2];
    }
  }
  return (low + high) / 2;
}

/**
 * Exact comparison of two shares with independent beta priors, by quadrature over log odds, where every factor is
 * log-concave; millions of trials are as exact as ten. The smaller of two complementary figures is integrated and the
 * other follows from it. Assumes units that are independent Bernoulli trials. Chance to win and expected loss: Chapelle
 * and Li 2011; Stucchio 2015, "Bayesian A/B testing at VWO".
 */
export function betaBinomial(
  treatment: Count,
  control: Count,
  options: {
    readonly prior?: BetaPrior;
    readonly direction?: 'higher-is-better' | 'lower-is-better';
    readonly level?: number;
  } = {},
): Result<BetaBinomial> {
  const { prior = { a: 1, b: 1 }, direction = 'higher-is-better', level = 0.95 } = options;
  if (![prior.a, prior.b].every((weight) => weight >= LEAST_PRIOR && weight <= MOST_PRIOR)) {
    return refused(`the prior needs a and b from ${LEAST_PRIOR} to ${MOST_PRIOR}`);
  }
  for (const { successes, trials } of [treatment, control]) {
    if (!(successes >= 0 && successes <= trials && Number.isFinite(trials))) {
      return refused(`successes lie between 0 and the trials, here ${successes} of ${trials}`);
    }
  }
  const of = ({ successes, trials }: Count): Beta => ({
    a: prior.a + successes,
    b: prior.b + trials - successes,
  });
  const [t, c] = [of(treatment), of(control)];
  // Formed from the counts, so that nearly equal shares do not cancel.
  const difference = (t.a * c.b - c.a * t.b) / ((t.a + t.b) * (c.a + c.b));
  const ahead = difference >= 0;
  const [worse, better] = ahead ? [c, t] : [t, c];
  const upset = chanceBelow(better, worse);
  const small = expectedExcess(worse, better);
  const higher = ahead ? 1 - upset : upset;
  const lower = ahead ? upset : 1 - upset;
  const [gain, loss] = ahead ? [difference + small, small] : [small, small - difference];
  const up = direction === 'higher-is-better';
  const side = (1 - level) / 2;
  return computed({
    shares: { treatment: mean(t), control: mean(c) },
    difference,
    interval: [differenceQuantile(t, c, side), differenceQuantile(t, c, 1 - side)],
    chanceToWin: up ? higher : lower,
    expectedLoss: { treatment: up ? loss : gain, control: up ? gain : loss },
  });
}
