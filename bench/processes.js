import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startEmbeddedPostgres } from '../dist/embedded/postgres.js';
import { startRedis } from '../faults/redis.js';
import { cpuSecondsOf, cpuSecondsWithEnded, statOf } from './measure.js';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
export const SERVER_CORE = '0';
export const LOAD_CORE = '1';
export const USERS = 2000;

/** A Postgres of the benchmark's own with an empty folder: on the given core, or on whichever is free. */
export async function startDatabase(core) {
  const folder = mkdtempSync(join(tmpdir(), 'screentest-bench-'));
  const database = await startEmbeddedPostgres(folder);
  const postmaster = Number.parseInt(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8'), 10);
  // Processes that it starts later inherit the core.
  if (core !== undefined) {
    await pin(postmaster, core);
    // One that has ended meanwhile needs no core.
    for (const pid of family(postmaster)) await pin(pid, core).catch(() => {});
  }
  return {
    ...database,
    /** CPU seconds used so far by all its processes, those that ended included. */
    cpuSeconds: () =>
      family(postmaster).reduce((sum, pid) => {
        try {
          return sum + (pid === postmaster ? cpuSecondsWithEnded(pid) : cpuSecondsOf(pid));
        } catch {
          // It ended meanwhile: what it used is its parent's from now on.
          return sum;
        }
      }, 0),
  };
}

const pin = (pid, core) => promisify(execFile)('taskset', ['-p', '-c', core, String(pid)]);

/** A process and those that it started and that live. */
function family(parent) {
  const children = readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return Number(statOf(name)[1]) === parent;
    } catch {
      // It ended meanwhile.
      return false;
    }
  });
  return [parent, ...children.map(Number)];
}

/** The product's Redis as a store of candidates, on the load core. */
export async function startCandidateRedis() {
  const redis = await startRedis(mkdtempSync(join(tmpdir(), 'screentest-bench-redis-')));
  await pin(redis.pid(), LOAD_CORE);
  return redis;
}

/** Starts a Node program pinned to the server core, or to others, and waits until `url` answers. */
export async function startServer(args, url, env = {}, cores = SERVER_CORE) {
  const child = spawn('taskset', ['-c', cores, process.execPath, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const deadline = Date.now() + 180_000;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${args.join(' ')} ended before it was ready:\n${errors}`);
    if (Date.now() > deadline) throw new Error(`${args.join(' ')} was not ready in 180 s:\n${errors}`);
    const ready = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    pid: child.pid,
    async stop() {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** The shipped experiments, begun today: a benchmark of experiments that have ended would measure the default pipeline. */
function runningExperiments() {
  const folder = mkdtempSync(join(tmpdir(), 'screentest-bench-experiments-'));
  // The files themselves: what is changed in the copy must not be changed through a link.
  cpSync(here('../experiments'), folder, { recursive: true, dereference: true });
  const today = new Date().toISOString().slice(0, 10);
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    writeFileSync(path, readFileSync(path, 'utf8').replace(/^start: .*$/m, `start: ${today}`));
  }
  return folder;
}

/**
 * The product's server with its models trained on 2,000 simulated viewers; nothing is simulated while it is measured. With a
 * folder in BENCH_PROFILE it writes a CPU profile there when it ends.
 *
 * @param options.workers processes that serve; 1 when absent
 * @param options.cores   that they may use; the server core when absent
 */
export const startScreentest = (port, databaseUrl, cache, redisUrl, { workers = 1, cores } = {}) =>
  startServer(
    [
      // As `npm start` has it.
      '--max-semi-space-size=64',
      ...(process.env.BENCH_PROFILE === undefined
        ? []
        : ['--cpu-prof', `--cpu-prof-dir=${process.env.BENCH_PROFILE}`]),
      here('../bin/screentest.js'),
      'start',
      '--no-test',
      '--experiments',
      runningExperiments(),
      '--users',
      String(USERS),
      '--port',
      String(port),
      '--cache',
      cache,
      '--workers',
      String(workers),
    ],
    `http://127.0.0.1:${port}/readyz`,
    { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl },
    cores,
  );

export const startBare = (port, bytes) =>
  startServer(
    [here('bare.js'), String(port), String(bytes)],
    `http://127.0.0.1:${port}/v1/recommendations/u-1`,
  );

/** One load run on the other core, or on others. */
export async function load({ cores = LOAD_CORE, ...options }) {
  const { stdout } = await promisify(execFile)('taskset', [
    '-c',
    cores,
    process.execPath,
    here('load.js'),
    JSON.stringify({ users: USERS, ...options }),
  ]);
  const result = JSON.parse(stdout);
  if (result.failed > 0)
    throw new Error(`${result.failed} requests to ${options.url} failed: nothing is measured`);
  return result;
}
