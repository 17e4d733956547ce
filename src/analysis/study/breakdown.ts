import type { ArmMoments, MetricAggregates } from '../aggregates.ts';
import { promiseOf } from '../report/promise.ts';
import type { Report } from '../report/report.ts';
import { type Measured, momentsOf, pairFrom } from './measure.ts';
import { anyTime, estimateOf, ONCE } from './reading.ts';
import type { Study } from './study.ts';

/** A point of the lift over time, by day of the experiment (1 = the first). */
export type DailyLift = Omit<Report['daily'][number], 'date'>;

/** What the intervals over time promise: none is corrected. */
export function timePromises(study: Study): NonNullable<Report['promises']> {
  const daily = study.interval === 'fixed' ? 'fixed' : 'always-valid';
  return { daily: promiseOf(daily, study.alpha), rhythm: promiseOf('fixed', study.alpha) };
}

/** Treatments that have units beside the control's, with the units of both. */
function present(
  study: Study,
  arms: readonly ArmMoments[],
): readonly { readonly arm: string; readonly n: number }[] {
  const control = momentsOf(arms, study.control);
  if (!control) return [];
  return study.treatments.flatMap((arm) => {
    const moments = momentsOf(arms, arm);
    return moments ? [{ arm, n: moments.n + control.n }] : [];
  });
}

/** Cumulative relative lift at the end of each day, for success metrics and guardrails; intervals are marginal. */
export function dailyLift(study: Study, measured: readonly Measured[]): readonly DailyLift[] {
  // What is looked at every day is right at every look, unless the plan says that it is judged once.
  const scale = study.interval === 'fixed' ? ONCE : anyTime(study);
  return measured.flatMap(({ entry: { metric, role }, aggregates }) => {
    if (role === 'secondary' || !aggregates) return [];
    const { once } = aggregates;
    const series = study.interval === 'fixed' || !once ? aggregates.daily : once.daily;
    return series.flatMap(({ day, arms }) =>
      present(study, arms).map(({ arm, n }) => {
        const relative = estimateOf(pairFrom(study, metric, arms, arm).relative, scale, study.alpha);
        return { metric: metric.key, arm, day, n, relative };
      }),
    );
  });
}

type Series = NonNullable<MetricAggregates['weekdays']>;

/** Absolute effect of single days, by days since first exposure and by weekday: read once, uncorrected, to look at. */
export function rhythm(study: Study, measured: readonly Measured[]): NonNullable<Report['rhythm']> {
  return measured.flatMap(({ entry: { metric }, aggregates }) => {
    const rows = (by: 'since-exposure' | 'weekday', series: Series | undefined) =>
      (series ?? []).flatMap(({ day, arms }) =>
        present(study, arms).map(({ arm, n }) => {
          const absolute = estimateOf(pairFrom(study, metric, arms, arm).absolute, ONCE, study.alpha);
          return { metric: metric.key, arm, by, day, n, absolute };
        }),
      );
    return [...rows('since-exposure', aggregates?.sinceExposure), ...rows('weekday', aggregates?.weekdays)];
  });
}
