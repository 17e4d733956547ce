import type { CoverageAggregates, Moments, QuantileAggregates } from '../aggregates.ts';
import { centre } from '../centred.ts';
import type { RelativeMethod, StudyMetric } from '../study/study.ts';
import { coverage } from './coverage.ts';
import { type ArmEstimate, computed, difference, type Effect, type Result, refused } from './effect.ts';
import { compareMeans, mean } from './mean.ts';
import { type Count, compareByScore, compareProportions, proportion } from './proportion.ts';
import { compareQuantiles, quantile } from './quantile.ts';
import { compareRatios, ratio } from './ratio.ts';
import { relativeEffect } from './relative.ts';

/** A treatment against the control on one metric, in display units, not yet judged at any level. */
export interface Pair {
  readonly treatment: Result<ArmEstimate>;
  readonly absolute: Result<Effect>;
  readonly relative: Result<Effect>;
}

function scaleArm(arm: Result<ArmEstimate>, scale: number): Result<ArmEstimate> {
  if (!arm.ok || scale === 1) return arm;
  const { value, variance, n } = arm.value;
  return computed({ value: value * scale, variance: variance * scale * scale, n });
}

function scaleEffect(effect: Result<Effect>, scale: number): Result<Effect> {
  if (!effect.ok || scale === 1) return effect;
  const { estimate, standardError, bounds } = effect.value;
  return computed({
    ...effect.value,
    estimate: estimate * scale,
    standardError: standardError * scale,
    bounds: (multiplier: number) => {
      const [low, high] = bounds(multiplier);
      return [low * scale, high * scale] as const;
    },
  });
}

/** Relates the effect to the control when that is asked for: most rows of a report read one scale. */
class LazyPair implements Pair {
  readonly treatment: Result<ArmEstimate>;
  readonly absolute: Result<Effect>;
  readonly #control: Result<ArmEstimate>;
  readonly #method: RelativeMethod;
  #relative: Result<Effect> | undefined;

  constructor(
    treatment: Result<ArmEstimate>,
    control: Result<ArmEstimate>,
    absolute: Result<Effect>,
    method: RelativeMethod,
  ) {
    this.treatment = treatment;
    this.absolute = absolute;
    this.#control = control;
    this.#method = method;
  }

  get relative(): Result<Effect> {
    this.#relative ??= this.#related();
    return this.#relative;
  }

  #related(): Result<Effect> {
    if (!this.treatment.ok) return this.treatment;
    if (!this.#control.ok) return this.#control;
    if (!this.absolute.ok) return this.absolute;
    return relativeEffect(this.#method, this.treatment.value, this.#control.value, this.absolute.value);
  }
}

/**
 * An absolute effect and the same in relation to the control. What an arm or the effect lacks, the relative one lacks too.
 * @param treatment, control  estimates in display units, independent of one another
 */
export function pairOf(
  treatment: Result<ArmEstimate>,
  control: Result<ArmEstimate>,
  absolute: Result<Effect>,
  method: RelativeMethod,
): Pair {
  return new LazyPair(treatment, control, absolute, method);
}

/** Successes among units, from moments whose y is in display units. */
export const countOf = (moments: Moments, scale: number): Count => ({
  successes: Math.round(moments.y / scale),
  trials: moments.n,
});

/** Means, proportions and ratios from moments (y in display units), nothing adjusted. */
export function compareMoments(
  metric: StudyMetric,
  treatment: Moments,
  control: Moments,
  method: RelativeMethod,
): Pair {
  if (metric.kind === 'proportion') {
    const t = countOf(treatment, metric.scale);
    const c = countOf(control, metric.scale);
    return pairOf(
      scaleArm(proportion(t), metric.scale),
      scaleArm(proportion(c), metric.scale),
      scaleEffect(compareProportions(t, c), metric.scale),
      method,
    );
  }
  const [t, c] = [centre(treatment), centre(control)];
  if (metric.kind === 'ratio') {
    const [a, b] = [ratio(t), ratio(c)];
    // A share of which nothing has been seen in either arm: no clustering can be estimated from no event, so the score
    // interval bounds it as if the denominator's events were independent.
    if (metric.unit === '%' && a.ok && b.ok && treatment.y === 0 && control.y === 0) {
      const effect = compareByScore(
        { successes: 0, trials: treatment.x },
        { successes: 0, trials: control.x },
        'Newcombe hybrid score over events: none in either arm, so no clustering to estimate',
      );
      return pairOf(a, b, scaleEffect(computed(effect), metric.scale), method);
    }
    return pairOf(a, b, compareRatios(t, c), method);
  }
  return pairOf(mean(t), mean(c), compareMeans(t, c), method);
}

/** Quantiles of request values. */
export function compareQuantileArms(
  aggregates: QuantileAggregates,
  treatment: string,
  control: string,
  method: RelativeMethod,
): Pair {
  const t = aggregates.arms.find((arm) => arm.variant === treatment);
  const c = aggregates.arms.find((arm) => arm.variant === control);
  if (!t || !c) return missing(!t ? treatment : control);
  return pairOf(quantile(t), quantile(c), compareQuantiles(t, c), method);
}

/** Catalogue coverage. */
export function compareCoverage(
  aggregates: CoverageAggregates,
  treatment: string,
  control: string,
  scale: number,
  method: RelativeMethod,
): Pair {
  const t = scaleArm(coverage(aggregates, treatment), scale);
  const c = scaleArm(coverage(aggregates, control), scale);
  if (!t.ok) return pairOf(t, c, t, method);
  if (!c.ok) return pairOf(t, c, c, method);
  const absolute = difference(t.value, c.value, 'bootstrap over equal numbers of units', 'normal');
  return pairOf(t, c, absolute, method);
}

/** A pair of which one arm has no data. */
export function missing(variant: string): Pair {
  const nothing = refused(`no data for ${variant}`);
  return { treatment: nothing, absolute: nothing, relative: nothing };
}
