import type { Experiment } from '../declarations.ts';
import type { MetricAggregates } from './aggregates.ts';
import type { MetricReport } from './report.ts';

/** Share of exposed units whose window must be complete: below it the early, more active ones would speak for all. */
export const COMPLETE_SHARE = 0.8;

/** A windowed metric is ready when enough units of every arm have completed their window, and most of those exposed. */
export function maturityOf(experiment: Experiment, aggregates: MetricAggregates): MetricReport['maturity'] {
  const { mature, exposed, completeAt, arms } = aggregates;
  const needed = Math.max(2, experiment.analysis.maturity.unitsPerArm);
  const enough = experiment.variants
    .filter((variant) => variant.weight > 0)
    .every((variant) => (arms.find((arm) => arm.variant === variant.key)?.moments.n ?? 0) >= needed);
  return {
    mature,
    exposed,
    completeAt: completeAt > 0 ? new Date(completeAt).toISOString() : null,
    ready: enough && exposed > 0 && mature >= COMPLETE_SHARE * exposed,
  };
}
