import type { Experiment, MetricDeclaration } from '../declarations.ts';
import type { CoverageAggregates, Moments, QuantileAggregates } from './aggregates.ts';
import { alwaysValid } from './always-valid.ts';
import { centre } from './centred.ts';
import { coverage } from './coverage.ts';
import {
  type ArmEstimate,
  computed,
  difference,
  type Effect,
  fixedHorizon,
  type Reference,
  type Result,
  refused,
} from './effect.ts';
import { lift } from './lift.ts';
import { compareMeans, mean } from './mean.ts';
import { type Count, compareByScore, compareProportions, proportion } from './proportion.ts';
import { compareQuantiles, quantile } from './quantile.ts';
import { compareRatios, ratio } from './ratio.ts';
import type { Estimate } from './report.ts';

/** A treatment against the control on one metric, in display units, not yet judged at any level. */
export interface Pair {
  readonly treatment: Result<ArmEstimate>;
  readonly absolute: Result<Effect>;
  readonly relative: Result<Effect>;
}

/** Which intervals and p-values the experiment's plan permits. */
export interface Plan {
  readonly interval: Experiment['analysis']['interval'];
  readonly alpha: number;
  /** Units of both arms at which the always-valid interval is tightest. */
  readonly plannedUnits: number;
}

export function planOf({ analysis }: Experiment): Plan {
  return {
    interval: analysis.interval,
    alpha: analysis.alpha,
    plannedUnits: Math.max(2, 2 * analysis.maturity.unitsPerArm),
  };
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

function pair(treatment: Result<ArmEstimate>, control: Result<ArmEstimate>, absolute: Result<Effect>): Pair {
  if (!treatment.ok) return { treatment, absolute, relative: treatment };
  if (!control.ok) return { treatment, absolute, relative: control };
  if (!absolute.ok) return { treatment, absolute, relative: absolute };
  return { treatment, absolute, relative: lift(treatment.value, control.value, absolute.value) };
}

const counted = (moments: Moments, scale: number): Count => ({
  successes: Math.round(moments.y / scale),
  trials: moments.n,
});

/** Means, proportions and ratios from moments (y in display units). */
export function compareMoments(metric: MetricDeclaration, treatment: Moments, control: Moments): Pair {
  if (metric.kind === 'proportion') {
    const t = counted(treatment, metric.scale);
    const c = counted(control, metric.scale);
    return pair(
      scaleArm(proportion(t), metric.scale),
      scaleArm(proportion(c), metric.scale),
      scaleEffect(compareProportions(t, c), metric.scale),
    );
  }
  if (metric.kind === 'ratio') {
    const [a, b] = [ratio(centre(treatment)), ratio(centre(control))];
    // A share of which nothing has been seen in either arm: no clustering can be estimated from no event, so the score
    // interval bounds it as if the denominator's events were independent.
    if (metric.unit === '%' && a.ok && b.ok && treatment.y === 0 && control.y === 0) {
      const effect = compareByScore(
        { successes: 0, trials: treatment.x },
        { successes: 0, trials: control.x },
        'Newcombe hybrid score over events: none in either arm, so no clustering to estimate',
      );
      return pair(a, b, scaleEffect(computed(effect), metric.scale));
    }
    return pair(a, b, compareRatios(centre(treatment), centre(control)));
  }
  const [t, c] = [centre(treatment), centre(control)];
  return pair(mean(t), mean(c), compareMeans(t, c));
}

/** Quantiles of request values. */
export function compareQuantileArms(
  aggregates: QuantileAggregates,
  treatment: string,
  control: string,
): Pair {
  const t = aggregates.arms.find((arm) => arm.variant === treatment);
  const c = aggregates.arms.find((arm) => arm.variant === control);
  if (!t || !c) return missing(!t ? treatment : control);
  return pair(quantile(t), quantile(c), compareQuantiles(t, c));
}

/** Catalogue coverage. */
export function compareCoverage(
  aggregates: CoverageAggregates,
  treatment: string,
  control: string,
  scale: number,
): Pair {
  const t = scaleArm(coverage(aggregates, treatment), scale);
  const c = scaleArm(coverage(aggregates, control), scale);
  if (!t.ok) return pair(t, c, t);
  if (!c.ok) return pair(t, c, c);
  return pair(t, c, difference(t.value, c.value, 'bootstrap over equal numbers of units', 'normal'));
}

/** A pair of which one arm has no data. */
export function missing(variant: string): Pair {
  const nothing = refused(`no data for ${variant}`);
  return { treatment: nothing, absolute: nothing, relative: nothing };
}

/** The reference distribution that the plan permits for this effect. */
export function referenceOf(effect: Effect, plan: Plan): Reference {
  return plan.interval === 'always-valid'
    ? alwaysValid(effect.n, plan.plannedUnits, plan.alpha)
    : fixedHorizon(effect.df);
}

/** Two-sided p-value; null where it cannot be computed or the arms are equal without any event. */
export function pValue(effect: Result<Effect>, plan: Plan): number | null {
  if (!effect.ok || effect.value.statistic === null) return null;
  const p = referenceOf(effect.value, plan).p(effect.value.statistic);
  return Number.isFinite(p) ? p : null;
}

/** Estimate with its interval at level 1 - alpha. */
export function estimateOf(effect: Result<Effect>, plan: Plan, alpha: number): Estimate {
  if (!effect.ok) return effect;
  const { estimate, standardError } = effect.value;
  const interval = effect.value.bounds(referenceOf(effect.value, plan).critical(alpha));
  if (![estimate, standardError, ...interval].every(Number.isFinite)) {
    return refused('the sums are too large or too small to compute with');
  }
  return { ok: true, estimate, standardError, interval };
}
