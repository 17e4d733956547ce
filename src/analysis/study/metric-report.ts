import type { Correction } from '../../declarations.ts';
import { posteriorOf } from '../bayes/bayesian.ts';
import { type Effect, refused } from '../estimate/effect.ts';
import { COVERAGE, type Corrected, correct } from '../multiplicity.ts';
import { formatShare } from '../report/format.ts';
import { promiseOf } from '../report/promise.ts';
import type { AdjustmentReport, Comparison, MetricReport, Posterior } from '../report/report.ts';
import { diagnosticsOf } from './diagnostics.ts';
import type { Measured, MeasuredPair } from './measure.ts';
import { noveltyOf } from './novelty-report.ts';
import { plausibleOf } from './plausible-report.ts';
import { estimateOf, intervalPair, methodOf, pValue } from './reading.ts';
import type { Study } from './study.ts';

interface Judged {
  /** By the interval that the plan permits. */
  readonly p: number | null;
  /** alpha of the intervals, after correction. */
  readonly level: number;
  readonly adjusted: number | null;
  readonly correction: Correction;
}

function plannedP({ planned }: MeasuredPair): number | null {
  return planned.ok ? pValue(planned.value.pair.absolute, planned.value) : null;
}

function adjustmentOf(
  { adjusted, unadjusted }: MeasuredPair,
  { aggregates }: Measured,
  level: number,
): AdjustmentReport | undefined {
  if (!adjusted || !unadjusted) return undefined;
  const plain = estimateOf(unadjusted.pair.absolute, unadjusted, level);
  if (adjusted.ok) {
    const { covariates, dropped, strata, reduction } = adjusted.value;
    return { covariates, dropped, strata, reduction, unadjusted: plain };
  }
  const dropped = (aggregates?.covariates ?? []).map((covariate) => ({ covariate, reason: adjusted.reason }));
  return { covariates: [], dropped, strata: [], reduction: 0, unadjusted: plain };
}

/**
 * Standard error of the difference in units of the control. The delta method's is larger after a lucky draw of the
 * treatment and smaller after an unlucky one; tied to its own estimate in this way it would shift the chance to win.
 */
function spreadOverControl(absolute: Effect, relative: Effect): number {
  const perUnit = Math.abs(relative.estimate / absolute.estimate);
  return Number.isFinite(perUnit) && perUnit > 0 ? absolute.standardError * perUnit : relative.standardError;
}

/** Under the declared prior, of the estimate read once. An absolute prior is in the unit of the success metrics. */
function posteriorFor(study: Study, { entry }: Measured, { fixed }: MeasuredPair): Posterior | undefined {
  const { prior } = study;
  if (!prior || (prior.scale === 'absolute' && entry.role !== 'success')) return undefined;
  const { absolute } = fixed.pair;
  const effect = fixed.pair[prior.scale];
  if (!absolute.ok) return absolute;
  if (!effect.ok) return effect;
  const read = estimateOf(effect, fixed, study.alpha);
  if (!read.ok) return read;
  if (read.interval.includes(null)) return refused('the effect is not bounded by the data');
  const spread =
    prior.scale === 'relative' ? spreadOverControl(absolute.value, effect.value) : read.standardError;
  return posteriorOf(prior, read.estimate, spread, entry.metric.direction, 1 - study.alpha);
}

function compared(study: Study, measured: Measured, entry: MeasuredPair, judged: Judged): Comparison {
  const { planned } = entry;
  const pair = planned.ok ? planned.value.pair : null;
  const effect = pair?.absolute.ok ? pair.absolute.value : null;
  const significant = effect !== null && judged.adjusted !== null && judged.adjusted <= study.alpha;
  const up = effect !== null && effect.estimate > 0;
  const better = up === (measured.entry.metric.direction === 'higher-is-better');
  const adjustment = adjustmentOf(entry, measured, judged.level);
  const posterior = posteriorFor(study, measured, entry);
  return {
    arm: entry.arm,
    control: study.control,
    absolute: planned.ok ? estimateOf(planned.value.pair.absolute, planned.value, judged.level) : planned,
    relative: planned.ok ? estimateOf(planned.value.pair.relative, planned.value, judged.level) : planned,
    interval: promiseOf(planned.ok ? planned.value.kind : study.interval, judged.level, judged.correction),
    fixedHorizon: intervalPair({ ok: true, value: entry.fixed }, judged.level),
    alwaysValid: intervalPair(entry.alwaysValid, judged.level),
    ...(adjustment ? { adjustment } : {}),
    ...(posterior ? { posterior } : {}),
    statistic: effect?.statistic ?? null,
    df: planned.ok && planned.value.kind === 'fixed' ? (effect?.df ?? null) : null,
    p: judged.p,
    pAdjusted: judged.adjusted,
    method: planned.ok ? methodOf(planned.value) : 'not computed',
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
 * Every metric against the control. Success metrics are corrected together, over metrics x variants; guardrails
 * and secondary metrics are not corrected (guardrails are judged by margins, where a correction would hide harm).
 */
export function metricReports(study: Study, measured: readonly Measured[]): readonly MetricReport[] {
  const family = measured.filter(({ entry }) => entry.role === 'success').flatMap(({ pairs }) => pairs);
  const correction = study.correction.success;
  const familyP = family.map(plannedP);
  const corrected: Corrected = correct(familyP, correction, study.alpha);
  return measured.map((one): MetricReport => {
    const { metric, role, minimumEffect } = one.entry;
    const success = role === 'success';
    const comparisons = one.pairs.map((pair) => {
      const index = success ? family.indexOf(pair) : -1;
      const p = success ? (familyP[index] ?? null) : plannedP(pair);
      return compared(study, one, pair, {
        p,
        level: corrected.levels[index] ?? study.alpha,
        correction: success ? correction : 'none',
        adjusted: success ? (corrected.adjusted[index] ?? null) : p,
      });
    });
    const diagnostics = diagnosticsOf(study, one);
    const novelty = noveltyOf(study, one);
    const plausible = plausibleOf(study, one);
    return {
      key: metric.key,
      name: metric.name,
      description: metric.description,
      role,
      kind: metric.kind,
      unit: metric.unit,
      direction: metric.direction,
      maturity: one.maturity,
      arms: one.arms,
      comparisons,
      correction: describeCorrection(success ? correction : 'none', family.length, study.alpha),
      ...(minimumEffect === undefined ? {} : { minimumEffect }),
      ...(diagnostics ? { diagnostics } : {}),
      ...(novelty ? { novelty } : {}),
      ...(plausible ? { plausible } : {}),
    };
  });
}
