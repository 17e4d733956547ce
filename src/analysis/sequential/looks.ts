import type { ArmMoments, MetricAggregates } from '../aggregates.ts';
import { computed, type Effect, type Reference, type Result, refused } from '../estimate/effect.ts';
import { remembering } from '../study/reading.ts';
import type { Study } from '../study/study.ts';
import { groupSequentialReference } from './group-sequential.ts';

/** The look that a group-sequential plan has reached, and the sums it is taken on. */
export interface Look {
  /** From 1. */
  readonly number: number;
  readonly of: number;
  readonly arms: readonly ArmMoments[];
  /** Taken on all units of the sums: at the last look, and where the sums are those of one look. */
  readonly whole: boolean;
  referenceOf(effect: Effect): Reference;
}

const NAMES = { pocock: 'Pocock', 'obrien-fleming': "O'Brien-Fleming" } as const;

/** "group-sequential (O'Brien-Fleming), look 2 of 4". */
export function lookName(study: Study, { number, of }: Look): string {
  const spending = study.design?.spending ?? 'obrien-fleming';
  return `group-sequential (${NAMES[spending]}), look ${number} of ${of}`;
}

const unitsOf = (arms: readonly ArmMoments[]) => arms.reduce((sum, { moments }) => sum + moments.n, 0);

/**
 * The look reached. Error is spent by the share of the plan's days that are over, fixed beforehand; the looks correlate by
 * the units that had completed their window at each. Between looks the sums of the last one hold; the last look takes all
 * units that count by the cut-off, also those whose window closed after the planned end. A look without new units was
 * none.
 */
export function lookOf(study: Study, aggregates: MetricAggregates): Result<Look> {
  const { design } = study;
  const looks = design?.looks ?? [];
  const [first] = looks;
  const end = looks.at(-1);
  if (!design || first === undefined || end === undefined) return refused('the plan declares no looks');
  const over = design.complete ?? Number.POSITIVE_INFINITY;
  const reached = looks.filter((day) => day <= over);
  if (reached.length === 0) return refused(`the first look is at the end of day ${first}`);

  const { arms: whole, daily } = aggregates.once ?? aggregates;
  const last = reached.length === looks.length;
  const now = reached.at(-1) ?? end;
  // Without days the sums are those of the look reached, and units came evenly until then.
  const dayless = daily.length === 0;
  const armsAt = (day: number) =>
    dayless ? whole : (daily.filter((row) => row.day <= day).at(-1)?.arms ?? []);
  const information: number[] = [];
  const elapsed: number[] = [];
  for (const day of reached) {
    const closing = day === end;
    const units = closing || !dayless ? unitsOf(closing ? whole : armsAt(day)) : (unitsOf(whole) * day) / now;
    if (!(units > (information.at(-1) ?? 0))) continue;
    information.push(units);
    elapsed.push(day / end);
  }
  if (information.length === 0) return refused('no unit has completed its window by the last look');
  const plan = { information, elapsed, alpha: study.alpha, spending: design.spending };
  const references = new Map<number | null, Reference>();
  return computed({
    number: reached.length,
    of: looks.length,
    arms: last ? whole : armsAt(now),
    whole: last || dayless,
    referenceOf: ({ df }) => {
      const known = references.get(df) ?? remembering(groupSequentialReference(plan, information.length, df));
      references.set(df, known);
      return known;
    },
  });
}
