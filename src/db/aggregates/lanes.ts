import type { Transaction } from 'kysely';
import type { Database } from '../connect.ts';
import type { Tables } from '../tables.ts';
import { analysisTransaction, waitBeside } from './session.ts';

type Task = (trx: Transaction<Tables>) => Promise<void>;

/** Fewer connections are left to those who serve users. */
const CONNECTIONS = 6;

/**
 * Tasks in order, by the given transaction and by one beside it: most of what analyses read runs on one core. After a
 * failure no further task begins.
 */
export async function inLanes(db: Database, trx: Transaction<Tables>, tasks: readonly Task[]): Promise<void> {
  const waiting = [...tasks];
  const work = async (on: Transaction<Tables>) => {
    try {
      for (let task = waiting.shift(); task; task = waiting.shift()) await task(on);
    } catch (error) {
      waiting.length = 0;
      throw error;
    }
  };
  const isOne = tasks.length < 2 || (db.pool.options.max ?? 0) < CONNECTIONS;
  // Both to their end: a statement after a rollback would be one outside of any transaction.
  const beside = isOne ? Promise.resolve() : analysisTransaction(db, work);
  const ends = await Promise.allSettled([work(trx).then(() => waitBeside(trx, beside)), beside]);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
