import type { Database } from '../../db/connect.ts';
import { createEventLog } from '../../db/event-log.ts';
import type { OutcomeRecord } from '../../events/records.ts';
import { uniform } from '../../simulation/random.ts';
import type { BaseStream } from './base-stream.ts';
import { storeRecords } from './store-records.ts';

const DRAWN = 0x6c74;
const LATE_SHARE = 0.02;
const TWICE_SHARE = 0.2;
const LATE_MS = 3 * 86_400_000;

export const LATE_AND_TWICE = {
  key: 'late-and-twice',
  fault: 'outcomes delivered twice or three days late',
  planted: `the outcomes of ${100 * TWICE_SHARE} % of the users are delivered twice, those of ${100 * LATE_SHARE} % three days late`,
} as const;

/** Stores the stream without the late outcomes; then the event log of the API gets those, and the doubled ones once more. */
export async function deliverLate(
  db: Database,
  environment: string,
  { batches, subjects }: BaseStream,
  seed: number,
  signal: AbortSignal,
): Promise<void> {
  const drawn = (unit: string, turn: number) => uniform(seed, subjects.get(unit)!.row, turn, DRAWN);
  const isLate = ({ unit }: OutcomeRecord) => drawn(unit, 0) < LATE_SHARE;
  const isTwice = ({ unit }: OutcomeRecord) => drawn(unit, 1) < TWICE_SHARE;
  const prompt = batches.map((batch) => ({
    ...batch,
    outcomes: batch.outcomes.filter((outcome) => !isLate(outcome)),
  }));
  await storeRecords(db, environment, prompt, signal);

  const log = createEventLog(db, { commitMs: 60_000 });
  const all = batches.flatMap(({ outcomes }) => outcomes.map((one) => ({ ...one, environment })));
  try {
    for (const [some, delay] of [
      [all.filter(isLate), LATE_MS],
      [all.filter(isTwice), 0],
    ] as const)
      for (let first = 0; first < some.length; first += TOGETHER) {
        signal.throwIfAborted();
        // Calls that are made together share a commit, and each keeps its own time of receipt.
        await Promise.all(
          some
            .slice(first, first + TOGETHER)
            .map((outcome) => log.appendOutcomes([outcome], lastOf(outcome) + delay)),
        );
      }
  } finally {
    await log.close();
  }
}

const TOGETHER = 5_000;

/** When the last thing in it happened. */
const lastOf = ({ at, items }: OutcomeRecord) => at + Math.max(0, ...items.map(({ afterMs }) => afterMs));
