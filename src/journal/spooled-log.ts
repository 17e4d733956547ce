import { type BlockBuilder, createBlockBuilder } from '../db/outcome-block.ts';
import { checkOutcome } from '../events/check-record.ts';
import { type DeadLetter, letter } from '../events/dead-letter.ts';
import { payloadHash } from '../events/payload-hash.ts';
import type { AppendOutcome, EventLog, ExposureRecord, OutcomeRecord } from '../events/records.ts';
import { type HandOnOptions, type HandOnStats, type HandOnTarget, startHandOn } from './hand-on.ts';
import { type Journal, type JournalStats, JournalUnavailable } from './journal.ts';
import { createRecentIds } from './recent-ids.ts';
import { encodeRecord } from './record-bytes.ts';

/** Where records go in the end. Writing the same ones again changes nothing. */
export interface LogTarget extends HandOnTarget, Pick<EventLog, 'appendOutcomes' | 'close'> {}

export interface SpoolOptions extends HandOnOptions {
  /** Time of receipt, epoch ms. */
  readonly now?: () => number;
  /** How long the target may take to answer for outcomes before the journal keeps them, ms. */
  readonly patienceMs?: number;
  /** Outcomes whose ids are remembered at least. */
  readonly rememberIds?: number;
  /** Told when the target fails, and when it works again. */
  readonly onChange?: (state: 'down' | 'up', error?: Error) => void;
}

export interface SpoolStats extends JournalStats, HandOnStats {
  readonly down: boolean;
}

/** What one client sent at once. */
export interface EventBatch {
  readonly outcomes: readonly OutcomeRecord[];
  /** Exposures that it reports. */
  readonly exposures: readonly ExposureRecord[];
  /** What cannot be used of it. */
  readonly deadLetters: readonly {
    readonly environment: string;
    readonly record: unknown;
    readonly reason: string;
  }[];
}

/** What an answer waits for: the local journal, or the database, which alone can tell every double one. */
export type WaitFor = 'journal' | 'database';

export interface SpooledLog extends Pick<EventLog, 'append' | 'close'> {
  /** Durable on resolve; one answer per outcome, in order. Rejects when nothing is certain. */
  appendEvents(batch: EventBatch, waitFor: WaitFor): Promise<readonly AppendOutcome[]>;
  /** Resolves with true once everything appended so far was handed on, with false after `ms`. */
  flush(ms: number): Promise<boolean>;
  stats(): SpoolStats;
}

/** Events that came in with one turn of the event loop: one record of the journal. */
interface Open {
  readonly receivedAt: number;
  readonly outcomes: BlockBuilder;
  readonly exposures: ExposureRecord[];
  readonly deadLetters: DeadLetter[];
  readonly durable: Promise<void>;
}

/** A record of the journal that has grown past it is closed, bytes. */
const RECORD_BYTES = 2 ** 20;

/**
 * A log whose durability does not depend on its target: records are durable when the local journal holds them, and are handed on
 * in rounds. Of an outcome the answer is then `accepted`, or what is remembered of its id; who waits for the database
 * learns what it says, within `patienceMs`. Where the journal cannot write, records go to the target at once.
 */
export function createSpooledLog(
  target: LogTarget,
  journal: Journal,
  options: SpoolOptions = {},
): SpooledLog {
  const { now = Date.now, patienceMs = 250, rememberIds = 2 ** 18, onChange = () => {} } = options;
  const recent = createRecentIds(rememberIds);
  let down = false;
  let open: Open | undefined;

  function setDown(state: boolean, error?: Error): void {
    if (down === state) return;
    down = state;
    onChange(state ? 'down' : 'up', error);
  }

  const handOn = startHandOn(target, journal, {
    ...options,
    onRound: (error) => setDown(error !== undefined, error),
    onAnswer({ conflicts }) {
      // From now on the answer is the database's.
      for (const { id, stored } of conflicts) recent.correct(id, stored);
    },
  });

  function begin(): Open {
    const receivedAt = now();
    const outcomes = createBlockBuilder();
    const exposures: ExposureRecord[] = [];
    const deadLetters: DeadLetter[] = [];
    const durable = new Promise<void>((resolve) => setImmediate(resolve)).then(async () => {
      if (open === begun) open = undefined;
      await journal.append(
        encodeRecord({
          receivedAt,
          requests: [],
          exposures,
          outcomes: outcomes.rows === 0 ? undefined : outcomes.build(),
          deadLetters,
        }),
      );
      handOn.wake();
    });
    const begun = { receivedAt, outcomes, exposures, deadLetters, durable };
    return begun;
  }

  /** Resolves when the journal has it. */
  function keep(
    { outcomes, exposures, deadLetters }: EventBatch,
    payloads?: readonly bigint[],
  ): Promise<void> {
    if (open !== undefined && open.outcomes.bytes > RECORD_BYTES) open = undefined;
    open ??= begin();
    const { receivedAt } = open;
    for (let i = 0; i < outcomes.length; i++) open.outcomes.add(outcomes[i]!, receivedAt, payloads?.[i]);
    for (const exposure of exposures) open.exposures.push(exposure);
    for (const { environment, record, reason } of deadLetters)
      open.deadLetters.push(letter(environment, receivedAt, record, reason));
    return open.durable;
  }

  async function keepInJournal(batch: EventBatch): Promise<AppendOutcome[]> {
    const { outcomes } = batch;
    const payloads = outcomes.map(payloadHash);
    const before = outcomes.map(({ id }, i) => recent.look(id, payloads[i]!));
    const isNew = <T>(_: T, i: number): boolean => before[i] === 'new';
    const fresh = before.every((known) => known === 'new')
      ? batch
      : { ...batch, outcomes: outcomes.filter(isNew) };
    if (fresh.outcomes.length + batch.exposures.length + batch.deadLetters.length > 0)
      await keep(fresh, fresh === batch ? payloads : payloads.filter(isNew));
    // Only now: what is not durable must not be called a duplicate.
    return outcomes.map(({ id }, i) => {
      const known = before[i]!;
      return ANSWERS[known === 'new' ? recent.add(id, payloads[i]!) : known];
    });
  }

  async function keepInDatabase(batch: EventBatch): Promise<readonly AppendOutcome[]> {
    const { outcomes, exposures, deadLetters } = batch;
    if (exposures.length > 0) await target.append({ requests: [], exposures });
    if (deadLetters.length > 0)
      await target.deadLetters(
        deadLetters.map(({ environment, record, reason }) => letter(environment, now(), record, reason)),
      );
    const answers = outcomes.length === 0 ? [] : await target.appendOutcomes(outcomes);
    outcomes.forEach((record, i) => {
      if (answers[i] !== 'conflict') recent.add(record.id, payloadHash(record));
    });
    return answers;
  }

  return {
    async append({ requests, exposures }) {
      await journal.append(
        encodeRecord({ receivedAt: now(), requests, exposures, outcomes: undefined, deadLetters: [] }),
      );
      handOn.wake();
    },
    async appendEvents(batch, waitFor) {
      for (const record of batch.outcomes) checkOutcome(record);
      if (waitFor === 'database' && !down) {
        try {
          return await within(keepInDatabase(batch), patienceMs);
        } catch (error) {
          if (error instanceof RangeError) throw error;
          setDown(true, error as Error);
        }
      }
      try {
        return await keepInJournal(batch);
      } catch (error) {
        if (!(error instanceof JournalUnavailable)) throw error;
        return await within(keepInDatabase(batch), patienceMs);
      }
    },
    async flush(ms) {
      const end = journal.end();
      if (journal.stats().waiting === 0) return true;
      const passed = handOn.passed(end);
      try {
        await within(passed.done, ms);
        return true;
      } catch {
        return false;
      } finally {
        passed.cancel();
      }
    },
    stats: () => ({ ...journal.stats(), ...handOn.stats(), down }),
    async close() {
      await open?.durable.catch(() => {});
      await handOn.close();
      await journal.close();
      await target.close();
    },
  };
}

const ANSWERS = { new: 'accepted', same: 'duplicate', other: 'conflict' } as const;

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`no answer within ${ms} ms`)), ms);
  });
  // Should it be late, its own failure has no other listener.
  work.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
