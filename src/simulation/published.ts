import type { MetricReport, Report } from '../analysis/report/report.ts';

/** Key of the experiment that declares the published test. */
export const PUBLISHED_EXPERIMENT = 'homepage-hybrid';

/** One row of the published four-week test of 800,000 users. */
export interface PublishedRow {
  /** Key in the metric catalogue. */
  readonly metric: string;
  readonly name: string;
  /** As shown: fractions for `%`, otherwise in the unit. */
  readonly control: number;
  readonly treatment: number;
  readonly unit: '%' | 'h/week' | 'min' | 'genres/week';
  /** How the change was published: relative to control, or in percentage points. */
  readonly change: { readonly kind: 'relative' | 'points'; readonly value: number };
}

export const PUBLISHED_TEST: readonly PublishedRow[] = [
  {
    metric: 'click_through_rate',
    name: 'Click-through rate',
    control: 0.182,
    treatment: 0.241,
    unit: '%',
    change: { kind: 'relative', value: 0.32 },
  },
  {
    metric: 'watch_hours_per_week',
    name: 'Watch time',
    control: 8.4,
    treatment: 11.1,
    unit: 'h/week',
    change: { kind: 'relative', value: 0.32 },
  },
  {
    metric: 'session_minutes',
    name: 'Session duration',
    control: 42,
    treatment: 51,
    unit: 'min',
    change: { kind: 'relative', value: 0.21 },
  },
  {
    metric: 'genres_per_week',
    name: 'Genres watched',
    control: 2.3,
    treatment: 3.1,
    unit: 'genres/week',
    change: { kind: 'relative', value: 0.35 },
  },
  {
    metric: 'retention_7d',
    name: '7-day retention',
    control: 0.68,
    treatment: 0.73,
    unit: '%',
    change: { kind: 'points', value: 0.05 },
  },
  {
    metric: 'retention_30d',
    name: '30-day retention',
    control: 0.82,
    treatment: 0.85,
    unit: '%',
    change: { kind: 'points', value: 0.03 },
  },
];

const HEADER = ['metric', 'published', '', 'change', 'ours', '', 'change', '95 % interval'];

/**
 * The published test with ours beside it, for a terminal: control, treatment and change of both, and our interval. A
 * metric that has no estimate says why instead.
 * @param report   of an experiment with the metrics of the table
 * @param variant  compared with the control; the first compared one when absent
 */
export function publishedTable(report: Report, variant?: string): string {
  const metrics = new Map(report.metrics.map((metric) => [metric.key, metric]));
  const rows = PUBLISHED_TEST.map((row) => [
    row.name,
    shown(row.control, row.unit),
    shown(row.treatment, row.unit),
    changed(row.change.value, row.change.kind),
    ...ours(row, metrics.get(row.metric), variant, report.experiment.alpha),
  ]);
  const interval = `${Math.round(100 * (1 - report.experiment.alpha))} % interval`;
  return layOut([[...HEADER.slice(0, -1), interval], ...rows]);
}

/**
 * Control, treatment, change and interval of one metric, or the reason why there are none. An interval says its level where
 * correction made it another than 1 - alpha.
 */
function ours(
  row: PublishedRow,
  metric: MetricReport | undefined,
  variant: string | undefined,
  alpha: number,
): string[] {
  if (metric === undefined) return ['-', '-', 'not measured', ''];
  const comparison = metric.comparisons.find((one) => variant === undefined || one.arm === variant);
  const { mature, exposed } = metric.maturity;
  const immature = `${Math.floor((100 * mature) / Math.max(1, exposed))} % of windows complete`;
  if (comparison === undefined) return ['-', '-', immature, ''];
  const arm = (key: string) => {
    const value = metric.arms.find((one) => one.arm === key)?.value;
    // A report shows a `%` metric as a fraction.
    return value === null || value === undefined ? '-' : shown(value, row.unit);
  };
  const { kind } = row.change;
  const estimate = kind === 'relative' ? comparison.relative : comparison.absolute;
  const values = [arm(comparison.control), arm(comparison.arm)];
  if (!estimate.ok) return [...values, estimate.reason, ''];
  const [low, high] = estimate.interval;
  const { level } = comparison.interval;
  const corrected = Math.abs(level - (1 - alpha)) > 1e-9 ? ` (at ${Number((100 * level).toFixed(2))} %)` : '';
  const bound = (value: number | null, open: string) => (value === null ? open : changed(value, kind));
  return [
    ...values,
    changed(estimate.estimate, kind) +
      (metric.maturity.ready ? '' : ` (${mature < exposed ? immature : 'immature'})`),
    `${bound(low, '-inf')} to ${bound(high, '+inf')}${corrected}`,
  ];
}

function shown(value: number, unit: PublishedRow['unit']): string {
  if (unit === '%') return `${(100 * value).toFixed(1)} %`;
  const digits = unit === 'min' ? 0 : 1;
  return `${value.toFixed(digits)} ${unit === 'genres/week' ? '' : unit}`.trim();
}

function changed(value: number, kind: PublishedRow['change']['kind']): string {
  return `${value < 0 ? '-' : '+'}${Math.abs(100 * value).toFixed(1)} ${kind === 'relative' ? '%' : 'pp'}`;
}

/** Columns padded to their widest cell; the first to the left, numbers to the right. */
function layOut(rows: readonly (readonly string[])[]): string {
  const widths = HEADER.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [line(rows[0]!), rule, ...rows.slice(1).map(line)].join('\n');
}
