import type { ArmMoments, Moments } from '../aggregates.ts';
import { compareMoments, type Pair } from '../estimate/compare.ts';
import { type Effect, fixedHorizon, type Result, refused } from '../estimate/effect.ts';
import { interaction, shrink } from '../heterogeneity.ts';
import { correct } from '../multiplicity.ts';
import { promiseOf } from '../report/promise.ts';
import type { Estimate, SegmentReport } from '../report/report.ts';
import { type Measured, momentsOf } from './measure.ts';
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
  readonly interaction: Result<Effect>;
}

/** Sums of the units that are not in the part. */
function without(all: Moments, part: Moments): Moments {
  return {
    n: all.n - part.n,
    y: all.y - part.y,
    yy: all.yy - part.yy,
    x: all.x - part.x,
    xx: all.xx - part.xx,
    xy: all.xy - part.xy,
  };
}

/** No look is declared for segments, so a plan with looks reads them as one that may be read at any time. */
function readingOf(study: Study, pair: Pair): Reading {
  return study.interval === 'fixed' ? fixedReading(pair) : alwaysValidReading(pair, study);
}

function restOf(
  study: Study,
  metric: StudyMetric,
  all: readonly ArmMoments[],
  arm: string,
  [t, c]: readonly [Moments, Moments],
): Result<Effect> {
  const [allT, allC] = [momentsOf(all, arm), momentsOf(all, study.control)];
  if (!allT || !allC || allT.n - t.n < 2 || allC.n - c.n < 2) {
    return refused('fewer than 2 units of an arm are outside of the segment');
  }
  return compareMoments(metric, without(allT, t), without(allC, c), study.relative).absolute;
}

function rowsOf(study: Study, { entry, aggregates }: Measured): readonly Row[] {
  const { metric, role } = entry;
  if (!aggregates || role === 'secondary') return [];
  return aggregates.segments.flatMap(({ attribute, value, arms }) => {
    const found = study.segments.find((segment) => segment.attribute === attribute);
    if (!found) return [];
    return study.treatments.flatMap((arm): Row[] => {
      const [t, c] = [momentsOf(arms, arm), momentsOf(arms, study.control)];
      if (!t || !c) return [];
      const pair = compareMoments(metric, t, c, study.relative);
      const success = role === 'success';
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
          interaction: success
            ? interaction(pair.absolute, restOf(study, metric, aggregates.arms, arm, [t, c]))
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
