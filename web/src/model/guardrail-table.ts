import {
  formatDifference,
  formatDifferenceInterval,
  formatLift,
  formatLiftInterval,
  formatValue,
} from '../../../src/analysis/report/format.ts';
import type { GuardrailRow } from './guardrails.ts';

export const GUARDRAIL_HEAD = [
  'Guardrail',
  'Variant',
  'State',
  'Control',
  'Treatment',
  'Change',
  'Harm interval',
  'Margin',
  'Headroom left',
  'Absolute limit',
] as const;

/** The scale on which the margin is declared. */
export function marginScale(row: GuardrailRow): (value: number) => string {
  return row.guardrail.marginKind === 'relative'
    ? formatLift
    : (value) => formatDifference(value, row.metric.unit);
}

/** The harm interval on the scale of the margin. */
export function marginInterval({ guardrail, metric }: GuardrailRow): string {
  return guardrail.marginKind === 'relative'
    ? formatLiftInterval(guardrail.harm)
    : formatDifferenceInterval(guardrail.harm, metric.unit);
}

const unsigned = (text: string) => text.replace(/^\+/, '');

export const marginText = (row: GuardrailRow): string => unsigned(marginScale(row)(row.guardrail.margin));

/** What is left between the worst plausible harm and the margin. */
export function headroomText(row: GuardrailRow): string {
  const { headroom } = row;
  if (headroom === null) return 'unknown';
  const size = unsigned(marginScale(row)(Math.abs(headroom) * row.guardrail.margin));
  return headroom < 0 ? `none, ${size} over` : size;
}

export function limitText({ guardrail, metric }: GuardrailRow): string {
  const { limit } = guardrail;
  if (limit === undefined) return 'none';
  return `${formatValue(limit.value, metric.unit)} against ${formatValue(limit.limit, metric.unit)}: ${
    limit.holds ? 'holds' : 'broken'
  }`;
}

export function guardrailTable(rows: readonly GuardrailRow[]): string[][] {
  return rows.map((row) => {
    const { metric, comparison, guardrail } = row;
    const scale = marginScale(row);
    const value = (variant: string) =>
      formatValue(metric.arms.find((arm) => arm.arm === variant)?.value ?? null, metric.unit);
    const change = guardrail.marginKind === 'relative' ? comparison.relative : comparison.absolute;
    return [
      metric.name,
      comparison.arm,
      row.mark.word,
      value(comparison.control),
      value(comparison.arm),
      change.ok ? scale(change.estimate) : `n/a: ${change.reason}`,
      change.ok ? marginInterval(row) : 'n/a',
      marginText(row),
      headroomText(row),
      limitText(row),
    ];
  });
}
