import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Tables } from './tables.ts';

/** One pool of connections, and Kysely above it. */
export interface Database {
  readonly url: string;
  readonly kysely: Kysely<Tables>;
  readonly pool: pg.Pool;
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** Shown in pg_stat_activity. */
  readonly name?: string;
  /** Schema to work in; absent: the one of the connection string, or public. */
  readonly schema?: string;
  /** Most connections at once. */
  readonly connections?: number;
  /** Longest time to wait for a connection, ms. */
  readonly connectMs?: number;
  /** Longest time one statement may run on the server, ms. */
  readonly statementMs?: number;
  /** Longest wait for the answer to one query, ms; absent: none. A server that hangs does not end its own statements. */
  readonly answerMs?: number;
}

const INT8 = 20;
const NUMERIC = 1700;
const DATE = 1082;
const INT8_ARRAY = 1016;

/**
 * Opens a pool; connections are made on first use, so a server that is down shows at the first query. Sessions run in
 * UTC. `bigint` arrives as a number and is refused beyond 2^53, `numeric` as the nearest double; dates stay text.
 *
 * @throws when `url` is not a connection string of Postgres
 */
export function connect(url: string, options: ConnectOptions = {}): Database {
  const connectionString = withSession(url, options.schema);
  const pool = new pg.Pool({
    connectionString,
    application_name: options.name ?? 'screentest',
    max: options.connections ?? 10,
    connectionTimeoutMillis: options.connectMs ?? 5_000,
    statement_timeout: options.statementMs ?? 120_000,
    ...(options.answerMs === undefined ? {} : { query_timeout: options.answerMs }),
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
    types: { getTypeParser },
  });
  // Without a listener the loss of an idle connection would end the process; the next query reports it.
  pool.on('error', () => {});
  // The same for one that somebody holds: the pool does not listen to it meanwhile.
  pool.on('connect', (client) => {
    client.on('error', () => {});
  });
  const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return { url: connectionString, kysely, pool, close: () => kysely.destroy() };
}

function withSession(url: string, schema: string | undefined): string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch (cause) {
    throw new Error(
      'the database address is not a URL; it should read postgres://user:password@host:5432/database',
      { cause },
    );
  }
  if (!/^postgres(ql)?:$/.test(parsed.protocol)) {
    throw new Error(
      `the database address starts with ${parsed.protocol}//; it should start with postgres://`,
    );
  }
  const settings = [parsed.searchParams.get('options') ?? '', '-c TimeZone=UTC', '-c jit=off'];
  if (schema) settings.push(`-c search_path=${schema}`);
  parsed.searchParams.set('options', [...new Set(settings)].join(' ').trim());
  // pg decodes %20 but leaves the + of form encoding alone.
  parsed.search = parsed.search.replaceAll('+', '%20');
  return parsed.href;
}

const getTypeParser: typeof pg.types.getTypeParser = ((oid: number, format?: 'text' | 'binary') => {
  if (format !== 'binary') {
    if (oid === INT8) return safeInteger;
    if (oid === NUMERIC) return numeric;
    if (oid === INT8_ARRAY) return integerArray;
    if (oid === DATE) return (text: string) => text;
  }
  return pg.types.getTypeParser(oid, format as 'text');
}) as typeof pg.types.getTypeParser;

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value))
    throw new RangeError(`${text} is beyond the integers a number can hold (2^53)`);
  return value;
}

/** Sums of products may pass 2^53: the nearest double is then right to 16 digits, and the same every time. */
function numeric(text: string): number {
  return Number(text);
}

function integerArray(text: string): number[] {
  return text === '{}' ? [] : text.slice(1, -1).split(',').map(safeInteger);
}
