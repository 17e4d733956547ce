import type { Experiment, MetricDeclaration } from '../../declarations.ts';
import { isBeforeExposure } from './covariates.ts';
import { noveltyMetric, onceMetric } from './derived-metrics.ts';
import { isFromUnitDays } from './measures.ts';
import type { Scope } from './scope.ts';

/** What is summed for a metric: itself, and others made of it. */
export interface Wanted {
  readonly of: string;
  readonly role: 'itself' | 'once' | 'novelty';
  readonly metric: MetricDeclaration;
  /** What `once` estimates. */
  readonly estimand?: string;
}

/** The metrics that are computed from unit-days, without those measured before first exposure. */
export const outcomesOf = ({ metrics }: Scope): readonly MetricDeclaration[] =>
  metrics.filter((metric) => isFromUnitDays(metric) && !isBeforeExposure(metric));

export const wantedMetrics = (scope: Scope): readonly Wanted[] =>
  outcomesOf(scope).flatMap((metric) => wantedOf(metric, scope.experiment));

export function roleOf(
  { key }: MetricDeclaration,
  { metrics }: Experiment,
): 'success' | 'guardrail' | 'secondary' {
  if (metrics.success.some(({ metric }) => metric === key)) return 'success';
  return metrics.guardrails.some(({ metric }) => metric === key) ? 'guardrail' : 'secondary';
}

function wantedOf(metric: MetricDeclaration, experiment: Experiment): readonly Wanted[] {
  const { key: of } = metric;
  const role = roleOf(metric, experiment);
  // Where it is only looked at, the sums of the first days would cost more than they tell.
  const once =
    role === 'secondary' && experiment.analysis.interval === 'fixed' ? undefined : onceMetric(metric);
  const novelty = role === 'success' ? noveltyMetric(metric) : undefined;
  return [
    { of, role: 'itself', metric },
    ...(once ? [{ of, role: 'once' as const, ...once }] : []),
    ...(novelty ? [{ of, role: 'novelty' as const, metric: novelty }] : []),
  ];
}
