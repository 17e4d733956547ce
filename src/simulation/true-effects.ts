import { figure, TRUE_METRICS, type TrueMetric, type UnitTerms } from './population.ts';
import { PUBLISHED_TEST } from './published.ts';

/** What the treatment does to a metric in a population that was lived through both arms. */
export interface TrueEffect {
  readonly metric: TrueMetric;
  readonly control: number;
  readonly treatment: number;
  /** Relative to the control, or a difference of shares where the published table has points. */
  readonly change: number;
  /**
   * Monte Carlo standard error of `change` for the whole population: from the spread over viewers of what the arms differ by
   * (delta method), 0 where all of it was lived through.
   */
  readonly error: number;
}

export interface TrueEffectsOptions {
  /** Places of the viewers who count; all when absent. */
  readonly units?: Int32Array;
  /** Viewers of the population that these are a random sample of; they are all of it when absent. */
  readonly population?: number;
  /** Every change relative to the control, shares too. */
  readonly relative?: boolean;
}

const IN_POINTS = new Set<string>(
  PUBLISHED_TEST.filter(({ change }) => change.kind === 'points').map(({ metric }) => metric),
);

/** @param control, treatment what the same viewers add to each metric in either arm, in the same order */
export function trueEffects(
  control: UnitTerms,
  treatment: UnitTerms,
  options: TrueEffectsOptions = {},
): TrueEffect[] {
  return TRUE_METRICS.map((metric) => {
    const [before, after] = [control[metric], treatment[metric]];
    const units = options.units ?? Int32Array.from(before.top, (_, unit) => unit);
    const from = figure(before, undefined, units);
    const to = figure(after, undefined, units);
    const points = options.relative !== true && IN_POINTS.has(metric);
    let [bottomBefore, bottomAfter] = [0, 0];
    for (const unit of units) {
      bottomBefore += before.bottom[unit]!;
      bottomAfter += after.bottom[unit]!;
    }
    // Derivatives of the change by either figure.
    const [byFrom, byTo] = points ? [-1, 1] : [-to / (from * from), 1 / from];
    let squares = 0;
    for (const unit of units) {
      const a = (before.top[unit]! - from * before.bottom[unit]!) / bottomBefore;
      const b = (after.top[unit]! - to * after.bottom[unit]!) / bottomAfter;
      squares += (byFrom * a + byTo * b) ** 2;
    }
    const unseen = 1 - units.length / Math.max(units.length, options.population ?? units.length);
    return {
      metric,
      control: from,
      treatment: to,
      change: points ? to - from : to / from - 1,
      error: Math.sqrt(squares * unseen),
    };
  });
}

/** The same for each segment of the viewers. @param segmentOf by place */
export function trueEffectsBySegment(
  control: UnitTerms,
  treatment: UnitTerms,
  segmentOf: (place: number) => string,
  population?: { readonly all: number; readonly sampled: number },
  relative = false,
): Map<string, TrueEffect[]> {
  const places = new Map<string, number[]>();
  control.click_through_rate.top.forEach((_, place) => {
    const segment = segmentOf(place);
    const members = places.get(segment);
    if (members === undefined) places.set(segment, [place]);
    else members.push(place);
  });
  const scale = population === undefined ? 1 : population.all / population.sampled;
  return new Map(
    [...places].sort().map(([segment, members]) => {
      const units = Int32Array.from(members);
      return [
        segment,
        trueEffects(control, treatment, { units, population: scale * units.length, relative }),
      ];
    }),
  );
}
