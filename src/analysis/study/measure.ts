import { type AdjustedPair, adjustedPairs } from '../adjust/adjusted.ts';
import type { ArmMoments, MetricAggregates, Moments } from '../aggregates.ts';
import {
  compareCoverage,
  compareMoments,
  compareQuantileArms,
  missing,
  type Pair,
} from '../estimate/compare.ts';
import { computed, type Result, refused } from '../estimate/effect.ts';
import type { ArmValue, MetricReport } from '../report/report.ts';
import { lookName, lookOf } from '../sequential/looks.ts';
import { leastUnits, maturityOf } from './maturity.ts';
import { alwaysValidReading, fixedReading, type Reading } from './reading.ts';
import type { Study, StudyAggregates, StudyMetric } from './study.ts';

/** One treatment on one metric, read in every way, not yet judged at any level. */
export interface MeasuredPair {
  readonly arm: string;
  /** By the interval that the plan permits. */
  readonly planned: Result<Reading>;
  readonly fixed: Reading;
  readonly alwaysValid: Result<Reading>;
  /** The fixed pair without covariates and strata, where there were any. */
  readonly unadjusted?: Reading;
  readonly adjusted?: Result<AdjustedPair>;
}

export interface Measured {
  readonly entry: Study['metrics'][number];
  readonly maturity: MetricReport['maturity'];
  readonly arms: readonly ArmValue[];
  readonly pairs: readonly MeasuredPair[];
  readonly aggregates?: MetricAggregates;
}

export function momentsOf(arms: readonly ArmMoments[], variant: string): Moments | undefined {
  return arms.find((arm) => arm.variant === variant)?.moments;
}

/** A treatment against the control, from the sums of all arms. */
export function pairFrom(study: Study, metric: StudyMetric, arms: readonly ArmMoments[], arm: string): Pair {
  const [t, c] = [momentsOf(arms, arm), momentsOf(arms, study.control)];
  return t && c ? compareMoments(metric, t, c, study.relative) : missing(c ? arm : study.control);
}

const GROWS =
  'totals that keep growing take no unit once: the first days alone are summed for success metrics and guardrails';

const UNMEASURED = { mature: 0, exposed: 0, completeAt: null, ready: false };

/** Quantiles and list-wide figures go on taking data from the same units, so they are judged once, at the end. */
function judgedOnce(arm: string, pair: Pair, reason: string): MeasuredPair {
  const fixed = fixedReading(pair);
  return { arm, planned: computed(fixed), fixed, alwaysValid: refused(reason) };
}

function readMoments(
  study: Study,
  metric: StudyMetric,
  aggregates: MetricAggregates,
): readonly MeasuredPair[] {
  const adjust = adjustedPairs(study, metric, aggregates);
  const { once } = aggregates;
  const adjustOnce =
    once?.arms.every(({ moments }) => moments.z) && aggregates.covariates
      ? adjustedPairs(study, metric, { ...aggregates, arms: once.arms, strata: [] })
      : undefined;
  const consumedOnce = (arm: string): Pair | undefined => {
    if (!once) return undefined;
    const adjusted = adjustOnce?.(arm);
    return adjusted?.ok ? adjusted.value.pair : pairFrom(study, metric, once.arms, arm);
  };
  const look = study.interval === 'group-sequential' ? lookOf(study, aggregates) : null;
  return study.treatments.map((arm) => {
    const plain = pairFrom(study, metric, aggregates.arms, arm);
    const adjusted = adjust?.(arm);
    const best = adjusted?.ok ? adjusted.value.pair : plain;
    const fixed = fixedReading(best);
    const alwaysValid: Result<Reading> =
      aggregates.grows && !once
        ? refused(GROWS)
        : computed(alwaysValidReading(consumedOnce(arm) ?? best, study, once?.estimand));
    const atLook = (): Result<Reading> => {
      if (!look?.ok) return look ?? refused('the plan declares no looks');
      const { arms, whole, referenceOf } = look.value;
      return computed({
        kind: 'group-sequential',
        pair: whole ? (consumedOnce(arm) ?? best) : pairFrom(study, metric, arms, arm),
        referenceOf,
        how: lookName(study, look.value),
        ...(once ? { estimand: once.estimand } : {}),
      });
    };
    const planned =
      study.interval === 'fixed'
        ? computed(fixed)
        : study.interval === 'always-valid'
          ? alwaysValid
          : atLook();
    return {
      arm,
      planned,
      fixed,
      alwaysValid,
      ...(adjusted ? { adjusted, unadjusted: fixedReading(plain) } : {}),
    };
  });
}

/** Values, maturity and pairs of one metric. */
export function measure(
  study: Study,
  entry: Study['metrics'][number],
  aggregates: StudyAggregates,
): Measured {
  const { metric } = entry;
  const { control, treatments } = study;
  const needed = leastUnits(study);
  const values = (of: (arm: string) => { n: number; value: number | null }): readonly ArmValue[] =>
    study.arms.map(({ arm }) => ({ arm, ...of(arm) }));

  const quantiles = aggregates.quantiles.find((candidate) => candidate.metric === metric.key);
  if (quantiles) {
    const units = quantiles.arms.map((arm) => arm.moments.n);
    const total = units.reduce((sum, n) => sum + n, 0);
    return {
      entry,
      maturity: {
        mature: total,
        exposed: total,
        completeAt: null,
        ready: units.length > 1 && Math.min(...units) >= needed,
      },
      arms: values((arm) => {
        const found = quantiles.arms.find(({ variant }) => variant === arm);
        return found && found.moments.x > 0
          ? { n: found.moments.n, value: found.value }
          : { n: 0, value: null };
      }),
      pairs: treatments.map((arm) =>
        judgedOnce(
          arm,
          compareQuantileArms(quantiles, arm, control, study.relative),
          'a quantile over repeated values of the same units has no interval that is valid at every look',
        ),
      ),
    };
  }
  const coverage = aggregates.coverage.find((candidate) => candidate.metric === metric.key);
  if (coverage) {
    const { unitsPerArm, catalogueSize } = coverage;
    const total = unitsPerArm * coverage.arms.length;
    return {
      entry,
      maturity: { mature: total, exposed: total, completeAt: null, ready: unitsPerArm >= needed },
      arms: values((arm) => {
        const found = coverage.arms.find(({ variant }) => variant === arm);
        return found && catalogueSize > 0 && unitsPerArm > 0
          ? { n: unitsPerArm, value: (found.titles / catalogueSize) * metric.scale }
          : { n: 0, value: null };
      }),
      pairs: treatments.map((arm) =>
        judgedOnce(
          arm,
          compareCoverage(coverage, arm, control, metric.scale, study.relative),
          'a figure of a whole list is no mean over units, so none is consumed once',
        ),
      ),
    };
  }
  const sums = aggregates.metrics.find((candidate) => candidate.metric === metric.key);
  return {
    entry,
    maturity: sums ? maturityOf(study, sums) : UNMEASURED,
    arms: values((arm) => {
      const moments = sums && momentsOf(sums.arms, arm);
      if (!moments) return { n: 0, value: null };
      const below = metric.kind === 'ratio' ? moments.x : moments.n;
      return { n: moments.n, value: below > 0 ? moments.y / below : null };
    }),
    pairs: sums
      ? readMoments(study, metric, sums)
      : treatments.map((arm) => judgedOnce(arm, missing(control), `no data for ${control}`)),
    ...(sums ? { aggregates: sums } : {}),
  };
}
