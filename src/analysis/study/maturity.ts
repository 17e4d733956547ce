import type { MetricAggregates } from '../aggregates.ts';
import type { MetricReport } from '../report/report.ts';
import type { Study } from './study.ts';

/** Share of exposed units whose window must be complete: below it the early, more active ones would speak for all. */
export const COMPLETE_SHARE = 0.8;

/** Units that every arm needs before an estimate of the study is called ready. */
export function leastUnits({ leastUnits = 2 }: Study): number {
  return Math.max(2, leastUnits);
}

/** A windowed metric is ready when enough units of every arm have completed their window, and most of those exposed. */
export function maturityOf(study: Study, aggregates: MetricAggregates): MetricReport['maturity'] {
  const { mature, exposed, completeAt, arms } = aggregates;
  const needed = leastUnits(study);
  const enough = study.arms
    .filter(({ weight }) => weight > 0)
    .every(({ arm }) => (arms.find(({ variant }) => variant === arm)?.moments.n ?? 0) >= needed);
  return {
    mature,
    exposed,
    completeAt: completeAt > 0 ? new Date(completeAt).toISOString() : null,
    ready: enough && exposed > 0 && mature >= COMPLETE_SHARE * exposed,
  };
}
