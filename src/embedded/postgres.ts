import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { takeFolder } from '../files/folder-owner.ts';
import { type Account, as, postgresAccount } from './account.ts';
import { type PostgresBinaries, postgresBinaries } from './binaries.ts';
import { keepRunning } from './keep-running.ts';

const run = promisify(execFile);
const DATABASE = 'screentest';
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  timezone: 'UTC',
  log_timezone: 'UTC',
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  max_connections: '100',
  jit: 'off',
};

export interface EmbeddedPostgres {
  /** Connection string of the database `screentest` on this server. */
  readonly url: string;
  /** Ends the server within about 20 s, by force if need be; the data stays. */
  stop(): Promise<void>;
}

/**
 * Starts a Postgres of our own on 127.0.0.1 with its data kept under `folder` between starts. A server left behind by
 * a process that died is adopted when it is really the one of this folder. One that dies while we live is started again on
 * the same port.
 *
 * @param options.port    absent: a free one
 * @param options.durable false turns fsync off, for tests
 * @param options.restart false leaves a server that died as it is
 * @throws when the folder is in use by a live process, or the server does not come up (the error quotes its log)
 */
export async function startEmbeddedPostgres(
  folder: string,
  options: { readonly port?: number; readonly durable?: boolean; readonly restart?: boolean } = {},
): Promise<EmbeddedPostgres> {
  const root = resolve(folder);
  const data = join(root, 'data');
  const binaries = await postgresBinaries();
  await mkdir(root, { recursive: true });
  const account = await postgresAccount([root, dirname(binaries.postgres)]);
  if (account.uid !== undefined) await chown(root, account.uid, account.gid ?? account.uid);
  const giveBack = await takeFolder(join(root, 'owner.json'), root);
  try {
    const password = await initialise(binaries, account, root, data);
    const url = (port: number, database: string) =>
      `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;
    const running = await runningPort(data);
    const adopted = running !== undefined && (await serves(url(running, 'postgres'), data));
    const port = adopted ? running : (options.port ?? (await freePort()));
    const begin = () => start(binaries, account, root, data, port, options.durable ?? true);
    if (!adopted) await begin();
    await ensureDatabase(url(port, 'postgres'));
    const runs = async () => (await postmaster(data)) !== undefined;
    const leaveAlone = options.restart === false ? async () => {} : keepRunning(runs, begin);
    return {
      url: url(port, DATABASE),
      stop: async () => {
        await leaveAlone();
        await stop(binaries, account, data);
        await giveBack();
      },
    };
  } catch (error) {
    await giveBack();
    throw error;
  }
}

/** Makes the cluster on first use. A half-made one (the process died in between) is made anew. */
async function initialise(
  binaries: PostgresBinaries,
  account: Account,
  root: string,
  data: string,
): Promise<string> {
  const passwordFile = join(root, 'password');
  if ((await exists(join(data, 'PG_VERSION'))) && (await exists(join(root, 'initialised')))) {
    return (await readFile(passwordFile, 'utf8')).trim();
  }
  await rm(data, { recursive: true, force: true });
  const password = randomBytes(16).toString('hex');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (account.uid !== undefined) await chown(passwordFile, account.uid, account.gid ?? account.uid);
  const flags = ['--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  const locale = ['--encoding=UTF8', '--locale=C'];
  try {
    const make = as(account, binaries.initdb, [`--pgdata=${data}`, ...flags, ...locale, '--no-sync']);
    await run(make.file, make.args, { ...make.options, cwd: root });
  } catch (cause) {
    throw new Error(`cannot create a database in ${data}: ${reason(cause)}${mend(account)}`, { cause });
  }
  await writeFile(join(root, 'initialised'), '');
  return password;
}

async function start(
  binaries: PostgresBinaries,
  account: Account,
  root: string,
  data: string,
  port: number,
  durable: boolean,
): Promise<void> {
  const log = join(root, 'postgres.log');
  const settings = { ...SETTINGS, ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }) };
  const flags = Object.entries(settings).map(([key, value]) => `-c ${key}='${value}'`);
  const server = ['-p', String(port), ...flags].join(' ');
  const command = ['start', '-w', '-t', '60', '-s', '-D', data, '-l', log, '-o', server];
  const launch = as(account, binaries.pg_ctl, command);
  for (let attempt = 1; ; attempt++) {
    await rm(log, { force: true });
    const code = await new Promise<number | null>((done, fail) => {
      // Detached: Ctrl-C reaches the whole process group, and the server must outlive what we still have to write.
      const child = spawn(launch.file, launch.args, {
        ...launch.options,
        cwd: root,
        stdio: 'ignore',
        detached: true,
      });
      child.once('error', fail);
      child.once('exit', done);
    });
    if (code === 0) return;
    const lines = (await readFile(log, 'utf8').catch(() => '')).trim().split('\n').slice(-3).join(' | ');
    if (attempt === 10 || !/lock file|shared memory block/.test(lines)) {
      throw new Error(
        `Postgres did not start in ${data}: ${lines || `pg_ctl ended with ${code}`}${mend(account)}`,
      );
    }
    // A server that was just killed: its children leave within moments. Its own pid may stay as a zombie, or belong
    // to another program by now, and then only we can tell that the file is stale.
    await sleep(500);
    if (attempt === 4 && (await postmaster(data)) === undefined)
      await rm(join(data, 'postmaster.pid'), { force: true });
  }
}

async function stop(binaries: PostgresBinaries, account: Account, data: string): Promise<void> {
  for (const mode of ['fast', 'immediate']) {
    if ((await postmaster(data)) === undefined) return;
    const command = ['stop', '-w', '-t', '8', '-s', '-D', data, '-m', mode];
    const { file, args, options } = as(account, binaries.pg_ctl, command);
    const ended = await run(file, args, { ...options, cwd: '/', timeout: 10_000 }).then(
      () => true,
      () => false,
    );
    if (ended) return;
  }
  const pid = await postmaster(data);
  if (pid !== undefined) process.kill(pid.pid, 'SIGKILL');
}

/** What `postmaster.pid` says, when its process lives and it speaks of this very folder. */
async function postmaster(data: string): Promise<{ pid: number; port: number } | undefined> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const [pid, folder, , port] = text.split('\n');
  if (!folder || (await realpath(folder).catch(() => folder)) !== (await realpath(data))) return undefined;
  if (!(await isPostgres(Number(pid)))) return undefined;
  return { pid: Number(pid), port: Number(port) };
}

async function isPostgres(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  // `pid (name) state ...`; where there is no /proc, a living process has to do.
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '0 (postgres) S');
  return /\(postgres\) [^ZX]/.test(status);
}

async function runningPort(data: string): Promise<number | undefined> {
  return (await postmaster(data))?.port;
}

/** Whether the server there answers and its data folder is this one: a pid may have been reused. */
async function serves(url: string, data: string): Promise<boolean> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 3_000,
    query_timeout: 3_000,
  });
  // A server that is killed meanwhile shows at the query; without a listener it would end this process.
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('show data_directory');
    return (await realpath(rows[0]?.data_directory ?? '')) === (await realpath(data));
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  // A server that is killed meanwhile shows at the query; without a listener it would end this process.
  client.on('error', () => {});
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function reason(cause: unknown): string {
  const { stderr, message } = cause as { stderr?: string; message: string };
  return (stderr || message).trim();
}

function mend(account: Account): string {
  return account.uid === undefined
    ? ''
    : ' (started by root, Postgres runs as user "postgres": the folder and node_modules must be readable for it; or set DATABASE_URL)';
}
