import type { Database } from '../db/connect.ts';
import {
  CHANNEL,
  type Decision,
  readDecisions,
  type StoredDecision,
  saveDecision,
} from '../db/experiment-states.ts';

/** Decisions in the database, heard of as they come in. */
export interface Decisions {
  /** Rejects within seconds where the database does not answer. */
  read(): Promise<readonly StoredDecision[]>;
  /** @returns its version */
  save(decision: Decision): Promise<number>;
  close(): Promise<void>;
}

/** Pause before it listens again, ms. */
const AGAIN_MS = 500;

/**
 * @param open   connections that nothing else uses: a pool that is busy must not delay a stop. Opened anew after a failure
 * @param heard  called whenever a decision came in, and when it listens again: one may have come in meanwhile
 */
export function followDecisions(open: () => Database, environment: string, heard: () => void): Decisions {
  let db = open();
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let stopListening = (): void => {};

  async function listen(): Promise<void> {
    const client = await db.pool.connect();
    if (closed) return client.release(true);
    let over = false;
    const again = (): void => {
      if (over) return;
      over = true;
      client.release(true);
      later();
    };
    stopListening = again;
    client.on('error', again);
    client.on('end', again);
    client.on('notification', heard);
    try {
      await client.query(`listen ${CHANNEL}`);
      heard();
    } catch {
      again();
    }
  }
  function later(): void {
    if (closed) return;
    timer = setTimeout(() => listen().catch(later), AGAIN_MS);
  }
  listen().catch(later);

  /** A connection whose server hung may never answer again. */
  async function or<T>(work: Promise<T>): Promise<T> {
    const used = db;
    try {
      return await work;
    } catch (error) {
      if (db === used && !closed) {
        db = open();
        used.close().catch(() => {});
      }
      throw error;
    }
  }

  return {
    read: () => or(readDecisions(db, environment)),
    save: (decision) => or(saveDecision(db, decision)),
    async close() {
      closed = true;
      clearTimeout(timer);
      stopListening();
      await Promise.race([db.close(), new Promise((resolve) => setTimeout(resolve, 1_000).unref())]);
    },
  };
}
