import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { Tables } from '../tables.ts';
import type { Checkpoints } from './checkpoints.ts';
import { more } from './roll-up.ts';
import { type Slot, within } from './slots.ts';
import { changeColumns, type Row, type Summed, sumColumns } from './sum-columns.ts';
import type { UnitTables } from './units.ts';

/** Of each arm and number of weeks, what holds from the end of a day on: until the next such row. */
export type DailyRow = Row & { readonly day: number };

/** One pass over the moments of change; running sums of its rows are exact, as they are. */
export async function dailySums(
  trx: Transaction<Tables>,
  units: UnitTables,
  summed: readonly Summed[],
  checkpoints: Checkpoints,
): Promise<readonly DailyRow[]> {
  const { rows } = await (checkpoints.rows
    ? heldRows(summed, checkpoints, checkpoints.rows)
    : openRows(units, summed, checkpoints)
  ).execute(trx);
  return rows;
}

/** A row per stretch of days, taken back where it ends. */
function heldRows(
  summed: readonly Summed[],
  checkpoints: Checkpoints,
  table: RawBuilder<unknown>,
): RawBuilder<DailyRow> {
  const sums = sumColumns(summed, checkpoints);
  const each = (column: (name: string) => string) =>
    more(sums.map(([name]) => sql.raw(`${column(name)} as ${name}`)));
  return sql<DailyRow>`
    with stretch as materialized (
      select arm, weeks, day, until ${more(sums.map(([name, sum]) => sql`${sum} as ${sql.raw(name)}`))}
      from ${table} group by 1, 2, 3, 4
    )
    select arm, weeks, day ${each((name) => `sum(sum(${name})) over days`)} from (
      select * from stretch
      union all
      select arm, weeks, until, null ${each((name) => `-${name}`)} from stretch where until is not null
    ) as change
    group by arm, weeks, day window days as (partition by arm, weeks order by day) order by day, arm, weeks`;
}

/** What every row of the roll-up adds to the sums of its arm: nothing is kept of the units in between. */
function openRows(
  units: UnitTables,
  summed: readonly Summed[],
  checkpoints: Checkpoints,
): RawBuilder<DailyRow> {
  const { slots, column } = checkpoints;
  const running = slots.map((slot) => {
    const [name, value] = [sql.raw(slot.name), addedBy(slot)];
    return sql`total(${value}) over days as ${name}, total(${value}) over days - ${value} as ${before(slot.name)}`;
  });
  const filters = summed.flatMap(({ metric: { numerator, denominator } }) =>
    [numerator, denominator].flatMap((measure) => measure?.where.attribute?.name ?? []),
  );
  const attributes = [...new Set(filters)].map((name) => sql.raw(units.attribute(name)));
  const join = attributes.length === 0 ? sql`` : sql`join ${units.frozen} using (id)`;
  const changes = changeColumns(summed, checkpoints, {
    columns: {
      ...checkpoints,
      column: (measure) => (measure.event === 'unit' ? '1' : `before_${column(measure)}`),
    },
    exists: sql`not is_first`,
  });
  const sums = changes.map(([name, change]) => sql`sum(${change}) over days as ${sql.raw(name)}`);
  return sql<DailyRow>`
    select arm, weeks, day ${more(sums)} from (
      select arm, 1 as weeks, experiment_day + 1 as day, lag(id) over days is null as is_first
        ${more(attributes)} ${more(running)}
      from ${units.lived} ${join}
      window days as (partition by id order by experiment_day rows unbounded preceding)
    ) as change
    group by arm, weeks, day window days as (partition by arm, weeks order by day) order by day, arm, weeks`;
}

const before = (name: string) => sql.raw(`before_${name}`);

const addedBy = (slot: Slot) =>
  slot.from === 0
    ? sql.raw(slot.column)
    : sql`case when ${within(slot)} then ${sql.raw(slot.column)} else 0 end`;
