import type { Reason, Report } from '../../../src/analysis/report/report.ts';

export const metricAnchor = (key: string) => `metric-${key}`;
export const guardrailAnchor = (key: string) => `guardrail-${key}`;
export const healthAnchor = (key: string) => `health-${key}`;
export const INTERLEAVING_ANCHOR = 'interleaving-title';

/** Where on the page the thing stands that a reason speaks of, and its name; null when it speaks of nothing shown. */
export function targetOf(
  report: Pick<Report, 'health' | 'metrics' | 'interleaving' | 'state'>,
  { ref, clause }: Reason,
): { readonly anchor: string; readonly name: string } | null {
  if (ref === undefined) return null;
  if (ref === 'interleaving' && report.interleaving !== undefined)
    return { anchor: INTERLEAVING_ANCHOR, name: 'the preference' };
  const card = report.health.find((candidate) => candidate.key === ref);
  if (card !== undefined) return { anchor: healthAnchor(ref), name: card.title };
  const metric = report.metrics.find((candidate) => candidate.key === ref);
  // Without a comparison, or while only counts are shown, a metric has no row.
  if (metric === undefined || metric.comparisons.length === 0 || report.state === 'collecting') return null;
  // A success metric may be a guardrail too: then the clause decides which of its two rows is meant.
  const guarded = metric.comparisons.some(({ guardrail }) => guardrail !== undefined);
  const row = guarded && (metric.role === 'guardrail' || /guardrail|limit|roll back/.test(clause));
  return { anchor: row ? guardrailAnchor(ref) : metricAnchor(ref), name: metric.name };
}
