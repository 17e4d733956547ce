import type { Comparison, MetricReport, Report } from '../analysis/report/report.ts';
import { PUBLISHED_TEST, type PublishedRow } from '../simulation/published.ts';
import type { TrueEffect } from '../simulation/true-effects.ts';

export interface Range {
  readonly low: number | null;
  readonly high: number | null;
}

/** One line of table 1. All figures are fractions or in the metric's unit, never percentages. */
export interface PublishedTableRow {
  readonly metric: string;
  readonly name: string;
  readonly unit: PublishedRow['unit'];
  readonly kind: 'relative' | 'points';
  readonly published: { readonly control: number; readonly treatment: number; readonly change: number };
  /** Null where the world's truth was not computed. */
  readonly truth: TrueEffect | null;
  readonly ours: {
    readonly control: number | null;
    readonly treatment: number | null;
    readonly change: number | null;
    /** Right when looked at once; the level is that after correction. */
    readonly fixed: Range | null;
    readonly level: number;
    /** Right at every look; null with the reason. */
    readonly alwaysValid: Range | null;
    readonly alwaysValidReason: string | null;
    readonly outcome: Comparison['outcome'] | null;
    /** Why there is no estimate. */
    readonly reason: string | null;
  };
  /** Whether the fixed interval covers the truth; null where one of the two is missing. */
  readonly covers: boolean | null;
  /** Share of viewers whose window was complete when the test ended, and when the row was measured. */
  readonly mature: { readonly atTestEnd: number; readonly measured: number };
}

/**
 * The published test, the world's truth and our estimate side by side. 30-day retention is read from `windows`: at the end
 * of the test its windows are not complete.
 *
 * @param test     the report of the test's last day
 * @param windows  a report with `retention_30d` once all windows are complete
 */
export function publishedRows(
  test: Report,
  windows: Report | undefined,
  variant: string,
  truth: readonly TrueEffect[] = [],
): PublishedTableRow[] {
  const metricOf = (report: Report | undefined, key: string) =>
    report?.metrics.find((metric) => metric.key === key);
  return PUBLISHED_TEST.map((row) => {
    const atEnd = metricOf(test, row.metric);
    const metric = metricOf(windows, row.metric) ?? atEnd;
    const known = truth.find(({ metric: name }) => name === row.metric) ?? null;
    const { kind, value } = row.change;
    const ours = oursOf(metric, variant, kind);
    const fixed = ours.fixed;
    return {
      metric: row.metric,
      name: row.name,
      unit: row.unit,
      kind,
      published: { control: row.control, treatment: row.treatment, change: value },
      truth: known,
      ours,
      covers: known === null || fixed === null ? null : within(known.change, fixed),
      mature: { atTestEnd: shareOf(atEnd), measured: shareOf(metric) },
    };
  });
}

const within = (value: number, { low, high }: Range): boolean =>
  (low === null || low <= value) && (high === null || value <= high);

function shareOf(metric: MetricReport | undefined): number {
  const { mature = 0, exposed = 0 } = metric?.maturity ?? {};
  return exposed === 0 ? 0 : mature / exposed;
}

function oursOf(
  metric: MetricReport | undefined,
  variant: string,
  kind: PublishedTableRow['kind'],
): PublishedTableRow['ours'] {
  const none = {
    control: null,
    treatment: null,
    change: null,
    fixed: null,
    level: 0.95,
    alwaysValid: null,
    alwaysValidReason: null,
    outcome: null,
  };
  const comparison = metric?.comparisons.find(({ arm }) => arm === variant);
  if (metric === undefined || comparison === undefined) {
    const { mature = 0, exposed = 0 } = metric?.maturity ?? {};
    const reason = metric === undefined ? 'not measured' : `${mature} of ${exposed} windows are complete`;
    return { ...none, reason };
  }
  const scale = kind === 'relative' ? 'relative' : 'absolute';
  const estimate = comparison[scale];
  const arm = (key: string) => metric.arms.find((one) => one.arm === key)?.value ?? null;
  const values = { control: arm(comparison.control), treatment: arm(comparison.arm) };
  if (!estimate.ok) return { ...none, ...values, reason: estimate.reason };
  const always = comparison.alwaysValid;
  const [low, high] = estimate.interval;
  const alwaysEstimate = always.ok ? always[scale] : always;
  return {
    ...values,
    change: estimate.estimate,
    fixed: { low, high },
    level: comparison.interval.level,
    alwaysValid: alwaysEstimate.ok
      ? { low: alwaysEstimate.interval[0], high: alwaysEstimate.interval[1] }
      : null,
    alwaysValidReason: alwaysEstimate.ok ? null : alwaysEstimate.reason,
    outcome: comparison.outcome,
    reason: null,
  };
}
