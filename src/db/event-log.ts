import type { PoolClient } from 'pg';
import { checkExposure, checkOutcome, checkRequest } from '../events/check-record.ts';
import type { DeadLetter } from '../events/dead-letter.ts';
import { eventDay } from '../events/event-day.ts';
import type { AppendOutcome, EventLog, ExposureRecord, OutcomeRecord } from '../events/records.ts';
import { isOneStatement } from './columns.ts';
import type { Database } from './connect.ts';
import { writeDeadLetters } from './dead-letters.ts';
import { EventLogUnavailable, failureOf, isDataError } from './event-log-errors.ts';
import { createExposureCache } from './exposure-cache.ts';
import type { OutcomeBlock } from './outcome-block.ts';
import { createOutcomeNames } from './outcome-names.ts';
import { createPartitions } from './partitions.ts';
import { type BlocksAnswer, storeBlocks } from './store-blocks.ts';
import { inTransaction, retryDeadlock, withDeadline } from './transactions.ts';
import { firstExposures, writeExposures } from './write-exposures.ts';
import { writeOutcomes } from './write-outcomes.ts';
import { type StoredRequest, writeRequests } from './write-requests.ts';

export interface EventLogOptions {
  /** Rows that may wait for a commit; more are refused at once. */
  readonly maxQueue?: number;
  /** Rows of one commit, about. */
  readonly maxBatch?: number;
  /** Commits under way at once: one prepares while another waits for the disk. */
  readonly writers?: number;
  /** Longest time one commit may take before its callers are told that nothing is certain, ms. */
  readonly commitMs?: number;
  /** Durable exposures remembered to spare writing them again. */
  readonly rememberExposures?: number;
  /** Time of receipt, epoch ms; a simulation passes its own clock. */
  readonly now?: () => number;
}

/** Counts since the start. */
export interface EventLogStats {
  readonly commits: number;
  readonly failures: number;
  readonly rows: number;
  readonly duplicates: number;
  readonly conflicts: number;
  readonly refused: number;
  readonly waiting: number;
}

export interface PostgresEventLog extends EventLog {
  append(batch: {
    readonly requests: readonly StoredRequest[];
    readonly exposures: readonly ExposureRecord[];
  }): Promise<void>;
  /** @param receivedAt epoch ms at which the outcomes came in; absent: now */
  appendOutcomes(outcomes: readonly OutcomeRecord[], receivedAt?: number): Promise<readonly AppendOutcome[]>;
  /** Outcomes that a journal kept, in one transaction. RangeError where one of them cannot be stored. */
  storeBlocks(blocks: readonly OutcomeBlock[]): Promise<BlocksAnswer>;
  /** Puts aside what cannot be used; the same letters again change nothing. */
  deadLetters(letters: readonly DeadLetter[]): Promise<void>;
  stats(): EventLogStats;
}

/** One caller's records and its promise. */
interface Entry {
  readonly requests: readonly StoredRequest[];
  readonly exposures: readonly ExposureRecord[];
  readonly outcomes: readonly OutcomeRecord[];
  readonly receivedAt: number;
  readonly rows: number;
  resolve(outcomes: readonly AppendOutcome[]): void;
  reject(error: Error): void;
}

/**
 * The durable log on Postgres. What arrives while a commit is under way goes into the next one (group commit); a
 * promise resolves after its COMMIT. Writing the same records again changes nothing.
 */
export function createEventLog(db: Database, options: EventLogOptions = {}): PostgresEventLog {
  const { maxQueue = 100_000, maxBatch = 5_000, writers = 2, commitMs = 10_000, now = Date.now } = options;
  const partitions = createPartitions(db.pool);
  const names = createOutcomeNames(db.pool);
  const durable = createExposureCache(options.rememberExposures ?? 200_000);
  const count = { commits: 0, failures: 0, rows: 0, duplicates: 0, conflicts: 0, refused: 0 };
  let queue: Entry[] = [];
  let waiting = 0;
  const running = new Set<Promise<void>>();
  let closed = false;

  function enqueue(
    entry: Pick<Entry, 'requests' | 'exposures' | 'outcomes'>,
    receivedAt = now(),
  ): Promise<readonly AppendOutcome[]> {
    const rows = entry.requests.length + entry.exposures.length + entry.outcomes.length;
    if (rows === 0) return Promise.resolve([]);
    if (closed) return refuse(rows, 'closed', 'the event log is closed');
    if (waiting + rows > maxQueue && waiting > 0) {
      return refuse(
        rows,
        'queue-full',
        `${waiting} rows wait for the database, ${maxQueue} may; send less or later`,
      );
    }
    return new Promise((resolve, reject) => {
      queue.push({ ...entry, rows, receivedAt, resolve, reject });
      waiting += rows;
      if (running.size < writers) {
        const loop: Promise<void> = drain().finally(() => running.delete(loop));
        running.add(loop);
      }
    });
  }

  function refuse(rows: number, code: EventLogUnavailable['code'], why: string): Promise<never> {
    count.refused += rows;
    return Promise.reject(new EventLogUnavailable(code, why));
  }

  async function drain(): Promise<void> {
    // What is appended in the same turn of the event loop shares a commit.
    await new Promise((turn) => setImmediate(turn));
    while (queue.length > 0) {
      const batch = nextBatch();
      await settle(batch);
      waiting -= batch.reduce((rows, entry) => rows + entry.rows, 0);
    }
  }

  function nextBatch(): Entry[] {
    let rows = 0;
    const end = queue.findIndex((entry) => {
      rows += entry.rows;
      return rows >= maxBatch;
    });
    const batch = end === -1 ? queue : queue.slice(0, end + 1);
    queue = end === -1 ? [] : queue.slice(end + 1);
    return batch;
  }

  async function settle(batch: readonly Entry[]): Promise<void> {
    try {
      const results = await commit(batch);
      batch.forEach((entry, i) => {
        entry.resolve(results[i] as AppendOutcome[]);
      });
    } catch (error) {
      if (isDataError(error) && batch.length > 1) {
        // One caller's record cannot be stored; the others' can.
        for (const entry of batch) await settle([entry]);
        return;
      }
      count.failures++;
      const failure = failureOf(error);
      for (const entry of batch) entry.reject(failure);
    }
  }

  async function commit(batch: readonly Entry[]): Promise<AppendOutcome[][]> {
    const requests = batch.flatMap((entry) => entry.requests);
    const exposures = batch.flatMap((entry) => entry.exposures).filter((record) => !durable.covers(record));
    const outcomes = batch.flatMap((entry) => entry.outcomes);
    const receivedAt = batch.flatMap((entry) => entry.outcomes.map(() => entry.receivedAt));
    const write = async (client: PoolClient) => {
      await writeRequests(client, requests);
      await writeExposures(client, firstExposures(exposures));
      return await writeOutcomes(client, outcomes, receivedAt, names);
    };
    const prepare = async () => {
      await partitions.ensure(
        'request',
        requests.map((r) => eventDay(r.id, r.at)),
      );
      await partitions.ensure(
        'outcome',
        outcomes.map((r) => eventDay(r.id, r.at)),
      );
      await names.ensure(outcomes.flatMap((r) => r.items.map((item) => item.name)));
    };
    let answers: AppendOutcome[];
    try {
      await withDeadline(prepare(), commitMs);
      // One statement is a transaction of its own and spares two round trips.
      const kinds = [requests.length, exposures.length, outcomes.length].filter((rows) => rows > 0);
      const alone = kinds.length === 1 && isOneStatement(kinds[0]!);
      answers = await retryDeadlock(() => onConnection(alone ? write : inTransaction(write)));
    } catch (error) {
      partitions.forget();
      names.forget();
      throw error;
    }
    for (const record of exposures) durable.add(record);
    count.commits++;
    count.rows += requests.length + exposures.length + outcomes.length;
    for (const answer of answers) {
      if (answer === 'duplicate') count.duplicates++;
      if (answer === 'conflict') count.conflicts++;
    }
    let from = 0;
    return batch.map((entry) => {
      from += entry.outcomes.length;
      return answers.slice(from - entry.outcomes.length, from);
    });
  }

  async function onConnection<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await db.pool.connect();
    // While it is ours, the pool does not listen; a lost server also shows at the query that was under way.
    const ignore = () => {};
    client.on('error', ignore);
    let failure: Error | undefined;
    try {
      return await withDeadline(work(client), commitMs);
    } catch (error) {
      failure = error as Error;
      throw error;
    } finally {
      client.removeListener('error', ignore);
      // After a failure the connection goes too: the server rolls back, and nothing half-read is met again.
      client.release(failure);
    }
  }

  return {
    async append({ requests, exposures }) {
      for (const record of requests) checkRequest(record);
      for (const record of exposures) checkExposure(record);
      await enqueue({ requests, exposures, outcomes: [] });
    },
    async appendOutcomes(outcomes, receivedAt) {
      for (const record of outcomes) checkOutcome(record);
      return await enqueue({ requests: [], exposures: [], outcomes }, receivedAt);
    },
    async storeBlocks(blocks) {
      const rows = blocks.reduce((sum, { lengths }) => sum + lengths.length, 0);
      if (closed) return refuse(rows, 'closed', 'the event log is closed');
      try {
        await withDeadline(
          (async () => {
            await partitions.ensure(
              'outcome',
              blocks.flatMap(({ days }) => days),
            );
            await names.ensure(blocks.flatMap((block) => block.names));
          })(),
          commitMs,
        );
        const answer = await retryDeadlock(() =>
          onConnection(inTransaction((client) => storeBlocks(client, blocks, names))),
        );
        count.commits++;
        count.rows += rows;
        count.duplicates += answer.duplicates;
        count.conflicts += answer.conflicts.length;
        return answer;
      } catch (error) {
        partitions.forget();
        names.forget();
        count.failures++;
        throw failureOf(error);
      }
    },
    async deadLetters(letters) {
      await onConnection((client) => writeDeadLetters(client, letters));
    },
    stats: () => ({ ...count, waiting }),
    async close() {
      closed = true;
      await Promise.all(running);
    },
  };
}
