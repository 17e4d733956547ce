import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { Database } from '../connect.ts';
import type { Tables } from '../tables.ts';

/** A month of a large experiment is read in one statement: longer than what serves users may take. */
const STATEMENT_MS = 30 * 60_000;

const SETTINGS: Readonly<Record<string, string>> = {
  statement_timeout: String(STATEMENT_MS),
  // One connection of an analysis may wait for another.
  idle_in_transaction_session_timeout: String(STATEMENT_MS),
  work_mem: '256MB',
  // Whole days of events meet whole experiments: a nested loop is never right, and a guess of one row would choose it.
  enable_nestloop: 'off',
  // A day of a small platform is worth a worker when there are many.
  min_parallel_table_scan_size: '0',
};

/** One transaction of an analysis, with the server's settings made for reading much at once. */
export function analysisTransaction<T>(
  db: Database,
  work: (trx: Transaction<Tables>) => Promise<T>,
): Promise<T> {
  return db.kysely.transaction().execute(async (trx) => {
    await configure(trx, SETTINGS);
    return work(trx);
  });
}

/** Server settings until the end of the transaction. */
export async function configure(
  trx: Transaction<Tables>,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const calls: RawBuilder<unknown>[] = Object.entries(settings).map(
    ([name, value]) => sql`set_config(${name}, ${value}, true)`,
  );
  await sql`select ${sql.join(calls)}`.execute(trx);
}
