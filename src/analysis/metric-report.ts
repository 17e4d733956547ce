import type { Correction, Experiment, MetricDeclaration } from '../declarations.ts';
import type { ArmMoments, ExperimentAggregates, Moments } from './aggregates.ts';
import {
  compareCoverage,
  compareMoments,
  compareQuantileArms,
  estimateOf,
  missing,
  type Pair,
  type Plan,
  planOf,
  pValue,
} from './compare.ts';
import { formatShare } from './format.ts';
import { maturityOf } from './maturity.ts';
import { COVERAGE, correct } from './multiplicity.ts';
import type { ArmValue, Comparison, IntervalPair, MetricReport } from './report.ts';

/** One metric with its comparisons, and the pairs they came from, in the same order. */
export interface MetricAnalysis {
  readonly metric: MetricDeclaration;
  readonly report: MetricReport;
  readonly pairs: readonly Pair[];
}

interface Measured {
  readonly metric: MetricDeclaration;
  readonly role: MetricReport['role'];
  readonly minimumEffect?: number;
  readonly maturity: MetricReport['maturity'];
  readonly arms: readonly ArmValue[];
  readonly pairs: readonly { readonly variant: string; readonly pair: Pair }[];
}

export function momentsOf(arms: readonly ArmMoments[], variant: string): Moments | undefined {
  return arms.find((arm) => arm.variant === variant)?.moments;
}

/** Variants compared with the control: all others that get units; none where both rankers share one list. */
export function treatmentsOf(experiment: Experiment): readonly string[] {
  if (experiment.design === 'interleaving') return [];
  return experiment.variants.filter(({ key }) => key !== experiment.control).map(({ key }) => key);
}

/** The declared metrics in order, each once, with the first role it was declared in. */
function rolesOf(
  experiment: Experiment,
): readonly { key: string; role: MetricReport['role']; minimumEffect?: number }[] {
  const { success, guardrails, secondary } = experiment.metrics;
  const all = [
    ...success.map(({ metric, minimumEffect }) => ({
      key: metric,
      role: 'success' as const,
      ...(minimumEffect === undefined ? {} : { minimumEffect }),
    })),
    ...guardrails.map(({ metric }) => ({ key: metric, role: 'guardrail' as const })),
    ...secondary.map((key) => ({ key, role: 'secondary' as const })),
  ];
  return all.filter((entry, index) => all.findIndex((other) => other.key === entry.key) === index);
}

const UNMEASURED = { mature: 0, exposed: 0, completeAt: null, ready: false };

function measure(
  experiment: Experiment,
  metric: MetricDeclaration,
  aggregates: ExperimentAggregates,
): Pick<Measured, 'maturity' | 'arms' | 'pairs'> {
  const { control } = experiment;
  const treatments = treatmentsOf(experiment);
  const needed = Math.max(2, experiment.analysis.maturity.unitsPerArm);
  const values = (of: (variant: string) => { n: number; value: number | null }): readonly ArmValue[] =>
    experiment.variants.map(({ key }) => ({ arm: key, ...of(key) }));
  const against = (compare: (variant: string) => Pair) =>
    treatments.map((variant) => ({ variant, pair: compare(variant) }));

  const quantiles = aggregates.quantiles.find((entry) => entry.metric === metric.key);
  if (quantiles) {
    const units = quantiles.arms.map((arm) => arm.moments.n);
    const total = units.reduce((sum, n) => sum + n, 0);
    return {
      maturity: {
        mature: total,
        exposed: total,
        completeAt: null,
        ready: units.length > 1 && Math.min(...units) >= needed,
      },
      arms: values((variant) => {
        const arm = quantiles.arms.find((candidate) => candidate.variant === variant);
        return arm && arm.moments.x > 0 ? { n: arm.moments.n, value: arm.value } : { n: 0, value: null };
      }),
      pairs: against((variant) => compareQuantileArms(quantiles, variant, control)),
    };
  }
  const coverage = aggregates.coverage.find((entry) => entry.metric === metric.key);
  if (coverage) {
    const { unitsPerArm, catalogueSize } = coverage;
    const total = unitsPerArm * coverage.arms.length;
    return {
      maturity: { mature: total, exposed: total, completeAt: null, ready: unitsPerArm >= needed },
      arms: values((variant) => {
        const arm = coverage.arms.find((candidate) => candidate.variant === variant);
        return arm && catalogueSize > 0 && unitsPerArm > 0
          ? { n: unitsPerArm, value: (arm.titles / catalogueSize) * metric.scale }
          : { n: 0, value: null };
      }),
      pairs: against((variant) => compareCoverage(coverage, variant, control, metric.scale)),
    };
  }
  const sums = aggregates.metrics.find((entry) => entry.metric === metric.key);
  return {
    maturity: sums ? maturityOf(experiment, sums) : UNMEASURED,
    arms: values((variant) => {
      const moments = sums && momentsOf(sums.arms, variant);
      if (!moments) return { n: 0, value: null };
      const below = metric.kind === 'ratio' ? moments.x : moments.n;
      return { n: moments.n, value: below > 0 ? moments.y / below : null };
    }),
    pairs: against((variant) => {
      const c = sums && momentsOf(sums.arms, control);
      const t = sums && momentsOf(sums.arms, variant);
      if (!c || !t) return missing(c ? variant : control);
      return compareMoments(metric, t, c);
    }),
  };
}

function both({ absolute, relative }: Pair, plan: Plan, level: number): IntervalPair {
  if (!absolute.ok) return absolute;
  return {
    ok: true,
    absolute: estimateOf(absolute, plan, level),
    relative: estimateOf(relative, plan, level),
    p: pValue(absolute, plan),
    method: absolute.value.method,
    n: absolute.value.n,
  };
}

function compared(
  measured: Measured,
  entry: Measured['pairs'][number],
  control: string,
  plan: Plan,
  judged: { readonly level: number; readonly adjusted: number | null; readonly correction: Correction },
): Comparison {
  const { variant, pair } = entry;
  const { absolute, relative } = pair;
  const effect = absolute.ok ? absolute.value : null;
  const significant = effect !== null && judged.adjusted !== null && judged.adjusted <= plan.alpha;
  const up = effect !== null && effect.estimate > 0;
  const better = up === (measured.metric.direction === 'higher-is-better');
  const looking = plan.interval === 'always-valid' ? ', always-valid' : '';
  return {
    arm: variant,
    control,
    absolute: estimateOf(absolute, plan, judged.level),
    relative: estimateOf(relative, plan, judged.level),
    interval: {
      kind: plan.interval,
      level: 1 - judged.level,
      coverage: COVERAGE[judged.correction],
      correction: judged.correction,
      sides: 'two-sided',
    },
    fixedHorizon: both(pair, { ...plan, interval: 'fixed' }, judged.level),
    alwaysValid: both(pair, { ...plan, interval: 'always-valid' }, judged.level),
    statistic: effect?.statistic ?? null,
    df: plan.interval === 'always-valid' ? null : (effect?.df ?? null),
    p: pValue(absolute, plan),
    pAdjusted: judged.adjusted,
    method: effect ? `${effect.method}${looking}` : 'not computed',
    outcome: significant ? (better ? 'better' : 'worse') : 'inconclusive',
  };
}

const NAMES: Readonly<Record<Correction, string>> = {
  none: 'no correction',
  bonferroni: 'Bonferroni',
  holm: 'Holm',
  hochberg: 'Hochberg',
  bh: 'Benjamini-Hochberg',
  by: 'Benjamini-Yekutieli',
};

/** How the p-values of a family were corrected and what its intervals cover, in words. */
export function describeCorrection(correction: Correction, count: number, alpha: number): string {
  const level = formatShare(1 - alpha);
  if (correction === 'none' || count < 2) return `not corrected; ${level} marginal intervals`;
  return `${NAMES[correction]} over ${count} comparisons; ${COVERAGE[correction]} intervals at the corrected level: the absolute one excludes 0 exactly when the adjusted p is at most ${alpha}`;
}

/**
 * Every declared metric against the control. Success metrics are corrected together, over metrics x variants; guardrails
 * and secondary metrics are not corrected (guardrails are judged by margins, where a correction would hide harm).
 */
export function analyzeMetrics(
  experiment: Experiment,
  metrics: readonly MetricDeclaration[],
  aggregates: ExperimentAggregates,
): readonly MetricAnalysis[] {
  const plan = planOf(experiment);
  const measured = rolesOf(experiment).flatMap(({ key, ...role }): Measured[] => {
    const metric = metrics.find((candidate) => candidate.key === key);
    return metric ? [{ metric, ...role, ...measure(experiment, metric, aggregates) }] : [];
  });
  const family = measured.filter(({ role }) => role === 'success').flatMap(({ pairs }) => pairs);
  const correction = experiment.analysis.correction.success;
  const corrected = correct(
    family.map(({ pair }) => pValue(pair.absolute, plan)),
    correction,
    plan.alpha,
  );
  return measured.map((entry) => {
    const success = entry.role === 'success';
    const comparisons = entry.pairs.map((candidate) => {
      const index = success ? family.indexOf(candidate) : -1;
      return compared(entry, candidate, experiment.control, plan, {
        level: corrected.levels[index] ?? plan.alpha,
        correction: success ? correction : 'none',
        adjusted: success ? (corrected.adjusted[index] ?? null) : pValue(candidate.pair.absolute, plan),
      });
    });
    const { metric, role, maturity, arms, minimumEffect } = entry;
    return {
      metric,
      pairs: entry.pairs.map(({ pair }) => pair),
      report: {
        key: metric.key,
        name: metric.name,
        description: metric.description,
        role,
        kind: metric.kind,
        unit: metric.unit,
        direction: metric.direction,
        maturity,
        arms,
        comparisons,
        correction: describeCorrection(success ? correction : 'none', family.length, plan.alpha),
        ...(minimumEffect === undefined ? {} : { minimumEffect }),
      },
    };
  });
}
