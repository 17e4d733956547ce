import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { type ConnectOptions, connect, type Database } from '../../src/db/connect.ts';
import { migrate } from '../../src/db/migrate.ts';
import { startEmbeddedPostgres } from '../../src/embedded/postgres.ts';

/** A migrated database of its own: dropped on close. */
export interface TestDatabase {
  readonly db: Database;
  /** Connection string that lands in the schema of this database. */
  readonly url: string;
  close(): Promise<void>;
}

/** `DATABASE_URL`, or a Postgres found on 127.0.0.1:5432; undefined where there is neither. */
export async function realPostgresUrl(): Promise<string | undefined> {
  const url = process.env.DATABASE_URL ?? 'postgres://postgres:postgres@127.0.0.1:5432/test';
  const { hostname, port } = new URL(url);
  if (await listens(hostname, Number(port || 5432))) return url;
  return absent('Postgres', 'DATABASE_URL or 127.0.0.1:5432');
}

/** Says in one line what is skipped, or fails where servers are demanded. */
export function absent(server: string, place: string): undefined {
  const line = `no ${server} at ${place}: its tests are skipped`;
  if (process.env.SCREENTEST_REQUIRE_SERVERS === '1')
    throw new Error(`${line}, but SCREENTEST_REQUIRE_SERVERS=1`);
  process.stderr.write(`${line}\n`);
  return undefined;
}

export function listens(host: string, port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = createConnection({ host, port, timeout: 1_000 });
    const answer = (is: boolean) => {
      socket.destroy();
      done(is);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
    socket.once('timeout', () => answer(false));
  });
}

let embedded: Promise<{ url: string; stop: () => Promise<void> }> | undefined;
let open = 0;

/** A schema on a server: the embedded one (shared by the file's tests, ended with the last close) or the given one. */
export async function testDatabase(serverUrl?: string, options: ConnectOptions = {}): Promise<TestDatabase> {
  open++;
  if (serverUrl === undefined) embedded ??= startShared();
  const server = serverUrl ?? (await (embedded as NonNullable<typeof embedded>)).url;
  const schema = `test_${randomBytes(6).toString('hex')}`;
  const admin = connect(server, { connections: 1 });
  await admin.pool.query(`create schema ${schema}`);
  const db = connect(server, { schema, ...options });
  await migrate(db);
  return {
    db,
    url: db.url,
    async close() {
      await db.close();
      // One transaction locks every partition it drops; a schema with many passes the server's table of locks.
      const { rows } = await admin.pool.query<{ name: string }>(
        `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = $1`,
        [schema],
      );
      for (const { name } of rows) await admin.pool.query(`drop table if exists ${name} cascade`);
      await admin.pool.query(`drop schema ${schema} cascade`);
      await admin.close();
      if (--open === 0 && embedded) {
        const { stop } = await embedded;
        embedded = undefined;
        await stop();
      }
    },
  };
}

async function startShared() {
  const folder = await mkdtemp(join(tmpdir(), 'screentest-postgres-'));
  const server = await startEmbeddedPostgres(folder, { durable: false });
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Runs one suite on the embedded Postgres and on the real one; `database` gives the suite's migrated database. */
export async function describeEachDatabase(
  title: string,
  suite: (database: () => TestDatabase) => void,
): Promise<void> {
  const real = await realPostgresUrl();
  for (const [name, url] of [
    ['embedded Postgres', undefined],
    ['real Postgres', real],
  ] as const) {
    const skipped = name === 'real Postgres' && real === undefined;
    describe.skipIf(skipped)(`${title} on ${name}`, () => {
      let current: TestDatabase | undefined;
      beforeAll(async () => {
        current = await testDatabase(url);
      });
      afterAll(async () => {
        await current?.close();
      });
      suite(() => {
        if (!current) throw new Error('the database is ready inside tests only');
        return current;
      });
    });
  }
}
