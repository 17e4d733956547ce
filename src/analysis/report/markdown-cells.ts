import {
  formatDifference,
  formatDifferenceInterval,
  formatLift,
  formatLiftInterval,
  formatShare,
} from './format.ts';
import type { Comparison, Estimate, IntervalPromise, MetricReport, Report } from './report.ts';

export type Cells = readonly string[];

export const escaped = (text: string) => text.replaceAll('|', '\\|').replace(/\s+/g, ' ').trim();

export function table(header: Cells, rows: readonly Cells[]): string {
  const line = (cells: Cells) => `| ${cells.map(escaped).join(' | ')} |`;
  return [line(header), `|${header.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

const noted = (estimate: Estimate & { ok: true }) =>
  estimate.note === undefined ? '' : ` (${estimate.note})`;

/** "+3.5 % [+0.1 %, +6.9 %]", with its note. */
export function liftCell(estimate: Estimate): string {
  return estimate.ok
    ? `${formatLift(estimate.estimate)} ${formatLiftInterval(estimate.interval)}${noted(estimate)}`
    : `n/a (${estimate.reason})`;
}

export function differenceCell(estimate: Estimate, unit: string): string {
  return estimate.ok
    ? `${formatDifference(estimate.estimate, unit)} ${formatDifferenceInterval(estimate.interval, unit)}${noted(estimate)}`
    : `n/a (${estimate.reason})`;
}

/** The relative effect, or the absolute one where there is no relative. */
export function effectCell(effects: Pick<Comparison, 'absolute' | 'relative'>, unit: string): string {
  return effects.relative.ok ? liftCell(effects.relative) : differenceCell(effects.absolute, unit);
}

const KINDS = {
  fixed: 'fixed horizon',
  'always-valid': 'always-valid',
  'group-sequential': 'group-sequential',
};

const COVERAGES = {
  marginal: 'marginal coverage',
  simultaneous: 'simultaneous coverage',
  'step-wise': 'step-wise coverage',
  'false-coverage': 'false-coverage rate',
};

/** "fixed horizon, 97.5 %, step-wise coverage (holm), two-sided". */
export function promiseText({ kind, level, coverage, correction, sides }: IntervalPromise): string {
  const corrected = correction === 'none' ? '' : ` (${correction})`;
  return `${KINDS[kind]}, ${formatShare(level)}, ${COVERAGES[coverage]}${corrected}, ${sides}`;
}

export type Row = readonly [MetricReport, Comparison];

/** Every comparison of the report with its metric. */
export function allRows(report: Report): readonly Row[] {
  return report.metrics.flatMap((metric) =>
    metric.comparisons.map((comparison): Row => [metric, comparison]),
  );
}

/** "Watch time", and the variant where there are several. */
export function rowName(report: Report, [{ name }, { arm }]: Row): string {
  return report.experiment.variants.length > 2 ? `${name}, ${arm}` : name;
}
