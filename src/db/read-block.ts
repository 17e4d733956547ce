import type { OutcomeItem, OutcomeRecord } from '../events/records.ts';
import type { OutcomeBlock } from './outcome-block.ts';
import { OUTCOME } from './outcome-columns.ts';

/** One row of a block, alone and as the record it was made of. */
export interface BlockRow {
  readonly record: OutcomeRecord;
  /** Epoch ms. */
  readonly receivedAt: number;
  readonly payload: bigint;
}

/** What the rows of a block were made of: for the few that cannot be stored. */
export function readBlock({ names, lengths, rows }: OutcomeBlock): BlockRow[] {
  let at = 0;
  return lengths.map((length) => {
    at += length;
    return readRow(names, Buffer.from(rows.buffer, rows.byteOffset + at - length, length));
  });
}

/** The two halves of a block of several rows. */
export function halvesOf({ names, days, lengths, rows }: OutcomeBlock): readonly OutcomeBlock[] {
  const middle = lengths.length >> 1;
  const bytes = lengths.slice(0, middle).reduce((sum, length) => sum + length, 0);
  return [
    { names, days, lengths: lengths.slice(0, middle), rows: rows.subarray(0, bytes) },
    { names, days, lengths: lengths.slice(middle), rows: rows.subarray(bytes) },
  ];
}

function readRow(names: readonly string[], row: Buffer): BlockRow {
  const fields = fieldsOf(row);
  const field = (name: string) => fields.get(name) ?? undefined;
  const text = (name: string) => field(name)?.toString();
  const number = (name: string) => {
    const bytes = field(name);
    return bytes === undefined ? undefined : Number(bytes.readBigInt64BE());
  };
  const [ids, values, titles, after] = ['name_id', 'value', 'title', 'after_ms'].map((name) =>
    arrayOf(field(name)!),
  );
  const items = ids!.map(
    (place, i): OutcomeItem => ({
      name: names[place]!,
      value: values![i]!,
      title: titles![i]!,
      afterMs: after![i]!,
    }),
  );
  const requestId = field('request_id');
  const surface = text('surface');
  const sentAt = number('sent_at');
  return {
    record: {
      environment: text('environment')!,
      id: uuidOf(field('id')!),
      unit: text('unit')!,
      at: number('at')!,
      ...(sentAt === undefined ? {} : { sentAt }),
      ...(requestId === undefined ? {} : { requestId: uuidOf(requestId) }),
      ...(surface === undefined ? {} : { surface }),
      items,
    },
    receivedAt: number('received_at')!,
    payload: field('payload')!.readBigInt64BE(),
  };
}

/** By column; null where the row has none. */
function fieldsOf(row: Buffer): Map<string, Buffer | null> {
  let at = 2;
  return new Map(
    OUTCOME.columns.map(({ name }) => {
      const length = row.readInt32BE(at);
      at += 4 + Math.max(0, length);
      return [name, length < 0 ? null : row.subarray(at - length, at)];
    }),
  );
}

function arrayOf(field: Buffer): number[] {
  if (field.readInt32BE(0) === 0) return [];
  const values: number[] = [];
  for (let at = 20; at < field.byteLength; ) {
    const bytes = field.readInt32BE(at);
    values.push(bytes === 8 ? Number(field.readBigInt64BE(at + 4)) : field.readIntBE(at + 4, bytes));
    at += 4 + bytes;
  }
  return values;
}

function uuidOf(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
