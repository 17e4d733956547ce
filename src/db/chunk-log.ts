import pg from 'pg';
import {
  type ExposureRecord,
  KNOWN_OUTCOMES,
  type OutcomeRecord,
  type RequestRecord,
} from '../events/records.ts';
import { type Columns, copy, createRows, type Rows } from './columns.ts';
import type { Database } from './connect.ts';
import { OUTCOME, outcomeRow } from './outcome-columns.ts';
import { createOutcomeNames } from './outcome-names.ts';
import { createPartitions } from './partitions.ts';
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

/** Made before the first chunk, by one connection: the partitions of these days and the names of outcomes. */
export async function prepareChunks(db: Database, days: Iterable<number>): Promise<void> {
  const partitions = createPartitions(db.pool);
  const all = [...days];
  await partitions.ensure('request', all);
  await partitions.ensure('outcome', all);
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
  const tables = {
    request: table(REQUEST),
    exposure: table(EXPOSURE),
    outcome: table(OUTCOME),
  };

  return {
    async begin(chunk) {
      if (lost) throw lost;
      await client.query('begin');
      const met = new Set<string>();
      const copied = { rows: 0, bytes: 0 };
      for (const { rows } of Object.values(tables)) rows.clear();
      const flush = async () => {
        for (const { rows, sql } of Object.values(tables)) {
          if (rows.count === 0) continue;
          copied.rows += rows.count;
          const bytes = rows.end();
          copied.bytes += bytes.length;
          await copy(client, sql, bytes);
        }
      };
      await names.ensure(Object.keys(KNOWN_OUTCOMES));
      return {
        add({ requests, exposures, outcomes }) {
          for (const request of requests) tables.request.rows.add(request);
          for (const record of exposures) {
            const key = `${record.experiment}\n${record.unit}`;
            if (met.has(key)) continue;
            met.add(key);
            tables.exposure.rows.add({ record, crossed: false, forced: record.forced });
          }
          for (const record of outcomes)
            tables.outcome.rows.add(outcomeRow(record, receivedAt(record), names));
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

interface Table<R> {
  readonly rows: Rows<R>;
  readonly sql: string;
}

function table<R>(kind: Columns<R>): Table<R> {
  const names = kind.columns.map((column) => column.name).join(', ');
  return { rows: createRows(kind), sql: `copy ${kind.table} (${names}) from stdin (format binary)` };
}

/** A simulated client sends a record when the last thing in it has happened. */
function receivedAt({ at, items }: OutcomeRecord): number {
  return at + items.reduce((last, { afterMs }) => Math.max(last, afterMs), 0);
}
