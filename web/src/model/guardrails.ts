import type { Comparison, MetricReport } from '../../../src/analysis/report/report.ts';
import type { IntervalShape } from './forest.ts';
import { GUARDRAIL_MARKS, type Mark, type Tone } from './mark.ts';

type Guardrail = NonNullable<Comparison['guardrail']>;

export interface GuardrailRow {
  readonly metric: MetricReport;
  readonly comparison: Comparison;
  readonly guardrail: Guardrail;
  /** The state against the margin, in a word. */
  readonly mark: Mark;
  /** How the interval is drawn: by whether it excludes zero, whatever the margin. */
  readonly tone: Tone;
  /** Harm in units of the margin: 1 is the margin itself, negative is improvement. */
  readonly shape: IntervalShape | null;
  /** Margin less the upper end of the harm, as a share of the margin; null when unknown. */
  readonly headroom: number | null;
}

export function guardrailRows(metrics: readonly MetricReport[]): GuardrailRow[] {
  return metrics.flatMap((metric) =>
    metric.comparisons.flatMap((comparison) => {
      const { guardrail } = comparison;
      return guardrail === undefined ? [] : [guardrailRow(metric, comparison, guardrail)];
    }),
  );
}

function guardrailRow(metric: MetricReport, comparison: Comparison, guardrail: Guardrail): GuardrailRow {
  const estimate = guardrail.marginKind === 'relative' ? comparison.relative : comparison.absolute;
  const sign = metric.direction === 'higher-is-better' ? -1 : 1;
  const [low, high] = guardrail.harm;
  const harmed = guardrail.state === 'harm' || guardrail.state === 'breach';
  // Harm counts from the first day; anything else is only provisional while windows are open.
  const provisional = !metric.maturity.ready && !harmed;
  const state = GUARDRAIL_MARKS[guardrail.state];
  return {
    metric,
    comparison,
    guardrail,
    mark: provisional ? { tone: 'inconclusive', symbol: '◇', word: `${state.word}, immature` } : state,
    tone: provisional ? 'inconclusive' : toneOf(low, high),
    shape: estimate.ok
      ? {
          estimate: (sign * estimate.estimate) / guardrail.margin,
          low: low === null ? null : low / guardrail.margin,
          high: high === null ? null : high / guardrail.margin,
        }
      : null,
    headroom: !estimate.ok || high === null ? null : (guardrail.margin - high) / guardrail.margin,
  };
}

function toneOf(low: number | null, high: number | null): Tone {
  if (high !== null && high < 0) return 'better';
  return low !== null && low > 0 ? 'worse' : 'inconclusive';
}

/** Worst first: breach, harm, a broken absolute limit, unproven, safe but worse, safe. */
const SEVERITY = ['safe', 'safe-but-worse', 'unproven', 'harm', 'breach'] as const;

export function severity(row: GuardrailRow): number {
  const state = SEVERITY.indexOf(row.guardrail.state);
  return row.guardrail.limit?.holds === false ? Math.max(state, 3.5) : state;
}

export function worstGuardrail(metrics: readonly MetricReport[]): GuardrailRow | null {
  return guardrailRows(metrics).reduce<GuardrailRow | null>(
    (worst, row) => (worst === null || severity(row) > severity(worst) ? row : worst),
    null,
  );
}

export function guardrailSummary(rows: readonly GuardrailRow[]): string {
  if (rows.length === 0) return 'No guardrails are declared.';
  const words = [...new Set(rows.map((row) => row.mark.word))];
  const counts = words.map((word) => `${rows.filter((row) => row.mark.word === word).length} ${word}`);
  const broken = rows.filter((row) => row.guardrail.limit?.holds === false).length;
  return `Of ${rows.length} guardrail ${rows.length === 1 ? 'comparison' : 'comparisons'}, ${counts.join(', ')}${
    broken > 0 ? `; ${broken} over an absolute limit` : ''
  }.`;
}
