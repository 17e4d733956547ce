import type { Pool } from 'pg';
import { dayText } from '../events/event-day.ts';

/** Makes day partitions when they are first needed and remembers which exist. */
export interface Partitions {
  ensure(table: 'request' | 'outcome', days: Iterable<number>): Promise<void>;
  /** After a failure nothing is taken for granted. */
  forget(): void;
}

/** Any constant: two processes that want the same partition wait for each other on it. */
export const PARTITION_LOCK = 7_265_412_391;

export function createPartitions(pool: Pool): Partitions {
  const known = new Set<string>();
  return {
    async ensure(table, days) {
      for (const day of new Set(days)) {
        const name = `${table}_${dayText(day).replaceAll('-', '')}`;
        if (known.has(name)) continue;
        const from = `'${dayText(day)}'`;
        const to = `'${dayText(day + 1)}'`;
        // Attaching, unlike `create ... partition of`, does not wait for analyses that read the table. One string is
        // one round trip and one transaction.
        await pool.query(`
          do $$ begin
            perform pg_advisory_xact_lock(${PARTITION_LOCK});
            if to_regclass('${name}') is null then
              create table ${name} (like ${table} including all);
              alter table ${table} attach partition ${name} for values from (${from}) to (${to});
            end if;
          end $$`);
        known.add(name);
      }
    },
    forget: () => known.clear(),
  };
}
