import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from './free-port.js';
import { until } from './measure.js';
import { family, signalFamily } from './processes.js';

const VERSIONS = '/usr/lib/postgresql';

/** Folder of the programs of the machine's own Postgres; undefined where there is none. */
export function ownPrograms() {
  if (!existsSync(VERSIONS)) return undefined;
  const newest = readdirSync(VERSIONS)
    .filter((version) => existsSync(join(VERSIONS, version, 'bin', 'initdb')))
    .sort((a, b) => Number(b) - Number(a))[0];
  return newest === undefined ? undefined : join(VERSIONS, newest, 'bin');
}

export async function query(url, sql, values) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(sql, values)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * A transaction that holds what `sql` takes until `freed` resolves.
 *
 * @returns once it is held; `released` once it is not any more
 */
export async function hold(url, sql, freed) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  await client.connect();
  await client.query(`begin; ${sql}`);
  return { released: freed.then(() => client.query('commit')).finally(() => client.end()) };
}

const answers = (url) =>
  query(url, 'select 1').then(
    () => true,
    () => false,
  );

/** What faults do to a database: to all of its processes. */
function faultsOf(pid) {
  return {
    processes: () => (pid() === undefined ? [] : family(pid())),
    kill: () => signalFamily(pid(), 'SIGKILL'),
    pause() {
      // The first process alone before all: one that stands still starts no other that the look at them would miss.
      process.kill(pid(), 'SIGSTOP');
      signalFamily(pid(), 'SIGSTOP');
    },
    resume: () => pid() !== undefined && signalFamily(pid(), 'SIGCONT'),
  };
}

/** The Postgres that the product starts by itself below its cache. It is the product's to start again. */
export function embeddedDatabase(cache) {
  const folder = join(cache, 'postgres');
  const lines = () => {
    try {
      return readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n');
    } catch {
      return [];
    }
  };
  const pid = () => {
    const found = Number(lines()[0]);
    return found > 0 && family(found).length > 0 ? found : undefined;
  };
  return {
    name: 'embedded Postgres',
    environment: {},
    pid,
    url: () =>
      `postgres://postgres:${readFileSync(join(folder, 'password'), 'utf8').trim()}@127.0.0.1:${lines()[3]}/screentest`,
    ...faultsOf(pid),
    /** Not ours to do. */
    revive: async () => {},
    async close() {
      if (pid() !== undefined) signalFamily(pid(), 'SIGKILL');
    },
  };
}

/** A cluster of the machine's own Postgres, on a port of its own. Its operator, this program, starts it again. */
export async function ownCluster(folder) {
  const programs = ownPrograms();
  const data = join(folder, 'data');
  mkdirSync(folder, { recursive: true });
  const options = { cwd: '/', stdio: 'ignore' };
  if (process.getuid() === 0) {
    options.uid = Number(execFileSync('id', ['-u', 'postgres'], { encoding: 'utf8' }));
    options.gid = Number(execFileSync('id', ['-g', 'postgres'], { encoding: 'utf8' }));
    chownSync(folder, options.uid, options.gid);
  }
  const flags = ['-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
  execFileSync(join(programs, 'initdb'), flags, options);
  const port = await freePort();
  const url = (database) => `postgres://postgres@127.0.0.1:${port}/${database}`;
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200'];
  let server;

  async function start() {
    // Those before it leave within moments; until then they hold the shared memory.
    await until('Postgres of our own', 30_000, async () => {
      if (server === undefined || server.exitCode !== null || server.signalCode !== null) {
        const set = settings.flatMap((setting) => ['-c', setting]);
        server = spawn(join(programs, 'postgres'), ['-D', data, '-p', String(port), ...set], options);
      }
      return answers(url('postgres'));
    });
  }
  await start();
  await query(url('postgres'), 'create database screentest');
  const pid = () => (server.exitCode === null && server.signalCode === null ? server.pid : undefined);
  return {
    name: `Postgres ${execFileSync(join(programs, 'postgres'), ['--version'], { encoding: 'utf8' })
      .replace(/^.*\) /, '')
      .split(' ')[0]
      .trim()}`,
    environment: { DATABASE_URL: url('screentest') },
    pid,
    url: () => url('screentest'),
    ...faultsOf(pid),
    revive: start,
    async close() {
      if (pid() !== undefined) signalFamily(pid(), 'SIGKILL');
    },
  };
}
