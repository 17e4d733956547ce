import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { Database } from '../connect.ts';
import type { Tables } from '../tables.ts';

/** A month of a large experiment is read in one statement: longer than what serves users may take. */
const STATEMENT_MS = 30 * 60_000;

/**
 * Longest silence between two statements: a process that was stopped in the middle keeps its locks no longer, and another can do
 * its work.
 */
const IDLE_MS = 15_000;

const SETTINGS: Readonly<Record<string, string>> = {
  statement_timeout: String(STATEMENT_MS),
  idle_in_transaction_session_timeout: String(IDLE_MS),
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

/** Waits for the end of what another connection does, without being taken for one that was stopped. */
export async function waitBeside(trx: Transaction<Tables>, work: Promise<unknown>): Promise<void> {
  const ended = work.then(
    () => true,
    () => true,
  );
  for (;;) {
    let timer: NodeJS.Timeout | undefined;
    const pause = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, IDLE_MS / 5, false);
    });
    const isOver = await Promise.race([ended, pause]);
    clearTimeout(timer);
    if (isOver) return;
    await sql`select`.execute(trx);
  }
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
