import { sql } from 'kysely';
import type { Database } from '../connect.ts';
import { analysisTransaction } from './session.ts';

/** Any constant: analyses that start together gather the statistics once. */
const LOCK = 7_265_412_392;

/**
 * Gives the planner statistics of the event tables where there are none, or where a table has more than doubled since.
 * Autovacuum does the same a minute or more later: too late for a plan over days that were filled just now.
 *
 * The lock ends with the transaction, and that with the silence of a process that was stopped: others would wait for it for ever.
 */
export function refreshStatistics(db: Database): Promise<void> {
  return analysisTransaction(db, async (trx) => {
    await sql`select pg_advisory_xact_lock(${LOCK})`.execute(trx);
    const { rows } = await sql<{ name: string }>`
      select oid::regclass::text as name from pg_class
      where (oid in (select inhrelid from pg_inherits where inhparent in ('request'::regclass, 'outcome'::regclass))
          or oid = 'exposure'::regclass)
        and (reltuples < 0 or pg_relation_size(oid) > 2 * relpages::bigint * current_setting('block_size')::bigint)
      order by 1`.execute(trx);
    for (const { name } of rows) await sql`analyze ${sql.raw(name)} (environment, unit)`.execute(trx);
  });
}
