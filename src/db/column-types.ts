import { dayText } from '../events/event-day.ts';
import type { ByteWriter } from './byte-writer.ts';

/** How values of one Postgres type are written: as text, and as a field of binary COPY (length, then the server's form). */
export interface ColumnType<T> {
  readonly name: string;
  text(value: T): string;
  write(out: ByteWriter, value: T): void;
}

const EPOCH_DAY = 10_957; // 2000-01-01, from which Postgres counts

export const TEXT: ColumnType<string> = {
  name: 'text',
  text: (value) => value,
  write: (out, value) => out.text(value),
};

export const UUID: ColumnType<string> = {
  name: 'uuid',
  text: (value) => value,
  write(out, value) {
    out.int32(16);
    for (let i = 0; i < 36; i += 2) {
      if (value.charCodeAt(i) === DASH) i++;
      out.int8((hexDigit(value.charCodeAt(i)) << 4) | hexDigit(value.charCodeAt(i + 1)));
    }
  },
};
const DASH = 0x2d;

/** Value of a hexadecimal digit in either case, by its character code. */
function hexDigit(code: number): number {
  return code < 0x3a ? code - 0x30 : (code & 0xdf) - 0x37;
}

/** Days since 1970-01-01. */
export const DATE: ColumnType<number> = {
  name: 'date',
  text: dayText,
  write(out, day) {
    out.int32(4);
    out.int32(day - EPOCH_DAY);
  },
};

export const BOOLEAN: ColumnType<boolean> = {
  name: 'boolean',
  text: (value) => (value ? 't' : 'f'),
  write(out, value) {
    out.int32(1);
    out.int8(value ? 1 : 0);
  },
};

export const SMALLINT: ColumnType<number> = {
  name: 'smallint',
  text: String,
  write(out, value) {
    out.int32(2);
    out.int16(within(value, 0x8000));
  },
};

export const INTEGER: ColumnType<number> = {
  name: 'integer',
  text: String,
  write(out, value) {
    out.int32(4);
    out.int32(within(value, 0x8000_0000));
  },
};

export const BIGINT: ColumnType<number> = {
  name: 'bigint',
  text: String,
  write(out, value) {
    out.int32(8);
    out.int64(value);
  },
};

/** `bigint` of values beyond 2^53. */
export const BIGINT_EXACT: ColumnType<bigint> = {
  name: 'bigint',
  text: String,
  write(out, value) {
    out.int32(8);
    out.bigint64(value);
  },
};

export const BYTEA: ColumnType<Uint8Array> = {
  name: 'bytea',
  text: (value) => `\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`,
  write(out, value) {
    out.int32(value.length);
    out.bytes(value);
  },
};

const JSONB_VERSION = 1;

export const JSONB: ColumnType<unknown> = {
  name: 'jsonb',
  text: (value) => JSON.stringify(value),
  write: (out, value) => out.text(JSON.stringify(value), JSONB_VERSION),
};

/** One-dimensional arrays without nulls; `oid` is that of the element type. */
function arrayOf(element: ColumnType<number>, oid: number, bytes: number): ColumnType<readonly number[]> {
  return {
    name: `${element.name}[]`,
    text: (values) => `{${values.join(',')}}`,
    write(out, values) {
      if (values.length === 0) {
        out.int32(12);
        out.int32(0);
      } else {
        out.int32(20 + values.length * (4 + bytes));
        out.int32(1);
      }
      out.int32(0);
      out.int32(oid);
      if (values.length === 0) return;
      out.int32(values.length);
      out.int32(1);
      for (const value of values) element.write(out, value);
    },
  };
}

export const SMALLINTS = arrayOf(SMALLINT, 21, 2);
export const INTEGERS = arrayOf(INTEGER, 23, 4);
export const BIGINTS = arrayOf(BIGINT, 20, 8);

/** The server would refuse such a value in text (SQLSTATE 22003); in binary it would only see the low bits. */
function within(value: number, limit: number): number {
  if (Number.isInteger(value) && value >= -limit && value < limit) return value;
  throw Object.assign(new RangeError(`${value} is out of range; it should be an integer below ${limit}`), {
    code: '22003',
  });
}
