import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readFileSet, writeFileSet } from '../../src/files/file-set.ts';

/** `start --workers 2` as an operator runs it. */

const root = join(import.meta.dirname, '..', '..');
const PORT = 18_476;
const url = `http://127.0.0.1:${PORT}`;
let folder: string;
let server: ChildProcess;
let told = '';

async function until(what: string, holds: () => Promise<boolean>, ms = 120_000): Promise<void> {
  const end = performance.now() + ms;
  while (!(await holds().catch(() => false))) {
    if (performance.now() > end || server.exitCode !== null) throw new Error(`${what}:\n${told}`);
    await sleep(50);
  }
}

/** On a connection of its own: the workers take turns. */
async function ask(path: string, body?: object): Promise<{ status: number; text: string }> {
  const headers = { connection: 'close', 'content-type': 'application/json' };
  const response = await fetch(`${url}${path}`, {
    headers,
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
}

async function metric(name: string): Promise<number> {
  const { text } = await ask('/metrics');
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name}{`));
  return Number(line?.slice(line.lastIndexOf(' ') + 1));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'screentest-workers-'));
  const experiments = join(folder, 'experiments');
  cpSync(join(root, 'experiments'), experiments, { recursive: true });
  const path = join(experiments, 'homepage-aa.yaml');
  const today = new Date().toISOString().slice(0, 10);
  writeFileSync(
    path,
    readFileSync(path, 'utf8')
      .replace(/^start: .*$/m, `start: ${today}`)
      .replace(/^targeting: .*$/m, 'targeting: {attribute: watches, atLeast: 1}'),
  );
  const options = ['--users', '100', '--port', String(PORT), '--cache', join(folder, 'cache')];
  server = spawn(
    process.execPath,
    [
      join(root, 'bin/screentest.js'),
      'start',
      '--no-test',
      '--workers',
      '2',
      '--experiments',
      experiments,
      ...options,
    ],
    {
      env: { ...process.env, DATABASE_URL: undefined, REDIS_URL: undefined },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  server.stderr!.on('data', (chunk) => {
    told += chunk;
  });
  await until('it is ready', async () => told.includes('Ready: '), 200_000);
}, 220_000);

afterAll(async () => {
  if (server.exitCode === null && server.signalCode === null) {
    server.kill('SIGKILL');
    await once(server, 'exit');
  }
  await rm(folder, { recursive: true, force: true });
}, 30_000);

const reasons = async (user: string) => {
  const answers = await Promise.all(Array.from({ length: 12 }, () => ask(`/v1/assignments/${user}`)));
  return answers.map(
    ({ text }) =>
      JSON.parse(text).experiments.find(
        ({ experiment }: { experiment: string }) => experiment === 'homepage-aa',
      ).reason as string,
  );
};

test('a watch posted to one worker is known to all, and so is a stop; figures are of all', async () => {
  expect(await metric('screentest_workers')).toBe(2);
  expect(new Set(await reasons('newcomer'))).toEqual(new Set(['not-targeted']));
  const slate = JSON.parse((await ask('/v1/recommendations/newcomer?surface=homepage')).text);
  const event = { id: crypto.randomUUID(), user: 'newcomer', at: Date.now(), name: 'watch', value: 9_000 };
  const { text } = await ask('/v1/events', {
    events: [{ ...event, title: slate.slate[0].title, request_id: slate.request_id }],
  });
  // On a busy machine the database may be late; then the journal has it.
  expect(JSON.parse(text).results[0].status).toMatch(/^(stored|accepted)$/);
  await until('the watch is known', async () =>
    (await reasons('newcomer')).every((reason) => reason === 'assigned'),
  );

  const stop = { action: 'stop', reason: 'a test', by: 'ann' };
  expect((await ask('/v1/experiments/homepage-aa/state', stop)).status).toBe(200);
  await until('the stop is known', async () =>
    (await reasons('newcomer')).every((reason) => reason === 'stopped'),
  );
  expect(await metric('screentest_outcomes_total')).toBe(1);
}, 60_000);

/** Versions of the models that rank, asked often enough to meet every worker. */
const versions = async () => {
  const slates = await Promise.all(
    Array.from({ length: 12 }, () => ask('/v1/recommendations/u-2?surface=homepage')),
  );
  return new Set(slates.map(({ text }) => JSON.parse(text).models as string));
};

test('models swapped in at one worker are served by all when the answer comes', async () => {
  const cache = join(folder, 'cache');
  const trained = readdirSync(cache).find((name) => /^models-[0-9a-f]+$/.test(name))!;
  const other = join(folder, 'other');
  cpSync(join(cache, trained), other, { recursive: true });
  const { facts, files } = await readFileSet<object>(other, '');
  await writeFileSet(other, { ...facts, version: 'another' }, files);
  const [before] = await versions();
  const { status, text } = await ask('/v1/models/swap', { folder: other });
  expect([status, JSON.parse(text)]).toMatchObject([200, { changed: true, behind: 0 }]);
  const { models } = JSON.parse(text);
  expect(models).not.toBe(before);
  expect(await versions()).toEqual(new Set([models]));
}, 120_000);

test('a worker that dies is started again, and the server goes on', async () => {
  const restarted = /worker (\d+) ended/;
  const children = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8').trim().split(' ');
  const workers = children
    .map(Number)
    .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--workers'));
  expect(workers).toHaveLength(2);
  process.kill(workers[0]!, 'SIGKILL');
  await until('it is told', async () => restarted.test(told));
  expect((await ask('/v1/recommendations/u-1?surface=homepage')).status).toBe(200);
  await until('two serve again', async () => (await metric('screentest_workers')) === 2);
  expect(await metric('screentest_worker_restarts')).toBe(1);
  // The stop is known to the new one as well.
  expect(new Set(await reasons('newcomer'))).toEqual(new Set(['stopped']));
  // So are the models.
  expect((await versions()).size).toBe(1);
}, 120_000);

test('an asked-for end is exit code 0, and nothing is left', async () => {
  server.kill('SIGTERM');
  const [code] = await once(server, 'exit');
  expect(code).toBe(0);
  await expect(ask('/healthz')).rejects.toThrow();
}, 60_000);
