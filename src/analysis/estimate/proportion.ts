import { type ArmEstimate, computed, difference, type Effect, type Result, refused } from './effect.ts';

/** Successes among trials, as counts. */
export interface Count {
  readonly successes: number;
  readonly trials: number;
}

/** Fewer successes or failures than this in an arm and the score interval takes over from the normal one. */
const FEW = 10;

/** Share of successes and its variance p (1 - p) / n. */
export function proportion({ successes, trials }: Count): Result<ArmEstimate> {
  if (trials < 2) return refused(`needs at least 2 units in each arm, has ${trials}`);
  const value = successes / trials;
  return computed({ value, variance: (value * (1 - value)) / trials, n: trials });
}

/** Wilson's score interval for one proportion with critical value z (Wilson 1927). */
export function wilson({ successes, trials }: Count, z: number): readonly [number, number] {
  const p = successes / trials;
  const square = (z * z) / trials;
  const centre = p + square / 2;
  const half = z * Math.sqrt((p * (1 - p)) / trials + square / (4 * trials));
  return [
    successes === 0 ? 0 : (centre - half) / (1 + square),
    successes === trials ? 1 : (centre + half) / (1 + square),
  ];
}

/** Newcombe's hybrid score interval for a difference of proportions, without continuity correction (1998, method 10). */
export function newcombe(treatment: Count, control: Count, z: number): readonly [number, number] {
  const t = treatment.successes / treatment.trials;
  const c = control.successes / control.trials;
  const [tLow, tHigh] = wilson(treatment, z);
  const [cLow, cHigh] = wilson(control, z);
  return [t - c - Math.hypot(t - tLow, cHigh - c), t - c + Math.hypot(tHigh - t, c - cLow)];
}

/**
 * Interval of t / c - 1 for proportions: all r for which the hybrid score interval of t - (1 + r) c, built from Wilson's
 * limits as Newcombe's is, contains 0 (Donner and Zou, "Closed-form confidence intervals for functions of the normal mean
 * and standard deviation", 2012, ratio of two parameters). It excludes 0 exactly when Newcombe's does. Needs a success in
 * the control.
 */
export function relativeNewcombe(treatment: Count, control: Count, z: number): readonly [number, number] {
  const t = treatment.successes / treatment.trials;
  const c = control.successes / control.trials;
  const [tLow, tHigh] = wilson(treatment, z);
  const [cLow, cHigh] = wilson(control, z);
  const below = tLow * (2 * t - tLow);
  const above = tHigh * (2 * t - tHigh);
  // The smaller root of the one quadratic and the larger of the other, each from the form that does not cancel.
  const root = (product: number) => Math.sqrt(Math.max(0, (t * c) ** 2 - product));
  const low = below / (t * c + root(below * cHigh * (2 * c - cHigh)));
  const square = cLow * (2 * c - cLow);
  const high = (t * c + root(above * square)) / square;
  return [(t === 0 ? 0 : low) - 1, high - 1];
}

/** Critical value at which Newcombe's interval just touches zero, with the sign of the difference; null when equal. */
function touching(treatment: Count, control: Count): number | null {
  const estimate = treatment.successes / treatment.trials - control.successes / control.trials;
  if (estimate === 0) return null;
  const excludes = (z: number) => {
    const [low, high] = newcombe(treatment, control, z);
    return estimate > 0 ? low > 0 : high < 0;
  };
  let low = 0;
  let high = 1;
  while (excludes(high) && high < 1e9) high *= 2;
  for (let step = 0; step < 200 && high - low > 1e-15 * high; step++) {
    const middle = (low + high) / 2;
    if (excludes(middle)) low = middle;
    else high = middle;
  }
  return Math.sign(estimate) * high;
}

/** Difference of proportions by Newcombe's interval, its p-value by inverting that interval. */
export function compareByScore(treatment: Count, control: Count, method = 'Newcombe hybrid score'): Effect {
  const t = treatment.successes / treatment.trials;
  const c = control.successes / control.trials;
  // With an arm at 0 or 1 the plug-in standard error is 0; Agresti and Caffo's (2000) stands in for it.
  const added = (count: Count) => {
    const [p, q] = [count.successes, count.trials - count.successes].map((n) => (n + 1) / (count.trials + 2));
    return (p! * q!) / (count.trials + 2);
  };
  return {
    estimate: t - c,
    standardError: Math.sqrt(added(treatment) + added(control)),
    statistic: touching(treatment, control),
    df: null,
    n: treatment.trials + control.trials,
    method,
    bounds: (z) => newcombe(treatment, control, z),
    relativeBounds: (z) => relativeNewcombe(treatment, control, z),
  };
}

/**
 * Difference of two proportions with the textbook's pooled z: the statistic divides by sqrt(p (1 - p) (1 / n + 1 / m)),
 * p the share of both arms together, so its square is Pearson's chi-square of the 2 x 2 table without continuity
 * correction. The interval cannot assume that the arms are equal and is the unpooled (Wald) one, with `standardError` its
 * own: near the level the test and the interval may disagree, so a report must not show this pair. For comparison with
 * other software; `compareProportions` is what reports use. n p (1 - p) of 5 or more in each arm.
 */
export function pooledProportions(treatment: Count, control: Count): Result<Effect> {
  const a = proportion(treatment);
  const b = proportion(control);
  if (!a.ok) return a;
  if (!b.ok) return b;
  const unpooled = difference(a.value, b.value, 'two-proportion z, test pooled, interval unpooled', 'normal');
  if (!unpooled.ok) return unpooled;
  const p = (treatment.successes + control.successes) / (treatment.trials + control.trials);
  const pooled = Math.sqrt(p * (1 - p) * (1 / treatment.trials + 1 / control.trials));
  return computed({ ...unpooled.value, statistic: unpooled.value.estimate / pooled });
}

/**
 * Difference of two proportions: unpooled z, so that test and interval agree; Newcombe's score interval where an arm has
 * fewer than 10 successes or failures.
 */
export function compareProportions(treatment: Count, control: Count): Result<Effect> {
  const a = proportion(treatment);
  const b = proportion(control);
  if (!a.ok) return a;
  if (!b.ok) return b;
  const few = [treatment, control].some((arm) => Math.min(arm.successes, arm.trials - arm.successes) < FEW);
  if (few) return computed(compareByScore(treatment, control));
  return difference(a.value, b.value, 'unpooled two-proportion z', 'normal');
}
