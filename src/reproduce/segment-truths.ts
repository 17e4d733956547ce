import type { Report } from '../analysis/report/report.ts';
import { TRUE_METRICS, type TrueMetric, unitTerms } from '../simulation/population.ts';
import { type TrueEffect, trueEffectsBySegment } from '../simulation/true-effects.ts';
import { activityOf } from '../viewers.ts';
import type { KeptUnits } from './kept-units.ts';
import { type Plan, testEnd } from './plan.ts';
import type { Range } from './published-rows.ts';

/** One metric in one segment: the world's truth beside the report's estimate. All effects are relative. */
export interface SegmentTruthRow {
  readonly attribute: string;
  readonly value: string;
  readonly metric: string;
  readonly name: string;
  /** Units of the segment in the report, and viewers of it who lived through both arms. */
  readonly units: number;
  readonly truthUnits: number;
  /** Null where none of the latter is of the segment. */
  readonly truth: { readonly change: number; readonly error: number } | null;
  /** Null where there is no estimate. */
  readonly estimate: number | null;
  readonly interval: Range | null;
  readonly level: number;
  /** Null where one of the two is missing. */
  readonly covers: boolean | null;
}

/** What an attribute was for a viewer when it was frozen, by place; undefined for attributes that are not known of them. */
function attributeOf(attribute: string, units: KeptUnits): ((place: number) => string) | undefined {
  const part = (index: 0 | 1) => (place: number) => units.stratum[place]!.split(' ')[index]!;
  if (attribute === 'country') return part(0);
  if (attribute === 'device') return part(1);
  if (attribute === 'activity') return (place) => activityOf(units.watchesBefore[place]!);
  return undefined;
}

const isTrueMetric = (key: string): key is TrueMetric => (TRUE_METRICS as readonly string[]).includes(key);

/** The segments of a report, each with its truth: that of the viewers of the segment who lived through both arms. */
export function segmentTruths(
  report: Report,
  units: KeptUnits,
  plan: Plan,
  variant: string,
): SegmentTruthRow[] {
  const terms = [units.control, units.treatment].map((table) => unitTerms(table, testEnd(plan)));
  const truths = new Map<string, ReadonlyMap<string, readonly TrueEffect[]>>();
  const counts = new Map<string, number>();
  for (const attribute of new Set(report.segments.map((row) => row.attribute))) {
    const of = attributeOf(attribute, units);
    if (of === undefined) continue;
    units.stratum.forEach((_, place) => {
      const key = `${attribute} ${of(place)}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    });
    // Of the world: these viewers are a sample of it.
    const world = { all: Number.POSITIVE_INFINITY, sampled: 1 };
    truths.set(attribute, trueEffectsBySegment(terms[0]!, terms[1]!, of, world, true));
  }
  return report.segments
    .filter(({ attribute, metric, arm }) => arm === variant && truths.has(attribute) && isTrueMetric(metric))
    .map(({ attribute, value, metric, n, relative, interval }) => {
      const known = truths
        .get(attribute)!
        .get(value)
        ?.find((one) => one.metric === metric);
      const truth =
        known !== undefined && Number.isFinite(known.change) && Number.isFinite(known.error)
          ? { change: known.change, error: known.error }
          : null;
      const [low, high] = relative.ok ? relative.interval : [null, null];
      const covers =
        truth === null || !relative.ok
          ? null
          : (low === null || low <= truth.change) && (high === null || truth.change <= high);
      return {
        attribute,
        value,
        metric,
        name: report.metrics.find(({ key }) => key === metric)?.name ?? metric,
        units: n,
        truthUnits: counts.get(`${attribute} ${value}`) ?? 0,
        truth,
        estimate: relative.ok ? relative.estimate : null,
        interval: relative.ok ? { low, high } : null,
        level: interval.level,
        covers,
      };
    });
}
