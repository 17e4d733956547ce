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
 * twice; any other is taken apart into its items (`i` counts them from 1, and is 0 for a record that stays whole).
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
  const summed = own
    .filter((i) => measureOf(i).aggregate === 'sum')
    .map((i) => nameIdOf(rollUp, measureOf(i)));
  const bySurface = own.some((i) => measureOf(i).where.surface !== undefined);
  const kept = sql`number, opening, name_id ${bySurface ? sql`, surface` : sql``} ${summed.length > 0 ? sql`, value` : sql``}`;
  const sameDay = (day: (t: Sql) => Sql) => sql`${day(sql`at`)} = ${day(sql`at + last`)}`;
  const whole = [
    sql`at >= ${earliest(set)} and at + last < ${scope.cutoff} and cardinality(name_id) <= ${raw(MOST_ITEMS)}`,
    sameDay((t) => sql`(${t} - opening + ${beforeOpening(set)}) / ${raw(DAY_MS)}`),
    sameDay((t) => experimentDay(scope, t)),
    ...[...new Set(summed)].map((id) => sql`cardinality(array_positions(name_id, ${raw(id)}::smallint)) < 2`),
  ];
  // Each `offset 0` keeps what is computed below it from being computed once for every use above it.
  return sql`(select number, ${daysOf(scope, set, sql`t`)}, ${columns(set, values)}
    from (
      select ${kept}, i, at + coalesce(after_ms[i], 0) as t
      from (
        select ${kept}, at, after_ms, generate_series(apart, apart * cardinality(name_id)) as i
        from (
          select ${kept}, at, after_ms, (not (${sql.join(whole, sql` and `)}))::integer as apart
          from (
            select ${kept}, at, after_ms, greatest(${sql.join(last)}) as last
            from ${units} as enrolled join outcome using (unit)
            where outcome.environment = ${scope.environment} and outcome.day between ${from} and ${to}
              and at >= ${earliest(set)} - ${raw(DAY_MS)} and at < ${scope.cutoff}
            offset 0
          ) as record offset 0
        ) as record
      ) as piece
    ) as piece
    where t >= ${earliest(set)} and t < ${scope.cutoff}
    group by 1, 2, 3)`;
}

/** What a piece adds to a measure. */
function pieceValue(rollUp: RollUp, measure: Measure): Sql {
  const id = raw(nameIdOf(rollUp, measure));
  if (measure.aggregate === 'sum') {
    return sql`case when i = 0 then value[array_position(name_id, ${id}::smallint)]
      when name_id[i] = ${id} then value[i] end`;
  }
  return sql`case when i = 0 then cardinality(array_positions(name_id, ${id}::smallint))
    else (name_id[i] = ${id})::integer end::bigint`;
}
