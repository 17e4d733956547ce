import { type RawBuilder, sql } from 'kysely';
import type { Measure } from '../../declarations.ts';
import { columns, nameIdOf, type RollUp } from './roll-up.ts';
import { DAY_MS } from './scope.ts';
import { beforeOpening, daysOf, earliest, experimentDay, partitionsOf, sideOf } from './unit-time.ts';

type Sql = RawBuilder<unknown>;

/** Records of more items are taken apart: each item more takes time of every record. */
const MOST_ITEMS = 12;

const raw = (text: string | number) => sql.raw(String(text));

/** Whether a measure asks nothing of an item but its name. */
export function isByRecord({ event, aggregate, where }: Measure): boolean {
  const { longTail, genre, minValue, maxValue } = where;
  const ofItem = [longTail, genre, minValue, maxValue].some((test) => test !== undefined);
  return event !== 'request' && aggregate !== 'distinct' && !ofItem;
}

/**
 * Counts and sums by name, a record at a time: looking a name up in the record's array takes a fraction of the time of
 * a row per item. That holds for a record whose items all belong to the same days and none of whose summed names comes
 * twice; any other is taken apart into its items. A record that stays whole has 0 for the name of its one piece.
 */
export function recordPass(rollUp: RollUp, own: readonly number[]): Sql {
  const { scope, set, units } = rollUp;
  const measureOf = (i: number) => set.measures[i] as Measure;
  const [from, to] = partitionsOf(scope, set);
  const last = Array.from({ length: MOST_ITEMS }, (_, i) => raw(`after_ms[${i + 1}]`));
  const values = new Map(
    own.map((i) => {
      const { surface } = measureOf(i).where;
      const side = sideOf(set, i, sql`t`);
      const only = surface === undefined ? side : sql`${side} and surface = ${surface}`;
      return [i, sql`total(${pieceValue(rollUp, measureOf(i))}) filter (where ${only})`];
    }),
  );
  const distinct = (measures: readonly Measure[]) =>
    [...new Set(measures.map((measure) => nameIdOf(rollUp, measure)))].map(raw);
  const ids = distinct(own.map(measureOf));
  const summed = distinct(own.map(measureOf).filter(({ aggregate }) => aggregate === 'sum'));
  const hasName = ids.map((id) => sql`${id} = any(name_id)`);
  const bySurface = own.some((i) => measureOf(i).where.surface !== undefined);
  const kept = raw(
    `number, opening, name_id${bySurface ? ', surface' : ''}${summed.length > 0 ? ', value' : ''}`,
  );
  const piece = (column: string) => raw(`unnest(case when apart then ${column} else '{0}' end)`);
  const sameDay = (day: (t: Sql) => Sql) => sql`${day(sql`at`)} = ${day(sql`at + last`)}`;
  const whole = [
    sql`at >= ${earliest(set)} and at + last < ${scope.cutoff} and cardinality(name_id) <= ${raw(MOST_ITEMS)}`,
    sameDay((t) => sql`(${t} - opening + ${beforeOpening(set)}) / ${raw(DAY_MS)}`),
    sameDay((t) => experimentDay(scope, t)),
    ...summed.map((id) => sql`cardinality(array_positions(name_id, ${id}::smallint)) < 2`),
  ];
  // Names are looked for after the join: the planner takes few records to have them, and would hash the records.
  // Each offset keeps what is computed below it from being computed once for every use above it; were it not a bigint,
  // workers could not share in it.
  return sql`(select number, ${daysOf(scope, set, sql`t`)}, ${columns(set, values)}
    from (
      select ${kept}, at + ${piece('after_ms')} as t, ${piece('name_id')} as name
        ${summed.length > 0 ? sql`, ${piece('value')} as item_value` : sql``}
      from (
        select ${kept}, at, after_ms, not (${sql.join(whole, sql` and `)}) as apart
        from (
          select ${kept}, at, after_ms, greatest(${sql.join(last)}) as last
          from ${units} as enrolled join outcome using (unit)
          where outcome.environment = ${scope.environment} and outcome.day between ${from} and ${to}
            and at >= ${earliest(set)} - ${raw(DAY_MS)} and at < ${scope.cutoff}
          offset bigint '0'
        ) as record where ${sql.join(hasName, sql` or `)} offset bigint '0'
      ) as record
    ) as piece
    where t >= ${earliest(set)} and t < ${scope.cutoff} and name in (0, ${sql.join(ids)})
    group by 1, 2, 3)`;
}

/** What a piece adds to a measure. */
function pieceValue(rollUp: RollUp, measure: Measure): Sql {
  const id = raw(nameIdOf(rollUp, measure));
  if (measure.aggregate === 'sum') {
    return sql`case name when 0 then value[array_position(name_id, ${id}::smallint)] when ${id} then item_value end`;
  }
  return sql`case name when 0 then cardinality(array_positions(name_id, ${id}::smallint)) when ${id} then 1 end::bigint`;
}
