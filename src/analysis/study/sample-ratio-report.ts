import type { HealthAggregates } from '../aggregates.ts';
import { computed, type Result } from '../estimate/effect.ts';
import { correct } from '../multiplicity.ts';
import type { SampleRatioReport } from '../report/report.ts';
import {
  type SampleRatio,
  type SampleRatioArm,
  sampleRatio,
  sequentialSampleRatio,
} from '../sample-ratio.ts';
import type { Study } from './study.ts';

/** An alarm is that rare when all is well, because the check is looked at every day and over many experiments. */
export const SAMPLE_RATIO_ALPHA = 0.001;

/** Cut by ramp phase: weights are the same in all of them, so a ratio that moved between phases moved with time. */
export const PHASE = 'phase';

type Units = readonly { readonly variant: string; readonly units: number }[];

/** Units by arm, and what they were counted by: days and cuts may be absent. */
export type SampleRatioCounts = Pick<HealthAggregates, 'cuts'> & {
  readonly arms: Units;
  readonly exposuresByDay?: HealthAggregates['exposuresByDay'];
};

function withWeights(arms: Study['arms'], units: Units): readonly SampleRatioArm[] {
  const declared = arms.map(({ arm, weight }) => ({
    variant: arm,
    weight,
    units: units.find(({ variant }) => variant === arm)?.units ?? 0,
  }));
  const strangers = units
    .filter(({ variant }) => !arms.some(({ arm }) => arm === variant))
    .map(({ variant, units: count }) => ({ variant, units: count, weight: 0 }));
  return [...declared, ...strangers];
}

/** No p is 0: one under the smallest double is that double. */
function held(found: Result<SampleRatio>): Result<SampleRatio> {
  return found.ok ? computed({ ...found.value, p: Math.max(found.value.p, Number.MIN_VALUE) }) : found;
}

/** The sequential test over the days in order; null where there are none, or units where nobody is expected. */
function sequential(arms: Study['arms'], days: SampleRatioCounts['exposuresByDay']): number | null {
  const open = arms.filter(({ weight }) => weight > 0);
  const dates = [...new Set((days ?? []).map(({ date }) => date))].sort();
  if (dates.length === 0 || open.length < 2) return null;
  const place = new Map(open.map(({ arm }, index) => [arm, index]));
  const batches = new Map(dates.map((date) => [date, open.map(() => 0)]));
  for (const { date, variant, units } of days ?? []) {
    const at = place.get(variant);
    const batch = batches.get(date);
    if (at !== undefined && batch) batch[at] = (batch[at] ?? 0) + units;
  }
  const found = sequentialSampleRatio(
    [...batches.values()],
    open.map(({ weight }) => weight),
  );
  return found.ok ? Math.max(found.value.p, Number.MIN_VALUE) : null;
}

/**
 * Whether units came in the declared ratio: Pearson's chi-square once, a sequential test over the days (right at every
 * look), and the chi-square of each cut by attribute and ramp phase, adjusted over all cuts (Benjamini-Hochberg). The
 * status fails on the whole, on the sequential test and on a ramp phase: weights never change within an iteration, so a
 * ratio that differs between phases confounds the arms with time. An attribute's value that fails is left to the health
 * card as a warning: units may be missing there alone, the whole still being in ratio.
 */
export function sampleRatioReport(arms: Study['arms'], counts: SampleRatioCounts): SampleRatioReport {
  const all = withWeights(arms, counts.arms);
  const whole = held(sampleRatio(all));
  const impossible = all.some(({ weight, units }) => !(weight > 0) && units > 0);
  const sequentialP = sequential(arms, counts.exposuresByDay);
  const raw = (counts.cuts ?? []).map((cut) => {
    const found = held(sampleRatio(withWeights(arms, cut.arms)));
    return { by: cut.by, value: cut.value, p: found.ok ? found.value.p : null };
  });
  const tested = raw.filter(({ p }) => p !== null);
  const { adjusted } = correct(
    tested.map(({ p }) => p),
    'bh',
    SAMPLE_RATIO_ALPHA,
  );
  const cuts = raw.map((cut) => ({ ...cut, pAdjusted: adjusted[tested.indexOf(cut)] ?? null }));
  const total = all.reduce((sum, { units }) => sum + units, 0);
  const weights = all.reduce((sum, { weight }) => sum + weight, 0);
  const low = (p: number | null) => p !== null && p < SAMPLE_RATIO_ALPHA;
  const failed =
    impossible ||
    low(whole.ok ? whole.value.p : null) ||
    low(sequentialP) ||
    cuts.some(({ by, pAdjusted }) => by === PHASE && low(pAdjusted));
  return {
    status: failed ? 'fail' : whole.ok ? 'pass' : 'unknown',
    statistic: whole.ok ? whole.value.statistic : null,
    df: whole.ok ? whole.value.df : null,
    p: whole.ok ? whole.value.p : null,
    ...(whole.ok ? {} : { reason: whole.reason }),
    arms: all.map(({ variant, units, weight }) => ({
      arm: variant,
      units,
      expected: weights > 0 ? (total * weight) / weights : 0,
    })),
    sequentialP,
    cuts,
  };
}

/** Cuts by an attribute whose ratio is off. */
export function offCuts({ cuts }: SampleRatioReport): SampleRatioReport['cuts'] {
  return cuts.filter(({ pAdjusted }) => pAdjusted !== null && pAdjusted < SAMPLE_RATIO_ALPHA);
}
