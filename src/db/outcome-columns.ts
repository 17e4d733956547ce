import { eventDay } from '../events/event-day.ts';
import { payloadHash } from '../events/payload-hash.ts';
import type { OutcomeRecord } from '../events/records.ts';
import {
  BIGINT,
  BIGINT_EXACT,
  BIGINTS,
  DATE,
  INTEGER,
  INTEGERS,
  SMALLINTS,
  TEXT,
  UUID,
} from './column-types.ts';
import { type Columns, column } from './columns.ts';

/** An outcome as it is stored. */
export interface OutcomeRow {
  readonly record: OutcomeRecord;
  /** UTC days since 1970. */
  readonly day: number;
  readonly payload: bigint;
  /** Epoch ms. */
  readonly receivedAt: number;
  /** The numbers that stand for names of outcomes. */
  readonly names: { id(name: string): number };
}

/** The numbers of names come first: who has only their places writes the numbers over them (outcome-block.ts). */
export const OUTCOME: Columns<OutcomeRow> = {
  table: 'outcome',
  columns: [
    column('name_id', SMALLINTS, (r) => r.record.items.map((i) => r.names.id(i.name))),
    column('environment', TEXT, (r) => r.record.environment),
    column('id', UUID, (r) => r.record.id),
    column('day', DATE, (r) => r.day),
    column('unit', TEXT, (r) => r.record.unit),
    column('at', BIGINT, (r) => r.record.at),
    column('received_at', BIGINT, (r) => r.receivedAt),
    column('sent_at', BIGINT, (r) => r.record.sentAt ?? null),
    column('request_id', UUID, (r) => r.record.requestId ?? null),
    column('surface', TEXT, (r) => r.record.surface ?? null),
    column('value', BIGINTS, (r) => r.record.items.map((i) => i.value)),
    column('title', INTEGERS, (r) => r.record.items.map((i) => i.title)),
    column('after_ms', INTEGERS, (r) => r.record.items.map((i) => i.afterMs)),
    column('payload', BIGINT_EXACT, (r) => r.payload),
    column('whole_ms', INTEGER, (r) => wholeMs(r.record)),
  ],
};

export const OUTCOME_NAMES = OUTCOME.columns.map((column) => column.name).join(', ');

/** What may be read without taking items apart: up to when its items reach. Null where a name is there twice. */
function wholeMs({ items }: OutcomeRecord): number | null {
  if (items.length === 1) return Math.max(0, items[0]!.afterMs);
  if (new Set(items.map(({ name }) => name)).size < items.length) return null;
  return items.reduce((last, { afterMs }) => Math.max(last, afterMs), 0);
}

/** @param receivedAt epoch ms */
export function outcomeRow(
  record: OutcomeRecord,
  receivedAt: number,
  names: OutcomeRow['names'],
  payload = payloadHash(record),
): OutcomeRow {
  return { record, day: eventDay(record.id, record.at), payload, receivedAt, names };
}
