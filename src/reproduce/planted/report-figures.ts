import type { Comparison, Estimate, MetricReport, Report } from '../../analysis/report/report.ts';
import type { FaultFigure } from './fault-table.ts';

/** A figure of an estimate, on the scale that it is given in. */
export function figureOf(
  what: string,
  unit: string,
  estimate: Estimate | undefined,
  truth: number | null,
): FaultFigure {
  if (!estimate?.ok) return { what, unit, estimate: null, low: null, high: null, truth };
  const [low, high] = estimate.interval;
  return { what, unit, estimate: estimate.estimate, low, high, truth };
}

export const metricOf = (report: Report, key: string): MetricReport | undefined =>
  report.metrics.find((metric) => metric.key === key);

export const comparisonOf = (report: Report, key: string): Comparison | undefined =>
  metricOf(report, key)?.comparisons[0];

/** The relative effect on one metric beside its truth. */
export function effectFigure(report: Report, key: string, truth: number | null): FaultFigure {
  const metric = metricOf(report, key);
  return figureOf(metric?.name ?? key, '%', comparisonOf(report, key)?.relative, truth);
}

/** Whether the interval of a figure holds its truth; null where one of the two is missing. */
export function covers({ estimate, low, high, truth }: FaultFigure): boolean | null {
  if (estimate === null || truth === null) return null;
  return (low === null || low <= truth) && (high === null || truth <= high);
}

export const cardOf = (report: Report, key: string) => report.health.find((card) => card.key === key);

/** The verdict in a few words. */
export const verdictOf = ({ verdict }: Report): string =>
  verdict.variant === null ? verdict.decision : `${verdict.decision} (${verdict.variant})`;
