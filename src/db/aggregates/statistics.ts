import type { Database } from '../connect.ts';

/** Any constant: analyses that start together gather the statistics once. */
const LOCK = 7_265_412_392;

/**
 * Gives the planner statistics of the event tables where there are none, or where a table has more than doubled since.
 * Autovacuum does the same a minute or more later: too late for a plan over days that were filled just now.
 */
export async function refreshStatistics(db: Database): Promise<void> {
  const client = await db.pool.connect();
  let failure: Error | undefined;
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    const { rows } = await client.query<{ name: string }>(
      `select oid::regclass::text as name from pg_class
       where (oid in (select inhrelid from pg_inherits where inhparent in ('request'::regclass, 'outcome'::regclass))
           or oid = 'exposure'::regclass)
         and (reltuples < 0 or pg_relation_size(oid) > 2 * relpages::bigint * current_setting('block_size')::bigint)
       order by 1`,
    );
    for (const { name } of rows) await client.query(`analyze ${name} (environment, unit)`);
    await client.query('select pg_advisory_unlock($1)', [LOCK]);
  } catch (error) {
    failure = error as Error;
    throw error;
  } finally {
    // A connection that failed is closed, and its lock goes with it.
    client.release(failure);
  }
}
