import { checkOutcome } from '../events/check-record.ts';
import type { OutcomeRecord } from '../events/records.ts';
import { ByteWriter } from './byte-writer.ts';
import { COPY_END, COPY_HEADER, writeRow } from './columns.ts';
import { OUTCOME, outcomeRow } from './outcome-columns.ts';

/**
 * Outcomes as rows of binary COPY, but for the numbers of their names, which only the database gives: in their stead stand
 * places in `names`. Written once, when they come in; the journal keeps these bytes, and COPY takes them.
 */
export interface OutcomeBlock {
  readonly names: readonly string[];
  /** UTC days since 1970 whose partitions the rows belong to. */
  readonly days: readonly number[];
  /** Bytes of each row. */
  readonly lengths: readonly number[];
  readonly rows: Uint8Array;
}

export interface BlockBuilder {
  /**
   * @param payload hash of the record, where the caller has it already
   * @throws RangeError for a record that cannot be kept; the others are kept
   */
  add(record: OutcomeRecord, receivedAt: number, payload?: bigint): void;
  readonly rows: number;
  readonly bytes: number;
  /** Not to be added to afterwards. */
  build(): OutcomeBlock;
}

const FIRST_BYTES = 16 * 1024;

export function createBlockBuilder(): BlockBuilder {
  const out = new ByteWriter(FIRST_BYTES);
  const places = new Map<string, number>();
  const days = new Set<number>();
  const lengths: number[] = [];
  const names = {
    id(name: string): number {
      let place = places.get(name);
      if (place === undefined) {
        place = places.size;
        places.set(name, place);
      }
      return place;
    },
  };
  return {
    add(record, receivedAt, payload) {
      const row = outcomeRow(record, receivedAt, names, payload);
      const from = out.length;
      try {
        writeRow(out, OUTCOME, row);
      } catch (error) {
        out.cut(from);
        throw error;
      }
      days.add(row.day);
      lengths.push(out.length - from);
    },
    get rows() {
      return lengths.length;
    },
    get bytes() {
      return out.length;
    },
    build: () => ({ names: [...places.keys()], days: [...days], lengths, rows: out.written() }),
  };
}

/** @throws RangeError for a record that cannot be kept */
export function blockOf(outcomes: readonly OutcomeRecord[], receivedAt: number): OutcomeBlock {
  const builder = createBlockBuilder();
  for (const record of outcomes) {
    checkOutcome(record);
    builder.add(record, receivedAt);
  }
  return builder.build();
}

/** The rows of blocks as binary COPY takes them. @param id the number of a name */
export function copyOfBlocks(blocks: readonly OutcomeBlock[], id: (name: string) => number): Buffer {
  const bytes = blocks.reduce((sum, { rows }) => sum + rows.byteLength, COPY_HEADER.byteLength + 2);
  const copy = Buffer.allocUnsafe(bytes);
  let at = copyInto(copy, COPY_HEADER, 0);
  for (const { names, lengths, rows } of blocks) {
    const ids = names.map(id);
    copyInto(copy, rows, at);
    for (const length of lengths) {
      numberNames(copy, at, ids);
      at += length;
    }
  }
  copy.writeInt16BE(COPY_END, at);
  return copy;
}

function copyInto(target: Buffer, bytes: Uint8Array, at: number): number {
  target.set(bytes, at);
  return at + bytes.byteLength;
}

// A row: fields (2 bytes), then name_id: length (4), dimensions (4), flags (4), type (4), items (4), first index (4), then
// length (4) and value (2) of each item. An array without items ends after its type.
const DIMENSIONS = 6;
const ITEMS = 18;
const FIRST_ITEM = 26;
const ITEM_BYTES = 6;

function numberNames(copy: Buffer, row: number, ids: readonly number[]): void {
  if (copy.readInt32BE(row + DIMENSIONS) === 0) return;
  const end = row + FIRST_ITEM + ITEM_BYTES * copy.readInt32BE(row + ITEMS);
  for (let at = row + FIRST_ITEM + 4; at < end; at += ITEM_BYTES)
    copy.writeInt16BE(ids[copy.readInt16BE(at)]!, at);
}
