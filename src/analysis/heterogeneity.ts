import { computed, type Effect, type Result, refused, symmetricEffect } from './estimate/effect.ts';
import { chiSquareTail } from './numbers/distributions.ts';

/**
 * Effect in a segment minus the effect in the rest: two independent estimates, since no unit is in both. Normal where
 * both are, else t with Welch-Satterthwaite degrees of freedom over the two standard errors.
 */
export function interaction(segment: Result<Effect>, rest: Result<Effect>): Result<Effect> {
  if (!segment.ok) return segment;
  if (!rest.ok) return refused(`outside the segment: ${rest.reason}`);
  const [a, b] = [segment.value, rest.value];
  const standardError = Math.hypot(a.standardError, b.standardError);
  if (!(standardError > 0)) return refused('neither effect has a standard error');
  const spent = [a, b].reduce(
    (sum, effect) => sum + (effect.df === null ? 0 : (effect.standardError / standardError) ** 4 / effect.df),
    0,
  );
  return computed(
    symmetricEffect({
      estimate: a.estimate - b.estimate,
      standardError,
      df: spent > 0 ? 1 / spent : null,
      n: a.n + b.n,
      method: 'interaction: segment minus rest',
    }),
  );
}

/** An effect as far as pooling needs it; independent of the others. */
export interface Estimated {
  readonly estimate: number;
  readonly standardError: number;
}

function unusable(effects: readonly Estimated[]): string | undefined {
  if (effects.length < 2) return `needs at least 2 segments, has ${effects.length}`;
  const good = effects.every(
    ({ estimate, standardError }) =>
      Number.isFinite(estimate) && Number.isFinite(standardError) && standardError > 0,
  );
  return good ? undefined : 'a segment has no effect with a standard error';
}

/** Precision-weighted mean when the true effects spread with variance `spread`, and the weighted squares around it. */
function weigh(effects: readonly Estimated[], spread: number) {
  // About the first estimate, so that effects close to one another lose no digits.
  const origin = effects[0]?.estimate ?? 0;
  let total = 0;
  let sum = 0;
  for (const { estimate, standardError } of effects) {
    const weight = 1 / (standardError ** 2 + spread);
    total += weight;
    sum += weight * (estimate - origin);
  }
  const mean = origin + sum / total;
  let squares = 0;
  for (const { estimate, standardError } of effects) {
    squares += (estimate - mean) ** 2 / (standardError ** 2 + spread);
  }
  return { mean, total, squares };
}

export interface Heterogeneity {
  /** Cochran's Q. */
  readonly statistic: number;
  readonly df: number;
  readonly p: number;
  /** I^2 of Higgins and Thompson (2002): share of the scatter that is not noise, 0 .. 1. */
  readonly share: number;
}

/**
 * Do the effects of disjoint segments differ at all: Cochran's Q = sum w_i (d_i - dbar)^2 with w_i = 1 / SE_i^2, against
 * chi-square with k - 1 degrees of freedom (Cochran 1954). Standard errors count as known.
 */
export function omnibus(effects: readonly Estimated[]): Result<Heterogeneity> {
  const reason = unusable(effects);
  if (reason) return refused(reason);
  const { squares } = weigh(effects, 0);
  const df = effects.length - 1;
  return computed({
    statistic: squares,
    df,
    p: chiSquareTail(squares, df),
    share: squares > df ? 1 - df / squares : 0,
  });
}

/** Variance of the true effects at which the weighted squares equal their expectation k - 1 (Paule and Mandel 1982). */
function spreadOf(effects: readonly Estimated[]): number {
  const df = effects.length - 1;
  const excess = (spread: number) => weigh(effects, spread).squares - df;
  if (excess(0) <= 0) return 0;
  let low = 0;
  let high = Math.max(...effects.map(({ standardError }) => standardError ** 2));
  while (excess(high) > 0) high *= 2;
  // Squares fall and are convex in the spread: Newton from the left never oversteps; bisection is the safety net.
  for (let step = 0; step < 200; step++) {
    const { mean, squares } = weigh(effects, low);
    const slope = effects.reduce(
      (sum, { estimate, standardError }) => sum + ((estimate - mean) / (standardError ** 2 + low)) ** 2,
      0,
    );
    const newton = low + (squares - df) / slope;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - low) <= 1e-15 * next) break;
    if (excess(next) > 0) low = next;
    else high = next;
    if (high - low <= 1e-15 * high) break;
  }
  return low;
}

export interface Shrunken {
  /** Precision-weighted mean of the true effects. */
  readonly common: number;
  /** Variance of the true effects, tau^2; 0: their scatter is no larger than noise. */
  readonly spread: number;
  readonly segments: readonly (Estimated & {
    /** 0: left as it is, 1: drawn wholly to `common`. */
    readonly shrinkage: number;
  })[];
}

/**
 * Effects of disjoint segments drawn towards their common mean by as much as they are noisy, in the order given: the
 * empirical Bayes model d_i ~ N(delta_i, SE_i^2), delta_i ~ N(mu, tau^2), with tau^2 by Paule and Mandel (1982) and
 *
 *   B_i = SE_i^2 / (SE_i^2 + tau^2),  estimate_i = (1 - B_i) d_i + B_i mu
 *   SE^2 = (1 - B_i) SE_i^2 + B_i^2 Var(mu) + (B_i^2 / SE_i^2)^2 (d_i - mu)^2 Var(tau^2)
 *
 * with Var(mu) = 1 / W_1, Var(tau^2) = 2 / W_2, W_r = sum (SE_i^2 + tau^2)^-r. The last term (Kass and Steffey, JASA 1989) is
 * there because few segments say little of tau^2. The interval covers on average over the segments, not for each one:
 * a truly unusual segment is drawn too far, which is the price of less noise (Efron and Morris, JASA 1975). Over 2 to 12
 * segments 95 % intervals held 90.7 to 98.9 % of the true effects: fewest where tau is about one standard error, most
 * where it is 0. Show them as a reading aid; judge by the plain effects and their interaction.
 */
export function shrink(estimates: readonly Estimated[]): Result<Shrunken> {
  const reason = unusable(estimates);
  if (reason) return refused(reason);
  const spread = spreadOf(estimates);
  const { mean: common, total } = weigh(estimates, spread);
  const squaredWeights = estimates.reduce(
    (sum, { standardError }) => sum + (standardError ** 2 + spread) ** -2,
    0,
  );
  const segments = estimates.map(({ estimate, standardError }) => {
    const noise = standardError ** 2;
    const shrinkage = noise / (noise + spread);
    const pull = (shrinkage ** 2 / noise) * (estimate - common);
    const variance = (1 - shrinkage) * noise + shrinkage ** 2 / total + (2 * pull ** 2) / squaredWeights;
    return {
      estimate: common + (1 - shrinkage) * (estimate - common),
      standardError: Math.sqrt(variance),
      shrinkage,
    };
  });
  return computed({ common, spread, segments });
}
