import type { Comparison, IntervalPair, MetricReport } from '../../../src/analysis/report/report.ts';
import { IMMATURE_MARK, type Mark, OUTCOME_MARKS } from './mark.ts';

/** An interval to draw; null ends are open. */
export interface IntervalShape {
  readonly estimate: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** One metric against one variant. */
export interface ForestRow {
  readonly metric: MetricReport;
  readonly comparison: Comparison;
  readonly mark: Mark;
  /** Relative lift as a fraction by the fixed horizon, or why there is none. */
  readonly shape: IntervalShape | null;
  /** The same at every look; in a group-sequential test, at the declared ones. Null where there is none. */
  readonly whiskers: IntervalShape | null;
  readonly reason: string | null;
}

/** The rows of a forest, grouped so that each group reads in one direction. */
export interface ForestGroup {
  readonly direction: MetricReport['direction'];
  readonly rows: readonly ForestRow[];
}

export function forestGroups(metrics: readonly MetricReport[]): ForestGroup[] {
  const rows = metrics.flatMap(forestRows);
  return (['higher-is-better', 'lower-is-better'] as const)
    .map((direction) => ({ direction, rows: rows.filter((row) => row.metric.direction === direction) }))
    .filter((group) => group.rows.length > 0);
}

export function forestRows(metric: MetricReport): ForestRow[] {
  return metric.comparisons.map((comparison) => ({
    metric,
    comparison,
    mark: metric.maturity.ready ? OUTCOME_MARKS[comparison.outcome] : IMMATURE_MARK,
    shape: drawn(comparison.fixedHorizon) ?? (comparison.relative.ok ? shapeOf(comparison.relative) : null),
    whiskers:
      comparison.interval.kind === 'group-sequential' && comparison.relative.ok
        ? shapeOf(comparison.relative)
        : drawn(comparison.alwaysValid),
    reason: comparison.relative.ok ? null : comparison.relative.reason,
  }));
}

function drawn(pair: IntervalPair): IntervalShape | null {
  return pair.ok && pair.relative.ok ? shapeOf(pair.relative) : null;
}

export function shapeOf(estimate: {
  readonly estimate: number;
  readonly interval: readonly [number | null, number | null];
}): IntervalShape {
  return { estimate: estimate.estimate, low: estimate.interval[0], high: estimate.interval[1] };
}

/** One sentence that says what the figure shows. */
export function forestSummary(rows: readonly ForestRow[]): string {
  if (rows.length === 0) return 'No metrics are declared here.';
  const count = (tone: Mark['word']) => rows.filter((row) => row.mark.word === tone).length;
  const parts = (['better', 'worse', 'inconclusive', 'immature'] as const)
    .map((word) => [count(word), word] as const)
    .filter(([n]) => n > 0)
    .map(([n, word]) => `${n} ${word}`);
  return `Of ${rows.length} ${rows.length === 1 ? 'comparison' : 'comparisons'}, ${parts.join(', ')}.`;
}
