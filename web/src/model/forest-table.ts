import {
  formatCount,
  formatDifference,
  formatDifferenceInterval,
  formatLift,
  formatLiftInterval,
  formatP,
  formatValue,
} from '../../../src/analysis/report/format.ts';
import { liftText, promiseText } from './comparison.ts';
import type { ForestRow } from './forest.ts';

export const FOREST_HEAD = [
  'Metric',
  'Variant',
  'Control',
  'Treatment',
  'n control',
  'n treatment',
  'Lift',
  'Lift interval',
  'Difference',
  'Difference interval',
  'p',
  'p adjusted',
  'Result',
  'Method',
  'Interval is',
  'Fixed horizon',
  'Always valid',
] as const;

/** Every figure of a forest as text, one line per comparison. */
export function forestTable(rows: readonly ForestRow[]): string[][] {
  return rows.map(({ metric, comparison, mark }) => {
    const { relative, absolute } = comparison;
    const arm = (variant: string) => metric.arms.find((candidate) => candidate.arm === variant);
    const control = arm(comparison.control);
    const treatment = arm(comparison.arm);
    const difference = (value: number) => formatDifference(value, metric.unit);
    return [
      metric.name,
      comparison.arm,
      formatValue(control?.value ?? null, metric.unit),
      formatValue(treatment?.value ?? null, metric.unit),
      control === undefined ? 'no data' : formatCount(control.n),
      treatment === undefined ? 'no data' : formatCount(treatment.n),
      relative.ok ? formatLift(relative.estimate) : `n/a: ${relative.reason}`,
      relative.ok ? formatLiftInterval(relative.interval) : 'n/a',
      absolute.ok ? difference(absolute.estimate) : `n/a: ${absolute.reason}`,
      absolute.ok ? formatDifferenceInterval(absolute.interval, metric.unit) : 'n/a',
      formatP(comparison.p),
      comparison.pAdjusted === null ? 'n/a' : `${formatP(comparison.pAdjusted)} (${metric.correction})`,
      mark.word,
      comparison.method,
      promiseText(comparison.interval),
      comparison.fixedHorizon.ok
        ? liftText(comparison.fixedHorizon.relative)
        : comparison.fixedHorizon.reason,
      comparison.alwaysValid.ok ? liftText(comparison.alwaysValid.relative) : comparison.alwaysValid.reason,
    ];
  });
}
