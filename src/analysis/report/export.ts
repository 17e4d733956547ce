import type { Estimate, IntervalPair, IntervalPromise, MetricReport, Report } from './report.ts';

/** Columns of the export, in order. */
export const EXPORT_HEADER = [
  'experiment',
  'iteration',
  'environment',
  'cutoff',
  'configuration',
  'metric',
  'role',
  'arm',
  'control',
  'segment_attribute',
  'segment_value',
  'estimator',
  'scale',
  'unit',
  'n',
  'estimate',
  'standard_error',
  'low',
  'high',
  'p',
  'p_adjusted',
  'method',
  'interval_kind',
  'level',
  'coverage',
  'correction',
  'note',
] as const;

type Column = (typeof EXPORT_HEADER)[number];
/** null: nothing to say in this column. */
export type ExportCell = string | number | null;
type Filled = Partial<Readonly<Record<Column, ExportCell>>>;

export interface ExportTable {
  readonly header: readonly Column[];
  readonly rows: readonly (readonly ExportCell[])[];
}

/** Estimate, interval and what hinders it; an open end of the interval is null, with the reason in `note`. */
function estimated(estimate: Estimate): Filled {
  if (!estimate.ok) return { note: estimate.reason };
  const [low, high] = estimate.interval;
  return {
    estimate: estimate.estimate,
    standard_error: estimate.standardError,
    low,
    high,
    note: estimate.note ?? null,
  };
}

const promised = ({ kind, level, coverage, correction }: IntervalPromise): Filled => ({
  interval_kind: kind,
  level,
  coverage,
  correction,
});

function pairRows(estimator: string, pair: IntervalPair, promise: Filled, unit: string): readonly Filled[] {
  if (!pair.ok) return [{ estimator, ...promise, note: pair.reason }];
  const shared = { estimator, ...promise, n: pair.n, p: pair.p, method: pair.method };
  return [
    { ...shared, scale: 'absolute', unit, ...estimated(pair.absolute) },
    { ...shared, scale: 'relative', unit: 'fraction', ...estimated(pair.relative) },
  ];
}

function comparisonRows(metric: MetricReport): readonly Filled[] {
  const { unit } = metric;
  return metric.comparisons.flatMap((comparison) => {
    const { arm, control, absolute, relative, interval, p, pAdjusted, method } = comparison;
    const promise = promised(interval);
    const planned = { estimator: 'planned', ...promise, p, p_adjusted: pAdjusted, method };
    const { adjustment, posterior } = comparison;
    return [
      { ...planned, scale: 'absolute', unit, ...estimated(absolute) },
      { ...planned, scale: 'relative', unit: 'fraction', ...estimated(relative) },
      ...pairRows('fixed', comparison.fixedHorizon, { ...promise, interval_kind: 'fixed' }, unit),
      ...pairRows(
        'always-valid',
        comparison.alwaysValid,
        { ...promise, interval_kind: 'always-valid' },
        unit,
      ),
      ...(adjustment
        ? [
            {
              estimator: 'unadjusted',
              ...promise,
              interval_kind: 'fixed',
              scale: 'absolute',
              unit,
              ...estimated(adjustment.unadjusted),
            },
          ]
        : []),
      ...(posterior?.ok
        ? [
            {
              estimator: 'posterior',
              scale: posterior.scale,
              unit: posterior.scale === 'relative' ? 'fraction' : unit,
              estimate: posterior.mean,
              standard_error: posterior.standardDeviation,
              low: posterior.interval[0],
              high: posterior.interval[1],
              note: posterior.prior,
            },
          ]
        : []),
    ].map((row): Filled => ({ arm, control, ...row }));
  });
}

function metricRows(metric: MetricReport, control: string, alpha: number): readonly Filled[] {
  const marginal = { interval_kind: 'fixed', level: 1 - alpha, coverage: 'marginal', correction: 'none' };
  return [
    ...metric.arms.map(
      ({ arm, n, value }): Filled => ({
        arm,
        estimator: 'value',
        scale: 'absolute',
        unit: metric.unit,
        n,
        estimate: value,
      }),
    ),
    ...comparisonRows(metric),
    ...(metric.novelty ?? []).map(
      ({ arm, change, p }): Filled => ({
        arm,
        control,
        estimator: 'novelty',
        scale: 'absolute',
        unit: metric.unit,
        p,
        ...marginal,
        ...estimated(change),
      }),
    ),
    ...(metric.plausible ?? []).flatMap(({ arm, without }): readonly Filled[] => {
      const shared = { arm, control, estimator: 'without-implausible', ...marginal };
      return [
        { ...shared, scale: 'absolute', unit: metric.unit, ...estimated(without.absolute) },
        { ...shared, scale: 'relative', unit: 'fraction', ...estimated(without.relative) },
      ];
    }),
  ].map((row) => ({ metric: metric.key, role: metric.role, ...row }));
}

function segmentRows({ segments, metrics, experiment }: Report): readonly Filled[] {
  return segments.flatMap((row): readonly Filled[] => {
    const metric = metrics.find(({ key }) => key === row.metric);
    const place: Filled = {
      metric: row.metric,
      role: metric?.role ?? null,
      arm: row.arm,
      control: experiment.control,
      segment_attribute: row.attribute,
      segment_value: row.value,
      n: row.n,
      ...promised(row.interval),
    };
    const { difference, p, pAdjusted } = row.interaction;
    const declared = row.declared ? 'segment' : 'segment-explored';
    return [
      {
        ...place,
        estimator: declared,
        scale: 'relative',
        unit: 'fraction',
        p: row.p,
        p_adjusted: row.pAdjusted,
        ...estimated(row.relative),
      },
      {
        ...place,
        estimator: 'interaction',
        scale: 'absolute',
        unit: metric?.unit ?? null,
        p,
        p_adjusted: pAdjusted,
        ...(row.interaction.interval ? promised(row.interaction.interval) : { level: null }),
        ...estimated(difference),
      },
      {
        ...place,
        estimator: 'shrunken',
        scale: 'relative',
        unit: 'fraction',
        level: 1 - experiment.alpha,
        coverage: null,
        correction: 'none',
        ...estimated(row.shrunken),
      },
    ];
  });
}

/**
 * The report's estimates as a long table: one row for each arm, metric, segment, estimator and scale, with what its
 * interval promises and which data and configuration it came from. Shares are fractions of 1, relative effects fractions
 * of the control. A report whose estimates are withheld has no rows.
 */
export function exportRows(report: Report): ExportTable {
  const { experiment, environment, cutoff, configuration } = report;
  const source: Filled = {
    experiment: experiment.key,
    iteration: experiment.iteration,
    environment,
    cutoff,
    configuration,
  };
  const filled =
    report.state === 'invalid'
      ? []
      : [
          ...report.metrics.flatMap((metric) => metricRows(metric, experiment.control, experiment.alpha)),
          ...segmentRows(report),
        ];
  return {
    header: EXPORT_HEADER,
    rows: filled.map((row) => EXPORT_HEADER.map((column) => row[column] ?? source[column] ?? null)),
  };
}
