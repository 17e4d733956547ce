import type { Experiment, MetricDeclaration } from '../declarations.ts';
import type { MetricAggregates } from './aggregates.ts';
import { compareMoments, estimateOf, type Pair, planOf, pValue } from './compare.ts';
import { momentsOf, treatmentsOf } from './metric-report.ts';
import { COVERAGE, correct } from './multiplicity.ts';
import type { Report } from './report.ts';

const DAY = 86_400_000;

interface Part {
  readonly metric: MetricDeclaration;
  readonly aggregates: MetricAggregates;
}

/** Declared metrics of the given keys that have moments. */
function partsOf(
  keys: readonly string[],
  metrics: readonly MetricDeclaration[],
  aggregates: readonly MetricAggregates[],
): readonly Part[] {
  return [...new Set(keys)].flatMap((key) => {
    const metric = metrics.find((candidate) => candidate.key === key);
    const sums = aggregates.find((candidate) => candidate.metric === key);
    return metric && sums ? [{ metric, aggregates: sums }] : [];
  });
}

/** Cumulative relative lift at the end of each day, for success metrics and guardrails; intervals are marginal. */
export function dailyLift(
  experiment: Experiment,
  metrics: readonly MetricDeclaration[],
  aggregates: readonly MetricAggregates[],
): Report['daily'] {
  const plan = planOf(experiment);
  const { success, guardrails } = experiment.metrics;
  const keys = [...success, ...guardrails].map(({ metric }) => metric);
  return partsOf(keys, metrics, aggregates).flatMap(({ metric, aggregates: { daily } }) =>
    treatmentsOf(experiment).flatMap((variant) =>
      daily.flatMap(({ day, arms }) => {
        const t = momentsOf(arms, variant);
        const c = momentsOf(arms, experiment.control);
        if (!t || !c) return [];
        return {
          metric: metric.key,
          arm: variant,
          day,
          date: new Date(experiment.startMs + (day - 1) * DAY).toISOString().slice(0, 10),
          n: t.n + c.n,
          relative: estimateOf(compareMoments(metric, t, c).relative, plan, plan.alpha),
        };
      }),
    ),
  );
}

/** Success metrics by segment, corrected over all rows of the table together. */
export function segmentLift(
  experiment: Experiment,
  metrics: readonly MetricDeclaration[],
  aggregates: readonly MetricAggregates[],
): Report['segments'] {
  const plan = planOf(experiment);
  const keys = experiment.metrics.success.map(({ metric }) => metric);
  const rows = partsOf(keys, metrics, aggregates).flatMap(({ metric, aggregates: { segments } }) =>
    segments.flatMap(({ attribute, value, arms }) =>
      treatmentsOf(experiment).flatMap((variant) => {
        const t = momentsOf(arms, variant);
        const c = momentsOf(arms, experiment.control);
        if (!t || !c) return [];
        const pair: Pair = compareMoments(metric, t, c);
        return { attribute, value, metric: metric.key, arm: variant, n: t.n + c.n, pair };
      }),
    ),
  );
  const p = rows.map(({ pair }) => pValue(pair.absolute, plan));
  const { adjusted, levels } = correct(p, experiment.analysis.correction.segments, plan.alpha);
  const later = { ok: false, reason: 'not computed' } as const;
  return rows.map(({ pair, ...row }, index) => ({
    ...row,
    declared: true,
    interval: {
      kind: plan.interval,
      level: 1 - (levels[index] ?? plan.alpha),
      coverage: COVERAGE[experiment.analysis.correction.segments],
      correction: experiment.analysis.correction.segments,
      sides: 'two-sided' as const,
    },
    interaction: { difference: later, p: null, pAdjusted: null },
    shrunken: later,
    relative: estimateOf(pair.relative, plan, levels[index] ?? plan.alpha),
    p: p[index] ?? null,
    pAdjusted: adjusted[index] ?? null,
  }));
}
