import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { connect } from '../../src/db/connect.ts';
import { startEmbeddedPostgres } from '../../src/embedded/postgres.ts';

const folders: string[] = [];
async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'screentest-embedded-'));
  folders.push(path);
  return path;
}

afterAll(async () => {
  for (const path of folders) await rm(path, { recursive: true, force: true });
});

const postmasterPid = async (root: string) =>
  Number((await readFile(join(root, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]);

async function ask(url: string, sql: string) {
  const db = connect(url);
  try {
    return (await db.pool.query(sql)).rows;
  } finally {
    await db.close();
  }
}

test('data stays between starts, the second start takes less than 1.5 s, and sessions are in UTC', async () => {
  const root = await folder();
  const first = await startEmbeddedPostgres(root);
  await ask(first.url, 'create table kept as select 7 as n');
  await expect(startEmbeddedPostgres(root)).rejects.toThrow(
    `in use by process ${process.pid}; stop that process`,
  );
  await first.stop();
  await expect(postmasterPid(root)).rejects.toThrow('ENOENT');

  const before = performance.now();
  const second = await startEmbeddedPostgres(root);
  expect(performance.now() - before).toBeLessThan(1_500);
  expect(await ask(second.url, 'select n from kept')).toEqual([{ n: 7 }]);
  expect(await ask(second.url, 'show timezone')).toEqual([{ TimeZone: 'UTC' }]);
  await second.stop();
});

/** Makes the folder look as kill -9 of its process leaves it: the server runs on, its owner is dead. */
async function orphan(root: string): Promise<void> {
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  await writeFile(join(root, 'owner.json'), JSON.stringify({ pid: dead, started: '1' }));
}

test('a server whose process was killed is adopted: the same server, no second one', async () => {
  const root = await folder();
  const first = await startEmbeddedPostgres(root);
  const pid = await postmasterPid(root);
  await orphan(root);
  const second = await startEmbeddedPostgres(root);
  expect(second.url).toBe(first.url);
  expect(await postmasterPid(root)).toBe(pid);
  await second.stop();
});

test('a server killed together with its process recovers what was committed', async () => {
  const root = await folder();
  const first = await startEmbeddedPostgres(root, { restart: false });
  await ask(first.url, 'create table kept as select 7 as n');
  const pid = await postmasterPid(root);
  process.kill(pid, 'SIGKILL');
  await orphan(root);
  const second = await startEmbeddedPostgres(root);
  expect(await postmasterPid(root)).not.toBe(pid);
  expect(await ask(second.url, 'select n from kept')).toEqual([{ n: 7 }]);
  await second.stop();
});

test('a server that is killed while its process lives is started again on the same port', async () => {
  const root = await folder();
  const server = await startEmbeddedPostgres(root);
  await ask(server.url, 'create table kept as select 7 as n');
  const pid = await postmasterPid(root);
  process.kill(pid, 'SIGKILL');
  await expect
    .poll(() => ask(server.url, 'select n from kept').catch(() => []), { timeout: 30_000 })
    .toEqual([{ n: 7 }]);
  expect(await postmasterPid(root)).not.toBe(pid);
  await server.stop();
  await expect(postmasterPid(root)).rejects.toThrow('ENOENT');
});

test('a pid file that names a live process which is no server of this folder is not believed', async () => {
  const root = await folder();
  const first = await startEmbeddedPostgres(root);
  await first.stop();
  const stale = [process.pid, join(root, 'data'), 0, 1, '', '127.0.0.1', '', 'ready', ''].join('\n');
  await writeFile(join(root, 'data', 'postmaster.pid'), stale);
  const second = await startEmbeddedPostgres(root);
  expect(await ask(second.url, 'select 1 as n')).toEqual([{ n: 1 }]);
  await second.stop();
  expect(process.kill(process.pid, 0)).toBe(true);
});

test('a port that is taken is an error that quotes the server', async () => {
  const root = await folder();
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await expect(startEmbeddedPostgres(root, { port })).rejects.toThrow(
    /Postgres did not start.*(in use|could not)/,
  );
  server.close();
});
