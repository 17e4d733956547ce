import { createHash } from 'node:crypto';
import { dayText } from '../events/event-day.ts';
import type { Database } from './connect.ts';
import { PARTITION_LOCK } from './partitions.ts';

/** Tables that are partitioned by day. */
export type Partitioned = 'request' | 'outcome';
const PARTITIONED: readonly Partitioned[] = ['request', 'outcome'];

const partitionOf = (table: Partitioned, day: number): string =>
  `${table}_${dayText(day).replaceAll('-', '')}`;
const suffixOf = (environment: string): string =>
  createHash('sha256').update(environment).digest('hex').slice(0, 12);

/** Where an environment's rows of one day are loaded before their partition has an index. */
export function loadTableOf(environment: string, table: Partitioned, day: number): string {
  return `load_${partitionOf(table, day)}_${suffixOf(environment)}`;
}

/**
 * Makes a table without index for each day that has no partition yet: rows that come by unit and not by time would each
 * meet another page of the day's index. Days that others have rows of are written to as they are.
 */
export async function makeLoadTables(
  db: Database,
  environment: string,
  days: readonly number[],
): Promise<void> {
  for (const table of PARTITIONED)
    for (const day of days) {
      const load = loadTableOf(environment, table, day);
      await db.pool.query(`
        do $$ begin
          if to_regclass('${partitionOf(table, day)}') is null and to_regclass('${load}') is null then
            create table ${load} (like ${table} including defaults) with (autovacuum_enabled = off);
          end if;
        end $$`);
    }
}

/** Names of the load tables that an environment has. */
export async function loadTables(db: Database, environment: string): Promise<ReadonlySet<string>> {
  const { rows } = await db.pool.query<{ name: string }>(
    `select oid::regclass::text as name from pg_class
     where relkind = 'r' and relname like 'load\\_%' and relname like $1 and pg_table_is_visible(oid)`,
    [`%\\_${suffixOf(environment)}`],
  );
  return new Set(rows.map(({ name }) => name));
}

/**
 * Makes load tables partitions, which gives them their index; where somebody made the partition meanwhile, their rows go
 * there. Each day is one transaction, so that a kill leaves it as it was or done.
 */
export async function attachLoadTables(
  db: Database,
  environment: string,
  days: readonly number[],
  progress: (done: number, total: number) => void,
): Promise<void> {
  const loaded = await loadTables(db, environment);
  const client = await db.pool.connect();
  let failure: Error | undefined;
  let done = 0;
  try {
    await client.query(`set statement_timeout = 0; set maintenance_work_mem = '512MB'`);
    for (const table of PARTITIONED)
      for (const day of days) {
        const load = loadTableOf(environment, table, day);
        if (!loaded.has(load)) continue;
        const name = partitionOf(table, day);
        const bounds = `from ('${dayText(day)}') to ('${dayText(day + 1)}')`;
        await client.query(`
          do $$ begin
            perform pg_advisory_xact_lock(${PARTITION_LOCK});
            if to_regclass('${name}') is null then
              alter table ${load} rename to ${name};
              alter table ${name} reset (autovacuum_enabled);
              alter table ${table} attach partition ${name} for values ${bounds};
            else
              insert into ${table} select * from ${load};
              drop table ${load};
            end if;
          end $$`);
        progress(++done, loaded.size);
      }
  } catch (error) {
    failure = error as Error;
    throw error;
  } finally {
    // The settings go with the connection.
    client.release(failure ?? true);
  }
}

export async function dropLoadTables(db: Database, environment: string): Promise<void> {
  for (const name of await loadTables(db, environment)) await db.pool.query(`drop table ${name}`);
}
