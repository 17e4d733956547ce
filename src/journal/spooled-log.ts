import type { PackedRequest } from '../events/packed-request.ts';
import type { AppendOutcome, EventLog, ExposureRecord, OutcomeRecord } from '../events/records.ts';
import type { Journal, JournalStats } from './journal.ts';
import { decodeRecord, encodeRecord, type JournalRecord } from './record-bytes.ts';

/** Where records go in the end. Writing the same ones again changes nothing. */
export interface LogTarget extends Pick<EventLog, 'close'> {
  append(batch: {
    readonly requests: readonly PackedRequest[];
    readonly exposures: readonly ExposureRecord[];
  }): Promise<void>;
  /** @param receivedAt epoch ms at which they came in; absent: now */
  appendOutcomes(outcomes: readonly OutcomeRecord[], receivedAt?: number): Promise<readonly AppendOutcome[]>;
  deadLetter(environment: string, record: unknown, reason: string): Promise<void>;
}

export interface SpoolOptions {
  /** Time of receipt, epoch ms. */
  readonly now?: () => number;
  /** How long the target may take to answer for outcomes before the journal keeps them, ms. */
  readonly patienceMs?: number;
  /** Pause between two rounds of handing on, ms: what comes in meanwhile goes together. */
  readonly roundMs?: number;
  /** Longest pause after the target failed, ms; it begins with `roundMs` and doubles. */
  readonly longestPauseMs?: number;
  /** Bytes handed on in one round, about. */
  readonly roundBytes?: number;
  /** Told when the target fails, and when it works again. */
  readonly onChange?: (state: 'down' | 'up', error?: Error) => void;
}

export interface SpoolStats extends JournalStats {
  /** Records handed on to the target since the start. */
  readonly handedOn: number;
  /** Parts of records that the target cannot store, kept as dead letters. */
  readonly refused: number;
  readonly down: boolean;
}

export interface SpooledLog extends EventLog, Pick<LogTarget, 'deadLetter'> {
  /** Resolves with true once everything appended so far was handed on, with false after `ms`. */
  flush(ms: number): Promise<boolean>;
  stats(): SpoolStats;
}

/**
 * A log whose durability does not depend on its target. Slates and exposures are durable when the local journal holds them, and are
 * handed on in rounds. Outcomes go to the target, which can tell stored from double ones; where it fails or takes too
 * long the journal keeps them and the answer is `accepted`. What the journal holds survives a crash of this process.
 */
export function createSpooledLog(
  target: LogTarget,
  journal: Journal,
  options: SpoolOptions = {},
): SpooledLog {
  const { now = Date.now, patienceMs = 250, roundMs = 50, longestPauseMs = 5_000 } = options;
  const { roundBytes = 4 * 2 ** 20, onChange = () => {} } = options;
  const count = { handedOn: 0, refused: 0 };
  let down = false;
  let closing = false;
  let wake: () => void = () => {};
  let kept = 0;
  const idle = new Set<() => void>();

  async function keep(record: Partial<JournalRecord>): Promise<void> {
    await journal.append(
      encodeRecord({
        receivedAt: now(),
        requests: [],
        exposures: [],
        outcomes: [],
        deadLetters: [],
        ...record,
      }),
    );
    kept++;
    wake();
  }

  function setDown(state: boolean, error?: Error): void {
    if (down === state) return;
    down = state;
    onChange(state ? 'down' : 'up', error);
  }

  /** Until closed: waits for records, hands them on, and pauses longer the longer the target fails. */
  async function handOn(): Promise<void> {
    let pause = roundMs;
    for (;;) {
      const before = kept;
      const batch = await journal.read(roundBytes).catch((error: Error) => error);
      if (batch === undefined) {
        setDown(false);
        for (const settle of idle) settle();
        if (closing) return;
        if (kept === before)
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        await sleep(roundMs);
        continue;
      }
      try {
        if (batch instanceof Error) throw batch;
        await Promise.all(batch.payloads.map(deliver));
        await journal.confirm(batch.end);
        count.handedOn += batch.payloads.length;
        pause = roundMs;
      } catch (error) {
        setDown(true, error as Error);
        // What is not handed on stays in the journal for the next start.
        if (closing) return;
        await sleep(pause);
        pause = Math.min(longestPauseMs, 2 * pause);
      }
    }
  }

  /** The record; undefined where this program cannot read it, another's, say: its bytes are then put aside. */
  async function readable(payload: Buffer): Promise<ReturnType<typeof decodeRecord> | undefined> {
    try {
      return decodeRecord(payload);
    } catch (error) {
      await target.deadLetter('', { journal: payload.toString('base64') }, (error as Error).message);
      count.refused++;
      return undefined;
    }
  }

  async function deliver(payload: Buffer): Promise<void> {
    const read = await readable(payload);
    if (read === undefined) return;
    const { receivedAt, requests, exposures, outcomes, deadLetters } = read;
    const parts: (() => Promise<unknown>)[] = [];
    if (requests.length + exposures.length > 0) parts.push(() => target.append({ requests, exposures }));
    if (outcomes.length > 0) parts.push(() => target.appendOutcomes(outcomes, receivedAt));
    for (const { environment, record, reason } of deadLetters)
      parts.push(() => target.deadLetter(environment, record, reason));
    for (const part of parts) {
      try {
        await part();
      } catch (error) {
        // It speaks of the records, not of the target: trying again would stop all that come after it.
        if (!(error instanceof RangeError)) throw error;
        count.refused++;
        const environment = [...requests, ...exposures, ...outcomes][0]?.environment ?? '';
        await target.deadLetter(environment, { requests, exposures, outcomes }, error.message);
      }
    }
  }

  const running = handOn();

  return {
    append: ({ requests, exposures }) => keep({ requests, exposures }),
    async appendOutcomes(outcomes) {
      if (!down) {
        try {
          return await within(target.appendOutcomes(outcomes), patienceMs);
        } catch (error) {
          if (error instanceof RangeError) throw error;
          setDown(true, error as Error);
        }
      }
      await keep({ outcomes });
      return outcomes.map(() => 'accepted');
    },
    async deadLetter(environment, record, reason) {
      await keep({ deadLetters: [{ environment, record, reason }] });
    },
    async flush(ms) {
      if (journal.stats().waiting === 0) return true;
      let settle = (): void => {};
      const empty = new Promise<void>((resolve) => {
        settle = resolve;
        idle.add(settle);
      });
      wake();
      try {
        await within(empty, ms);
        return true;
      } catch {
        return false;
      } finally {
        idle.delete(settle);
      }
    },
    stats: () => ({ ...journal.stats(), ...count, down }),
    async close() {
      closing = true;
      wake();
      await running;
      await journal.close();
      await target.close();
    },
  };
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

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
