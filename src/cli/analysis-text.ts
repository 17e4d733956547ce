import {
  formatCount,
  formatDifference,
  formatDifferenceInterval,
  formatLift,
  formatLiftInterval,
  formatP,
  formatShare,
  formatValue,
} from '../analysis/report/format.ts';
import type { Comparison, Estimate, MetricReport } from '../analysis/report/report.ts';
import type { AnalysisDocument } from '../analyze-units.ts';

type Cells = readonly string[];

/** A table with columns as wide as they need to be. */
function table(head: Cells, rows: readonly Cells[]): string {
  const widths = head.map((cell, i) => Math.max(cell.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: Cells) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function lift(estimate: Estimate): string {
  return estimate.ok
    ? `${formatLift(estimate.estimate)} ${formatLiftInterval(estimate.interval)}`
    : `not computed: ${estimate.reason}`;
}

function difference(estimate: Estimate, unit: string): string {
  return estimate.ok
    ? `${formatDifference(estimate.estimate, unit)} ${formatDifferenceInterval(estimate.interval, unit)}`
    : `not computed: ${estimate.reason}`;
}

function outcome({ outcome: found, guardrail, p }: Comparison): string {
  if (guardrail) return guardrail.state.replaceAll('-', ' ');
  return p === null ? 'n/a' : found;
}

const armValue = (metric: MetricReport, arm: string) =>
  formatValue(metric.arms.find((entry) => entry.arm === arm)?.value ?? null, metric.unit);

function metricTable({ metrics }: AnalysisDocument): string {
  return table(
    [
      'metric',
      'role',
      'arm',
      'n',
      'control',
      'treatment',
      'difference',
      'relative',
      'p',
      'adjusted p',
      'outcome',
    ],
    metrics.flatMap((metric) =>
      metric.comparisons.map((comparison) => [
        metric.name,
        metric.role,
        comparison.arm,
        formatCount(metric.arms.find(({ arm }) => arm === comparison.arm)?.n ?? 0),
        armValue(metric, comparison.control),
        armValue(metric, comparison.arm),
        difference(comparison.absolute, metric.unit),
        lift(comparison.relative),
        formatP(comparison.p),
        formatP(comparison.pAdjusted),
        outcome(comparison),
      ]),
    ),
  );
}

function segmentTable({ segments }: AnalysisDocument): string {
  const adjusts = segments.some(({ adjustment }) => adjustment);
  return table(
    [
      ...[
        'segment',
        'metric',
        'arm',
        'n',
        'relative',
        'p',
        'adjusted p',
        'differs from the rest, p',
        'declared',
      ],
      ...(adjusts ? ['variance reduced by'] : []),
    ],
    segments.map((row) => [
      `${row.attribute} = ${row.value}`,
      row.metric,
      row.arm,
      formatCount(row.n),
      lift(row.relative),
      formatP(row.p),
      formatP(row.pAdjusted),
      formatP(row.interaction.pAdjusted),
      row.declared ? 'yes' : 'no',
      ...(adjusts ? [row.adjustment ? formatShare(row.adjustment.reduction) : ''] : []),
    ]),
  );
}

function methodLines({ metrics, plan }: AnalysisDocument): string {
  const lines = metrics.flatMap((metric) => {
    const [first] = metric.comparisons;
    if (!first) return [];
    const { adjustment } = first;
    const saved = adjustment
      ? `; variance reduced by ${formatShare(adjustment.reduction)} (the difference is adjusted, the arms' values are as measured)`
      : '';
    const warnings = (metric.diagnostics?.warnings ?? []).map((warning) => `\n    ${warning}`);
    return [`  ${metric.name}: ${first.method}; ${metric.correction}${saved}${warnings.join('')}`];
  });
  return [
    `Treatment minus control (${plan.control}), two-sided at alpha ${plan.alpha}, ${plan.interval} intervals, relative effects by ${plan.relative}.`,
    ...lines,
  ].join('\n');
}

/** The document as text: checks first, and no estimate where they are not to be believed. */
export function analysisText(document: AnalysisDocument): string {
  const { data, sampleRatio, state, reason } = document;
  const marks = { pass: 'ok  ', warn: 'WARN', fail: 'FAIL' } as const;
  const checks = data.checks.map(({ status, key, text }) => `  ${marks[status]}  ${key}: ${text}`);
  const arms = data.arms.map(
    ({ arm, units, weight }) => `${arm} ${formatCount(units)} (expected ${formatShare(weight)})`,
  );
  const ratio =
    sampleRatio.p === null
      ? `not judged: ${sampleRatio.reason ?? 'unknown'}`
      : `${sampleRatio.status}; chi-square ${sampleRatio.statistic?.toFixed(3)}, ${sampleRatio.df} df, p ${sampleRatio.p.toPrecision(3)}`;
  const head = [
    `${data.file}: ${formatCount(data.rows)} rows, ${formatCount(data.units)} units; ${arms.join(', ')}`,
    `Checks\n${checks.join('\n')}`,
  ];
  if (state === 'withheld') return `${[...head, 'No estimate: mend what FAIL names.'].join('\n\n')}\n`;
  head.push(`Sample ratio: ${ratio}`);
  if (state === 'invalid')
    return `${[...head, `Estimates are withheld: ${reason}. --json has them.`].join('\n\n')}\n`;
  const segments = document.segments.length === 0 ? [] : [`Segments\n${segmentTable(document)}`];
  return `${[...head, metricTable(document), ...segments, methodLines(document)].join('\n\n')}\n`;
}
