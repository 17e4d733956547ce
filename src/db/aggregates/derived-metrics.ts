import type { Measure, MetricDeclaration } from '../../declarations.ts';
import { progressOf } from './progress.ts';
import { DAY_MS, WEEK_MS } from './scope.ts';

/**
 * The same metric over a window that closes once for each unit: 7 days from the opening, or from the day on which its
 * own window begins where that is later. Undefined where its window closes anyway.
 */
export function onceMetric(
  metric: MetricDeclaration,
): { readonly metric: MetricDeclaration; readonly estimand: string } | undefined {
  if (typeof progressOf(metric) === 'number') return undefined;
  const windowed = [metric.numerator, metric.denominator].filter((m) => m && m.event !== 'unit');
  const begins = Math.max(0, ...windowed.map((m) => m?.window.fromMs ?? 0));
  const toMs = begins < WEEK_MS ? WEEK_MS : begins + WEEK_MS;
  const closed = (measure: Measure): Measure => ({ ...measure, window: { ...measure.window, toMs } });
  return {
    estimand: `each unit's first ${Math.round(toMs / DAY_MS)} days`,
    metric: { ...metric, perWeek: false, ...withMeasures(metric, closed) },
  };
}

/**
 * The second week of each unit beside its first, as a ratio: y and x of its sums. Uncapped. Undefined but for means that
 * count from the opening on without an end.
 */
export function noveltyMetric(metric: MetricDeclaration): MetricDeclaration | undefined {
  const { numerator } = metric;
  if (metric.kind !== 'mean' || typeof progressOf(metric) === 'number') return undefined;
  if (numerator.event === 'unit' || numerator.window.fromMs !== 0) return undefined;
  const { cap: _, ...uncapped } = metric;
  return {
    ...uncapped,
    kind: 'ratio',
    perWeek: false,
    numerator: { ...numerator, window: { fromMs: WEEK_MS, toMs: 2 * WEEK_MS } },
    denominator: { ...numerator, window: { fromMs: 0, toMs: WEEK_MS } },
  };
}

function withMeasures(
  { numerator, denominator }: MetricDeclaration,
  change: (measure: Measure) => Measure,
): Pick<MetricDeclaration, 'numerator' | 'denominator'> {
  return { numerator: change(numerator), ...(denominator && { denominator: change(denominator) }) };
}
