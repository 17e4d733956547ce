import pg from 'pg';
import { eventDay } from '../events/event-day.ts';
import {
  type ExposureRecord,
  KNOWN_OUTCOMES,
  type OutcomeRecord,
  type RequestRecord,
} from '../events/records.ts';
import { type Columns, copy, createRows, type Rows } from './columns.ts';
import type { Database } from './connect.ts';
import { loadTableOf, loadTables, makeLoadTables, type Partitioned } from './load-tables.ts';
import { OUTCOME, outcomeRow } from './outcome-columns.ts';
import { createOutcomeNames } from './outcome-names.ts';
import { EXPOSURE } from './write-exposures.ts';
import { REQUEST } from './write-requests.ts';

/** Rows of the three kinds. */
export interface ChunkRecords {
  readonly requests: readonly RequestRecord[];
  readonly exposures: readonly ExposureRecord[];
  readonly outcomes: readonly OutcomeRecord[];
}

/** Bytes and rows handed to COPY. */
export interface Copied {
  readonly rows: number;
  readonly bytes: number;
}

/** One chunk: visible all at once, or not at all. */
export interface ChunkWriter {
  /** Encodes; nothing is sent yet. An exposure is written when its unit and experiment are met first. */
  add(records: ChunkRecords): void;
  /** Sends what was added. */
  flush(): Promise<void>;
  /** Sends the rest and commits it with the mark of the chunk, which may say what was sent. */
  commit<Figures extends object>(figures: (copied: Copied) => Figures): Promise<Figures>;
  /** Gives up: nothing of the chunk stays. */
  rollback(): Promise<void>;
}

export interface ChunkLog {
  begin(chunk: number): Promise<ChunkWriter>;
  close(): Promise<void>;
}

/** Made before the first chunk, by one connection: where the rows of these days go, and the names of outcomes. */
export async function prepareChunks(
  db: Database,
  environment: string,
  days: readonly number[],
): Promise<void> {
  await makeLoadTables(db, environment, days);
  await createOutcomeNames(db.pool).ensure(Object.keys(KNOWN_OUTCOMES));
}

/**
 * Writes a simulated log by COPY straight into its tables, a chunk of units at a time, in one transaction with the chunk's
 * mark: for an environment that nobody else writes to, whose units are each in one chunk. A row that is there already fails
 * the chunk. Rows are encoded as the event log encodes them.
 */
export async function openChunkLog(db: Database, environment: string): Promise<ChunkLog> {
  const client = new pg.Client({ connectionString: db.url, application_name: 'screentest-chunks' });
  let lost: Error | undefined;
  client.on('error', (error) => {
    lost = error;
  });
  await client.connect();
  const names = createOutcomeNames(db.pool);
  const loading = await loadTables(db, environment);
  const target = (table: Partitioned, day: number): string => {
    const load = loadTableOf(environment, table, day);
    return loading.has(load) ? load : table;
  };
  const tables = {
    request: byDay(REQUEST, (day) => target('request', day)),
    exposure: byDay(EXPOSURE, () => 'exposure'),
    outcome: byDay(OUTCOME, (day) => target('outcome', day)),
  };

  return {
    async begin(chunk) {
      if (lost) throw lost;
      await client.query('begin');
      const met = new Set<string>();
      const copied = { rows: 0, bytes: 0 };
      for (const { clear } of Object.values(tables)) clear();
      const flush = async () => {
        for (const { filled } of Object.values(tables)) {
          for (const { count, bytes, sql } of filled()) {
            copied.rows += count;
            copied.bytes += bytes.length;
            await copy(client, sql, bytes);
          }
        }
      };
      await names.ensure(Object.keys(KNOWN_OUTCOMES));
      return {
        add({ requests, exposures, outcomes }) {
          for (const request of requests) tables.request.add(eventDay(request.id, request.at), request);
          for (const record of exposures) {
            const key = `${record.experiment}\n${record.unit}`;
            if (met.has(key)) continue;
            met.add(key);
            tables.exposure.add(0, { record, crossed: false, forced: record.forced });
          }
          for (const record of outcomes) {
            const row = outcomeRow(record, receivedAt(record), names);
            tables.outcome.add(row.day, row);
          }
        },
        flush,
        async commit(figures) {
          await flush();
          const mark = figures(copied);
          await client.query('insert into reproduction_chunk values ($1, $2, $3)', [
            environment,
            chunk,
            JSON.stringify(mark),
          ]);
          await client.query('commit');
          return mark;
        },
        async rollback() {
          if (lost === undefined) await client.query('rollback').catch(() => {});
        },
      };
    },
    close: () => client.end(),
  };
}

/** Rows of one kind, apart by day. */
interface RowsByDay<R> {
  add(day: number, record: R): void;
  /** What was added, a COPY for each day; the bytes are valid until the next one is asked for. */
  filled(): Iterable<{ readonly count: number; readonly bytes: Buffer; readonly sql: string }>;
  clear(): void;
}

/** @param target  table that the rows of a day go to */
function byDay<R>(kind: Columns<R>, target: (day: number) => string): RowsByDay<R> {
  const names = kind.columns.map((column) => column.name).join(', ');
  const days = new Map<number, Rows<R>>();
  // The days of a chunk come one after the other: a few buffers serve them all.
  const spare: Rows<R>[] = [];
  return {
    add(day, record) {
      let rows = days.get(day);
      if (rows === undefined) {
        rows = spare.pop() ?? createRows(kind);
        days.set(day, rows);
      }
      rows.add(record);
    },
    *filled() {
      for (const [day, rows] of days) {
        const sql = `copy ${target(day)} (${names}) from stdin (format binary)`;
        yield { count: rows.count, bytes: rows.end(), sql };
        days.delete(day);
        spare.push(rows);
      }
    },
    clear() {
      for (const rows of days.values()) {
        rows.clear();
        spare.push(rows);
      }
      days.clear();
    },
  };
}

/** A simulated client sends a record when the last thing in it has happened. */
function receivedAt({ at, items }: OutcomeRecord): number {
  return at + items.reduce((last, { afterMs }) => Math.max(last, afterMs), 0);
}
