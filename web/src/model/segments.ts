import type { MetricReport, Report } from '../../../src/analysis/report/report.ts';
import type { Tone } from './mark.ts';

export interface SegmentGroup {
  readonly attribute: string;
  readonly rows: readonly Report['segments'][number][];
}

/** The segments of one metric, grouped by attribute; the largest first. */
export function segmentGroups(report: Report, metric: string): SegmentGroup[] {
  const rows = report.segments.filter((row) => row.metric === metric);
  return [...new Set(rows.map((row) => row.attribute))].map((attribute) => ({
    attribute,
    rows: rows.filter((row) => row.attribute === attribute).sort((a, b) => b.n - a.n),
  }));
}

/** Metrics that have segments, in the report's order. */
export function segmentMetrics(report: Report): { readonly key: string; readonly name: string }[] {
  const keys = new Set(report.segments.map((row) => row.metric));
  const known = report.metrics.filter((metric) => keys.has(metric.key));
  return known.map(({ key, name }) => ({ key, name }));
}

/** A segment is called better or worse only with complete windows, after correction, in the metric's direction. */
export function segmentTone(
  row: Report['segments'][number],
  alpha: number,
  { direction, maturity }: Pick<MetricReport, 'direction' | 'maturity'>,
): Tone {
  if (!maturity.ready || !row.relative.ok || row.pAdjusted === null || row.pAdjusted >= alpha)
    return 'inconclusive';
  return row.relative.estimate > 0 === (direction === 'higher-is-better') ? 'better' : 'worse';
}
