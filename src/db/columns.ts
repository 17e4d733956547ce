import type { ClientBase, PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { ByteWriter } from './byte-writer.ts';
import type { ColumnType } from './column-types.ts';

/** How records of one kind become rows. */
export interface Columns<R> {
  readonly table: string;
  readonly columns: readonly Column<R>[];
}

/** One column: its name, its SQL type, and a record's value in Postgres's text form and as a field of binary COPY. */
export interface Column<R> {
  readonly name: string;
  readonly type: string;
  text(record: R): string | null;
  write(out: ByteWriter, record: R): void;
}

const NULL = -1;

export function column<R, T>(name: string, type: ColumnType<T>, value: (record: R) => T | null): Column<R> {
  return {
    name,
    type: type.name,
    text(record) {
      const own = value(record);
      return own === null ? null : type.text(own);
    },
    write(out, record) {
      const own = value(record);
      if (own === null) out.int32(NULL);
      else type.write(out, own);
    },
  };
}

/** Above this many rows COPY into a staging table beats one statement over `unnest` (measured: equal near 100). */
const COPY_FROM_ROWS = 100;

/** Whether so many rows are staged by parameters of the statement that reads them, which is then all there is to run. */
export function isOneStatement(rows: number): boolean {
  return rows < COPY_FROM_ROWS;
}

/**
 * Puts records where the following statement can select them from.
 *
 * @returns the source for `insert into ... select ... from`, with the parameters it needs. Inside a transaction only.
 */
export async function stage<R>(
  client: PoolClient,
  kind: Columns<R>,
  records: readonly R[],
): Promise<{ readonly source: string; readonly values: readonly unknown[] }> {
  const names = kind.columns.map((column) => column.name);
  if (isOneStatement(records.length)) {
    const values = kind.columns.map((column) => records.map((record) => column.text(record)));
    const arrays = values.map((_, i) => `$${i + 1}::text[]`).join(', ');
    const typed = kind.columns.map((column) => `${column.name}::${column.type} as ${column.name}`).join(', ');
    return {
      source: `(select ${typed} from unnest(${arrays}) as raw(${names.join(', ')})) as staged`,
      values,
    };
  }
  const rows = createRows(kind, records.length);
  for (const record of records) rows.add(record);
  return { source: await stageRows(client, kind, rows.end()), values: [] };
}

/** As `stage`, of rows that are in the form of binary COPY already, signature and end included. */
export async function stageRows<R>(client: PoolClient, kind: Columns<R>, rows: Buffer): Promise<string> {
  const names = kind.columns.map((column) => column.name).join(', ');
  const staging = `staged_${kind.table}`;
  if (!isMade(client, staging)) {
    const definition = kind.columns.map((column) => `${column.name} ${column.type}`).join(', ');
    await client.query(`create temp table ${staging} (${definition}) on commit delete rows`);
  }
  await copy(client, `copy ${staging} (${names}) from stdin (format binary)`, rows);
  return `${staging} as staged`;
}

const made = new WeakMap<PoolClient, Set<string>>();

/** Whether this connection has the staging table; after a failed transaction a connection is not used again. */
function isMade(client: PoolClient, staging: string): boolean {
  const tables = made.get(client) ?? new Set();
  made.set(client, tables);
  if (tables.has(staging)) return true;
  tables.add(staging);
  return false;
}

/** @param sql `copy ... from stdin (format binary)` */
export function copy(client: ClientBase, sql: string, rows: Buffer): Promise<void> {
  const stream = client.query(copyFrom(sql));
  return new Promise((done, fail) => {
    stream.once('finish', done);
    stream.once('error', fail);
    stream.end(rows);
  });
}

/** What binary COPY begins with: a signature, no flags, no extension. */
export const COPY_HEADER = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
/** Where the number of a row's fields would stand, at the end. */
export const COPY_END = -1;
/** A row with room to spare, as a first guess. */
const ROW_BYTES = 1024;

/** Rows as binary COPY has them: fields behind their lengths. Half the bytes of text, and no escapes. */
export interface Rows<R> {
  readonly count: number;
  add(record: R): void;
  /** All rows so far, for one COPY; valid until rows are added again. */
  end(): Buffer;
  /** Forgets what was added. */
  clear(): void;
}

/** @param expected rows, as a first guess */
export function createRows<R>(kind: Pick<Columns<R>, 'columns'>, expected = COPY_FROM_ROWS): Rows<R> {
  const out = new ByteWriter(expected * ROW_BYTES);
  let count = 0;
  const clear = () => {
    count = 0;
    out.clear();
    out.bytes(COPY_HEADER);
  };
  clear();
  return {
    get count() {
      return count;
    },
    add(record) {
      count++;
      writeRow(out, kind, record);
    },
    end() {
      out.int16(COPY_END);
      const bytes = out.written();
      clear();
      return bytes;
    },
    clear,
  };
}

export function writeRow<R>(out: ByteWriter, { columns }: Pick<Columns<R>, 'columns'>, record: R): void {
  out.int16(columns.length);
  for (let i = 0; i < columns.length; i++) columns[i]!.write(out, record);
}
