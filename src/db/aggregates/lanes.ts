import type { Transaction } from 'kysely';
import type { Database } from '../connect.ts';
import type { Tables } from '../tables.ts';
import { analysisTransaction } from './session.ts';

type Task<Made> = (trx: Transaction<Tables>, made: Made) => Promise<void>;

/** Fewer connections are left to those who serve users. */
const CONNECTIONS = 6;

/**
 * Tasks in order, by the given transaction and by one beside it: most of what analyses read runs on one core. Each lane
 * begins by making what its tasks work on. After a failure no further task begins.
 */
export async function inLanes<Made>(
  db: Database,
  trx: Transaction<Tables>,
  tasks: readonly Task<Made>[],
  lane: {
    begin(trx: Transaction<Tables>): Promise<Made>;
    end(trx: Transaction<Tables>, made: Made): Promise<void>;
  },
): Promise<void> {
  const waiting = [...tasks];
  const work = async (on: Transaction<Tables>) => {
    try {
      const made = await lane.begin(on);
      for (let task = waiting.shift(); task; task = waiting.shift()) await task(on, made);
      await lane.end(on, made);
    } catch (error) {
      waiting.length = 0;
      throw error;
    }
  };
  const isOne = tasks.length < 2 || (db.pool.options.max ?? 0) < CONNECTIONS;
  // Both to their end: a statement after a rollback would be one outside of any transaction.
  const ends = await Promise.allSettled([work(trx), ...(isOne ? [] : [analysisTransaction(db, work)])]);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
