import type { Database } from './db/connect.ts';
import { type LetterFilter, markReplayed, readLetters, type StoredLetter } from './db/dead-letters.ts';
import type { PostgresEventLog } from './db/event-log.ts';
import type { AppendOutcome, ExposureRecord, OutcomeRecord } from './events/records.ts';

/** What a server says of one event: stored or not. */
export interface EventVerdict {
  readonly status: AppendOutcome | 'rejected';
  readonly reason?: string;
}

/** Judges events as they are judged when clients send them, and stores them unless it is only asked. */
export type SendEvents = (events: readonly unknown[], dry: boolean) => Promise<readonly EventVerdict[]>;

export interface ReplayOptions {
  readonly db: Database;
  readonly eventLog: Pick<PostgresEventLog, 'append' | 'appendOutcomes'>;
  readonly send: SendEvents;
  readonly filter: LetterFilter;
  /** Only tells what would be done. */
  readonly dryRun: boolean;
  /** Epoch ms. */
  readonly now: () => number;
  readonly progress?: (looked: number) => void;
}

export interface Replayed {
  /** Letters looked at. */
  readonly letters: number;
  readonly stored: number;
  /** Stored before, with the same payload: sent again by the client, or by a replay that was cut off. */
  readonly duplicates: number;
  /** Those that still cannot be used, by reason. */
  readonly failing: ReadonlyMap<string, number>;
}

/** As many events as one request may hold. */
const PAGE = 500;
const CONFLICT = 'another payload is stored under this id';

/**
 * Tries every letter that the filter names. Those whose records can be used now are stored and marked; nothing else changes, so that a
 * replay that is cut off or repeated does no harm.
 */
export async function replayLetters(options: ReplayOptions): Promise<Replayed> {
  const { db, filter, dryRun, now, progress } = options;
  const count = { letters: 0, stored: 0, duplicates: 0 };
  const failing = new Map<string, number>();
  for (let after = 0; ; ) {
    const page = await readLetters(db, filter, after, PAGE);
    if (page.length === 0) return { ...count, failing };
    after = page.at(-1)!.id;
    const verdicts = await judge(page, options);
    const marks: { id: number; as: 'stored' | 'duplicate' }[] = [];
    page.forEach(({ id }, i) => {
      const { status, reason = CONFLICT } = verdicts[i]!;
      if (status === 'rejected' || status === 'conflict') failing.set(reason, (failing.get(reason) ?? 0) + 1);
      else marks.push({ id, as: status === 'duplicate' ? 'duplicate' : 'stored' });
    });
    count.letters += page.length;
    count.duplicates += marks.filter((mark) => mark.as === 'duplicate').length;
    count.stored += marks.filter((mark) => mark.as === 'stored').length;
    if (!dryRun && marks.length > 0) await markReplayed(db, marks, now());
    progress?.(count.letters);
  }
}

/** One verdict per letter, in order. */
async function judge(
  page: readonly StoredLetter[],
  { send, dryRun, eventLog, db }: ReplayOptions,
): Promise<EventVerdict[]> {
  const verdicts = new Map<StoredLetter, EventVerdict>();
  const events = page.filter(({ record }) => kindOf(record) === 'event');
  if (events.length > 0) {
    // Asked first: what is refused again must not become a second letter.
    const asked = await send(
      events.map(({ record }) => record),
      true,
    );
    const passing = events.filter((_, i) => asked[i]!.status !== 'rejected');
    const sent =
      dryRun || passing.length === 0
        ? []
        : await send(
            passing.map(({ record }) => record),
            false,
          );
    events.forEach((one, i) => void verdicts.set(one, asked[i]!));
    sent.forEach((verdict, i) => void verdicts.set(passing[i]!, verdict));
  }
  for (const one of page) {
    if (kindOf(one.record) === 'records') verdicts.set(one, await storeRecords(one, eventLog, db, dryRun));
    else if (kindOf(one.record) === 'unreadable')
      verdicts.set(one, { status: 'rejected', reason: 'the record was not kept in a form that can be read' });
  }
  return page.map((one) => verdicts.get(one)!);
}

function kindOf(record: unknown): 'event' | 'records' | 'unreadable' {
  if (typeof record !== 'object' || record === null) return 'unreadable';
  if ('outcomes' in record || 'exposures' in record) return 'records';
  return 'journal' in record || 'not_kept' in record ? 'unreadable' : 'event';
}

/** What passed the intake and was refused by the database, which is asked again. */
async function storeRecords(
  { record, receivedAt }: StoredLetter,
  eventLog: ReplayOptions['eventLog'],
  db: Database,
  dryRun: boolean,
): Promise<EventVerdict> {
  const {
    outcomes = [],
    exposures = [],
    requests = [],
  } = record as {
    outcomes?: readonly OutcomeRecord[];
    exposures?: readonly ExposureRecord[];
    requests?: readonly unknown[];
  };
  if (requests.length > 0) return { status: 'rejected', reason: 'slates are not replayed' };
  if (dryRun) {
    const { rows } = await db.pool.query(
      'select from outcome join unnest($1::text[], $2::uuid[]) as asked(environment, id) using (environment, id)',
      [outcomes.map(({ environment }) => environment), outcomes.map(({ id }) => id)],
    );
    return rows.length > 0 ? { status: 'conflict' } : { status: 'stored' };
  }
  try {
    await eventLog.append({ requests: [], exposures });
    const answers = await eventLog.appendOutcomes(outcomes, receivedAt);
    return { status: answers.find((answer) => answer !== 'stored') ?? 'stored' };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { status: 'rejected', reason: error.message };
  }
}
