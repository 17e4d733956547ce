import { sql, type Transaction } from 'kysely';
import type { Tables } from '../tables.ts';
import type { CheckpointColumns } from './checkpoints.ts';
import { more } from './roll-up.ts';
import { type Row, type Summed, sumColumns } from './sum-columns.ts';

/** Of each arm and number of weeks, what holds from the end of a day on: until the next such row. */
export type DailyRow = Row & { readonly day: number };

/** One pass over the checkpoints leaves a row per stretch of days; their running sums are exact, as they are. */
export async function dailySums(
  trx: Transaction<Tables>,
  summed: readonly Summed[],
  columns: CheckpointColumns,
): Promise<readonly DailyRow[]> {
  const sums = sumColumns(summed, columns);
  const each = (column: (name: string) => string) =>
    more(sums.map(([name]) => sql.raw(`${column(name)} as ${name}`)));
  const { rows } = await sql<DailyRow>`
    with stretch as materialized (
      select arm, weeks, day, until ${more(sums.map(([name, sum]) => sql`${sum} as ${sql.raw(name)}`))}
      from ${sql.raw(columns.table)} group by 1, 2, 3, 4
    )
    select arm, weeks, day ${each((name) => `sum(sum(${name})) over days`)} from (
      select * from stretch
      union all
      select arm, weeks, until, null ${each((name) => `-${name}`)} from stretch where until is not null
    ) as change
    group by arm, weeks, day window days as (partition by arm, weeks order by day) order by day, arm, weeks`.execute(
    trx,
  );
  return rows;
}
