import { mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

export type Row = Readonly<Record<string, unknown>>;

/** A private DuckDB in memory that spills to a folder of its own when data outgrow its memory. */
export interface Engine {
  /** Rows of a query; whole numbers arrive as JavaScript numbers. */
  rows(sql: string): Promise<readonly Row[]>;
  /** Runs a statement; `progress` hears every fifth of a second which share of it is done. */
  run(sql: string, progress?: (share: number) => void): Promise<void>;
  /** Frees the memory and removes what was spilled. */
  close(): Promise<void>;
  /** Removes what was spilled and leaves the memory to the end of the process, which frees it quicker. */
  abandon(): Promise<void>;
}

export interface EngineOptions {
  /** What DuckDB may hold in memory before it spills. */
  readonly memory: string;
  readonly threads: number;
}

const POLL_MS = 200;
const DEFAULTS: EngineOptions = { memory: '1GB', threads: 2 };

/** DuckDB begins to start before this returns, in a thread of its own. */
export async function openEngine(options: Partial<EngineOptions> = {}): Promise<Engine> {
  const { memory, threads } = { ...DEFAULTS, ...options };
  const spill = mkdtempSync(join(tmpdir(), 'screentest-duckdb-'));
  let running: DuckDBConnection | undefined;
  let stopped = false;
  const end = () => {
    rmSync(spill, { recursive: true, force: true });
    process.kill(process.pid, 'SIGINT');
  };
  // A statement that goes on would hold the process and spill again; a second signal ends it anyhow.
  const interrupted = () => {
    stopped = true;
    if (running) running.interrupt();
    else end();
  };
  process.once('SIGINT', interrupted);
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(threads),
    memory_limit: memory,
    temp_directory: spill,
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
  });
  const connection = await instance.connect();
  const removeSpilled = () => {
    process.off('SIGINT', interrupted);
    return rm(spill, { recursive: true, force: true });
  };
  const whole = async <Result>(work: Promise<Result>): Promise<Result> => {
    running = connection;
    try {
      return await work;
    } finally {
      running = undefined;
      if (stopped) {
        end();
        await new Promise(() => {});
      }
    }
  };
  // Without the bar, DuckDB does not count how far it is.
  await connection.run('set enable_progress_bar = true; set enable_progress_bar_print = false');
  return {
    async rows(sql) {
      const result = await whole(connection.runAndReadAll(sql));
      return result.getRowObjects().map(plainRow);
    },
    async run(sql, progress) {
      const timer = progress
        ? setInterval(() => {
            // The rows that it counts of a CSV are those of a guess at the file.
            const { percentage } = connection.progress;
            if (percentage > 0) progress(percentage / 100);
          }, POLL_MS)
        : undefined;
      try {
        await whole(connection.run(sql));
      } finally {
        clearInterval(timer);
      }
    },
    async close() {
      connection.closeSync();
      instance.closeSync();
      await removeSpilled();
    },
    abandon: removeSpilled,
  };
}

function plainRow(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]),
  );
}

/** A quoted identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A quoted text. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A double as SQL, with all its digits. */
export function double(value: number): string {
  return `(${value.toExponential()}::DOUBLE)`;
}
