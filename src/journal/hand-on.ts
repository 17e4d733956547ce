import type { OutcomeBlock } from '../db/outcome-block.ts';
import { halvesOf, readBlock } from '../db/read-block.ts';
import type { BlocksAnswer } from '../db/store-blocks.ts';
import { type DeadLetter, letter } from '../events/dead-letter.ts';
import type { PackedRequest } from '../events/packed-request.ts';
import type { ExposureRecord } from '../events/records.ts';
import type { Journal, JournalBatch } from './journal.ts';
import { decodeRecord, type JournalRecord } from './record-bytes.ts';
import type { Position } from './segments.ts';

/** Where records go in the end. Writing the same ones again changes nothing. */
export interface HandOnTarget {
  /** RangeError where one of the records cannot be stored. */
  append(batch: {
    readonly requests: readonly PackedRequest[];
    readonly exposures: readonly ExposureRecord[];
  }): Promise<void>;
  /** RangeError where one of the rows cannot be stored. */
  storeBlocks(blocks: readonly OutcomeBlock[]): Promise<BlocksAnswer>;
  deadLetters(letters: readonly DeadLetter[]): Promise<void>;
}

export interface HandOnOptions {
  /** Pause between two rounds, ms: what comes in meanwhile goes together. */
  readonly roundMs?: number;
  /** Longest pause after the target failed, ms; it begins with `roundMs` and doubles. */
  readonly longestPauseMs?: number;
  /** Bytes handed on in one round, about. */
  readonly roundBytes?: number;
}

/** Counts since the start. */
export interface HandOnStats {
  /** Records of the journal handed on to the target. */
  readonly handedOn: number;
  /** Parts of records that the target cannot store, kept as dead letters. */
  readonly refused: number;
  /** Outcomes that were stored before, with the same payload. */
  readonly duplicates: number;
  /** Outcomes whose id is stored with another payload, kept as dead letters. */
  readonly conflicts: number;
}

export interface HandOn {
  /** There is something new in the journal. */
  wake(): void;
  /** Resolves once everything before `end` was handed on. */
  passed(end: Position): { readonly done: Promise<void>; cancel(): void };
  stats(): HandOnStats;
  /** After the round under way; what is not handed on stays in the journal. */
  close(): Promise<void>;
}

const CONFLICT = 'another payload is stored under this id; a new event needs a new id';

/** Until closed: waits for records in the journal, hands them on in rounds, and pauses longer the longer the target fails. */
export function startHandOn(
  target: HandOnTarget,
  journal: Journal,
  options: HandOnOptions & {
    /** Told after every round: that it failed, or that it did not. */
    readonly onRound: (error?: Error) => void;
    readonly onAnswer: (answer: BlocksAnswer) => void;
  },
): HandOn {
  const { roundMs = 50, longestPauseMs = 5_000, roundBytes = 4 * 2 ** 20, onRound, onAnswer } = options;
  const count = { handedOn: 0, refused: 0, duplicates: 0, conflicts: 0 };
  const waiters = new Set<{ readonly end: Position; settle(): void }>();
  let closing = false;
  let woken = 0;
  let wake: () => void = () => {};

  function settle(reached: Position | undefined): void {
    for (const waiter of waiters)
      if (reached === undefined || !isBefore(reached, waiter.end)) waiter.settle();
  }

  async function rounds(): Promise<void> {
    let pause = roundMs;
    for (;;) {
      const before = woken;
      const batch = await journal.read(roundBytes).catch((error: Error) => error);
      if (batch === undefined) {
        onRound();
        settle(undefined);
        if (closing) return;
        if (woken === before)
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        if (!closing) await sleep(roundMs);
        continue;
      }
      try {
        if (batch instanceof Error) throw batch;
        await round(batch);
        pause = roundMs;
        // Each round opens files, syncs and commits: few records wait for more, but for a stop.
        if (sizeOf(batch) < roundBytes / 2 && !closing) await sleep(roundMs);
      } catch (error) {
        onRound(error as Error);
        // What is not handed on stays in the journal for the next start.
        if (closing) return;
        await sleep(pause);
        pause = Math.min(longestPauseMs, 2 * pause);
      }
    }
  }

  async function round({ payloads, end }: JournalBatch): Promise<void> {
    const letters: DeadLetter[] = [];
    const records = payloads.flatMap((payload) => readable(payload, letters));
    await Promise.all([
      ...records.map(({ receivedAt, requests, exposures }) =>
        requests.length + exposures.length === 0
          ? undefined
          : append(requests, exposures, receivedAt, letters),
      ),
      store(
        records.flatMap(({ outcomes }) => outcomes ?? []),
        letters,
      ),
    ]);
    letters.push(...records.flatMap(({ deadLetters }) => deadLetters));
    if (letters.length > 0) await target.deadLetters(letters);
    await journal.confirm(end);
    count.handedOn += payloads.length;
    onRound();
    settle(end);
  }

  /** The record; none where this program cannot read it, another's, say: its bytes are then put aside. */
  function readable(payload: Buffer, letters: DeadLetter[]): JournalRecord<PackedRequest>[] {
    try {
      return [decodeRecord(payload)];
    } catch (error) {
      letters.push(letter('', 0, { journal: payload.toString('base64') }, (error as Error).message));
      count.refused++;
      return [];
    }
  }

  async function append(
    requests: readonly PackedRequest[],
    exposures: readonly ExposureRecord[],
    receivedAt: number,
    letters: DeadLetter[],
  ): Promise<void> {
    try {
      await target.append({ requests, exposures });
    } catch (error) {
      // It speaks of the records, not of the target: trying again would stop all that come after them.
      if (!(error instanceof RangeError)) throw error;
      const { environment } = [...requests, ...exposures][0]!;
      letters.push(letter(environment, receivedAt, { requests, exposures }, error.message));
      count.refused++;
    }
  }

  async function store(blocks: readonly OutcomeBlock[], letters: DeadLetter[]): Promise<void> {
    if (blocks.length === 0) return;
    try {
      const answer = await target.storeBlocks(blocks);
      count.duplicates += answer.duplicates;
      count.conflicts += answer.conflicts.length;
      onAnswer(answer);
      if (answer.conflicts.length > 0) letters.push(...lettersOf(blocks, answer));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // One row cannot be stored; halving finds it, and the others are.
      const [block] = blocks;
      if (blocks.length > 1) for (const one of blocks) await store([one], letters);
      else if (block!.lengths.length > 1) for (const half of halvesOf(block!)) await store([half], letters);
      else {
        const [{ record, receivedAt }] = readBlock(block!) as [ReturnType<typeof readBlock>[number]];
        letters.push(letter(record.environment, receivedAt, { outcomes: [record] }, error.message));
        count.refused++;
      }
    }
  }

  const running = rounds();
  return {
    wake() {
      woken++;
      wake();
    },
    passed(end) {
      let cancel = (): void => {};
      const done = new Promise<void>((resolve) => {
        const waiter = { end, settle: () => cancel() };
        cancel = () => {
          waiters.delete(waiter);
          resolve();
        };
        waiters.add(waiter);
      });
      woken++;
      wake();
      return { done, cancel };
    },
    stats: () => ({ ...count }),
    async close() {
      closing = true;
      wake();
      await running;
    },
  };
}

/** The client was told `accepted`: what it sent is not thrown away because another payload came first. */
function lettersOf(blocks: readonly OutcomeBlock[], { conflicts }: BlocksAnswer): DeadLetter[] {
  const key = (environment: string, id: string, payload: bigint) => `${environment}\n${id}\n${payload}`;
  const refused = new Set(conflicts.map(({ environment, id, given }) => key(environment, id, given)));
  return blocks
    .flatMap(readBlock)
    .filter(({ record, payload }) => refused.has(key(record.environment, record.id, payload)))
    .map(({ record, receivedAt }) =>
      letter(record.environment, receivedAt, { outcomes: [record] }, CONFLICT),
    );
}

const sizeOf = ({ payloads }: JournalBatch): number =>
  payloads.reduce((sum, { byteLength }) => sum + byteLength, 0);

const isBefore = (a: Position, b: Position): boolean =>
  a.segment < b.segment || (a.segment === b.segment && a.offset < b.offset);

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
