import { type AdjustedPair, adjustedPairs } from '../adjust/adjusted.ts';
import type { ArmMoments, MetricAggregates, Moments } from '../aggregates.ts';
import type { Pair } from '../estimate/compare.ts';
import { type Effect, fixedHorizon, type Result, refused } from '../estimate/effect.ts';
import { interaction, shrink } from '../heterogeneity.ts';
import { correct } from '../multiplicity.ts';
import { promiseOf } from '../report/promise.ts';
import type { Estimate, SegmentReport } from '../report/report.ts';
import { type Measured, momentsOf, pairFrom } from './measure.ts';
import { alwaysValidReading, estimateOf, fixedReading, pValue, type Reading } from './reading.ts';
import type { Study, StudyMetric } from './study.ts';

/** The effect on one metric in one segment, at the plan's alpha without correction: what guardrails are judged by. */
export interface SegmentEffect {
  readonly attribute: string;
  readonly value: string;
  readonly metric: string;
  readonly arm: string;
  /** Units of both arms. */
  readonly n: number;
  readonly absolute: Estimate;
  readonly relative: Estimate;
}

const NONE = refused('not estimated');

interface Row {
  readonly attribute: string;
  readonly value: string;
  readonly metric: StudyMetric;
  readonly success: boolean;
  readonly arm: string;
  readonly n: number;
  readonly declared: boolean;
  readonly reading: Reading;
  readonly adjustment?: SegmentReport['adjustment'];
  readonly interaction: Result<Effect>;
}

/** Sums of the units that are not in the part. */
function without(all: Moments, part: Moments): Moments {
  const less = (of: 'z' | 'zy' | 'zx') => all.z![of].map((sum, i) => sum - (part.z?.[of][i] ?? 0));
  return {
    n: all.n - part.n,
    y: all.y - part.y,
    yy: all.yy - part.yy,
    x: all.x - part.x,
    xx: all.xx - part.xx,
    xy: all.xy - part.xy,
    ...(all.z &&
      part.z && {
        z: {
          z: less('z'),
          zz: all.z.zz.map((row, i) => row.map((sum, j) => sum - (part.z?.zz[i]?.[j] ?? 0))),
          zy: less('zy'),
          zx: less('zx'),
        },
      }),
  };
}

/** All arms outside of the segment. */
function outside(all: readonly ArmMoments[], part: readonly ArmMoments[]): readonly ArmMoments[] {
  return all.map(({ variant, moments }) => {
    const own = momentsOf(part, variant);
    return { variant, moments: own ? without(moments, own) : moments };
  });
}

type Comparison = (arm: string) => { readonly pair: Pair; readonly adjusted?: AdjustedPair };

/** Treatments against the control among some of the units, adjusted by the metric's covariates with slopes of their own. */
function comparisonIn(
  study: Study,
  metric: StudyMetric,
  { covariates }: MetricAggregates,
  arms: readonly ArmMoments[],
): Comparison {
  const known = covariates && arms.every(({ moments }) => moments.z);
  const adjust = known ? adjustedPairs({ ...study, stratify: [] }, metric, { arms, covariates }) : undefined;
  return (arm) => {
    const adjusted = adjust?.(arm);
    return adjusted?.ok && adjusted.value.covariates.length > 0
      ? { pair: adjusted.value.pair, adjusted: adjusted.value }
      : { pair: pairFrom(study, metric, arms, arm) };
  };
}

/** No look is declared for segments, so a plan with looks reads them as one that may be read at any time. */
function readingOf(study: Study, pair: Pair): Reading {
  return study.interval === 'fixed' ? fixedReading(pair) : alwaysValidReading(pair, study);
}

function restOf(
  study: Study,
  rest: readonly ArmMoments[],
  arm: string,
  comparison: Comparison,
): Result<Effect> {
  const few = [arm, study.control].some((name) => (momentsOf(rest, name)?.n ?? 0) < 2);
  if (few) return refused('fewer than 2 units of an arm are outside of the segment');
  return comparison(arm).pair.absolute;
}

function rowsOf(study: Study, { entry, aggregates }: Measured): readonly Row[] {
  const { metric, role } = entry;
  if (!aggregates || role === 'secondary') return [];
  return aggregates.segments.flatMap(({ attribute, value, arms }) => {
    const found = study.segments.find((segment) => segment.attribute === attribute);
    if (!found) return [];
    const success = role === 'success';
    const rest = outside(aggregates.arms, arms);
    const inside = comparisonIn(study, metric, aggregates, arms);
    const beyond = comparisonIn(study, metric, aggregates, rest);
    return study.treatments.flatMap((arm): Row[] => {
      const [t, c] = [momentsOf(arms, arm), momentsOf(arms, study.control)];
      if (!t || !c) return [];
      const { pair, adjusted } = inside(arm);
      return [
        {
          attribute,
          value,
          metric,
          success,
          arm,
          n: t.n + c.n,
          declared: found.declared,
          reading: readingOf(study, pair),
          ...(adjusted && {
            adjustment: { covariates: adjusted.covariates, reduction: adjusted.reduction },
          }),
          interaction: success
            ? interaction(pair.absolute, restOf(study, rest, arm, beyond))
            : refused('not tested'),
        },
      ];
    });
  });
}

/** Relative effects drawn towards the common one of their metric, arm and attribute. */
function shrunkenOf(study: Study, rows: readonly Row[]): ReadonlyMap<Row, Estimate> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.metric.key, row.arm, row.attribute]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const found = new Map<Row, Estimate>();
  for (const group of groups.values()) {
    const usable = group.filter(({ reading }) => reading.pair.relative.ok);
    const effects = usable.flatMap(({ reading: { pair } }) =>
      pair.relative.ok ? [pair.relative.value] : [],
    );
    const shrunken = shrink(effects);
    const reach = fixedHorizon(null).critical(study.alpha);
    for (const row of group) {
      const { relative } = row.reading.pair;
      const drawn = shrunken.ok ? shrunken.value.segments[usable.indexOf(row)] : undefined;
      if (!drawn) found.set(row, !relative.ok ? relative : shrunken.ok ? NONE : shrunken);
      else {
        const { estimate, standardError } = drawn;
        const half = reach * standardError;
        found.set(row, { ok: true, estimate, standardError, interval: [estimate - half, estimate + half] });
      }
    }
  }
  return found;
}

/**
 * Success metrics by segment, effects and interactions each corrected over all rows of the table together, declared and
 * exploratory alike; and the effects of success metrics and guardrails in every segment, not corrected, for the verdict.
 */
export function segmentReports(
  study: Study,
  measured: readonly Measured[],
): { readonly segments: readonly SegmentReport[]; readonly effects: readonly SegmentEffect[] } {
  const every = measured.flatMap((one) => rowsOf(study, one));
  const rows = every.filter(({ success }) => success);
  const correction = study.correction.segments;
  const p = rows.map(({ reading }) => pValue(reading.pair.absolute, reading));
  const family = correct(p, correction, study.alpha);
  const apart = rows.map((row) => pValue(row.interaction, row.reading));
  const apartFamily = correct(apart, correction, study.alpha);
  const shrunken = shrunkenOf(study, rows);
  return {
    segments: rows.map((row, index): SegmentReport => {
      const level = family.levels[index] ?? study.alpha;
      const apartLevel = apartFamily.levels[index] ?? study.alpha;
      return {
        attribute: row.attribute,
        value: row.value,
        metric: row.metric.key,
        arm: row.arm,
        n: row.n,
        relative: estimateOf(row.reading.pair.relative, row.reading, level),
        p: p[index] ?? null,
        pAdjusted: family.adjusted[index] ?? null,
        declared: row.declared,
        interval: promiseOf(row.reading.kind, level, correction),
        ...(row.adjustment && { adjustment: row.adjustment }),
        interaction: {
          difference: estimateOf(row.interaction, row.reading, apartLevel),
          interval: promiseOf(row.reading.kind, apartLevel, correction),
          p: apart[index] ?? null,
          pAdjusted: apartFamily.adjusted[index] ?? null,
        },
        shrunken: shrunken.get(row) ?? NONE,
      };
    }),
    effects: every.map(({ attribute, value, metric, arm, n, reading }) => ({
      attribute,
      value,
      metric: metric.key,
      arm,
      n,
      absolute: estimateOf(reading.pair.absolute, reading, study.alpha),
      relative: estimateOf(reading.pair.relative, reading, study.alpha),
    })),
  };
}
