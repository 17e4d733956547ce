import { type RawBuilder, sql } from 'kysely';
import type { Kept, MeasureSet } from './measures.ts';
import { DAY_MS, partitionDays, type Scope, SESSION_MS } from './scope.ts';

type Sql = RawBuilder<unknown>;

/** Partition days that can hold what a roll-up reads, those before the openings with them. */
export function partitionsOf(
  { experiment, cutoff }: Scope,
  { daysBefore: [first = 0] }: MeasureSet,
): readonly [string, string] {
  return partitionDays(experiment.startMs - SESSION_MS + first * DAY_MS, cutoff);
}

/** The moment a number of days after the opening of a unit. */
export const fromOpening = (days: number) => sql`opening + ${sql.raw(String(days * DAY_MS))}`;

/** From when on events of a unit are read. */
export const earliest = ({ daysBefore: [first = 0] }: MeasureSet) =>
  first === 0 ? sql`opening` : fromOpening(first);

/** The side of the opening on which measure `i` counts what happened at `t`. */
export function sideOf(set: MeasureSet, i: number, t: Sql): Sql {
  const { since, before } = set.kept[i] as Kept;
  if (set.daysBefore.length === 1 || (since && before)) return sql`true`;
  return since ? sql`${t} >= opening` : sql`${t} < opening`;
}

/** 24 h blocks since the start of the experiment. An opening just before the start belongs to its first day. */
const experimentDay = ({ experiment }: Scope, t: Sql) =>
  sql`(${t} - ${sql.raw(String(experiment.startMs))}) / ${sql.raw(String(DAY_MS))}`;

/** Both kinds of day an event at `t` belongs to, as columns `day` and `experiment_day`. */
export function daysOf(scope: Scope, set: MeasureSet, t: Sql): Sql {
  const { day, experimentDay } = bothDays(scope, set, t);
  return sql`${day} as day, ${experimentDay} as experiment_day`;
}

/** Whether what happened from `t` to `end` is all of one day, of both kinds, and all counts. */
export function isOneDay(scope: Scope, set: MeasureSet, t: Sql, end: Sql): Sql {
  const [first, last] = [bothDays(scope, set, t), bothDays(scope, set, end)];
  return sql`${t} >= ${earliest(set)} and ${end} < ${scope.cutoff} and ${first.day} = ${last.day}
    and ${first.experimentDay} = ${last.experimentDay}`;
}

function bothDays(scope: Scope, set: MeasureSet, t: Sql): { readonly day: Sql; readonly experimentDay: Sql } {
  const day = sql`((${t} - opening) / ${sql.raw(String(DAY_MS))})::integer`;
  const ofExperiment = sql`(${experimentDay(scope, t)})::integer`;
  if (set.daysBefore.length === 1) return { day, experimentDay: ofExperiment };
  const stretches = set.daysBefore
    .slice(1)
    .map((end, i) => sql`when ${t} < ${fromOpening(end)} then ${sql.raw(String(set.daysBefore[i]))}`);
  return {
    day: sql`case ${sql.join(stretches, sql` `)} else ${day} end`,
    experimentDay: sql`case when ${t} < opening then -1 else ${ofExperiment} end`,
  };
}
