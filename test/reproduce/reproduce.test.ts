import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, type Database } from '../../src/db/connect.ts';
import { startEmbeddedPostgres } from '../../src/embedded/postgres.ts';
import type { ReproductionDocument } from '../../src/reproduce/document.ts';

/** The command as it is installed, killed and resumed, on a Postgres of its own. */

const root = join(import.meta.dirname, '..', '..');
const BIN = join(root, 'bin', 'screentest.js');
const BUILT = existsSync(join(root, 'dist', 'reproduce', 'run.js'));
const USERS = '100';
const ENVIRONMENT = `reproduce-3-${USERS}`;
const LONG = 900_000;
const PRLIMIT = '/usr/bin/prlimit';

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe.skipIf(!BUILT)('screentest reproduce', () => {
  let folder: string;
  let stop: () => Promise<void>;
  let databaseUrl: string;
  let db: Database;

  const args = (...more: string[]) => [
    BIN,
    'reproduce',
    ...['--users', USERS, '--seed', '3', '--cache', join(folder, 'cache'), '--json'],
    ...['--replications', '20', '--truth', '26', '--planted', '40', '--sensitivity', '100', '--threads', '1'],
    ...more,
  ];
  const environment = () => ({
    ...process.env,
    DATABASE_URL: databaseUrl,
    REDIS_URL: '',
    SCREENTEST_DEBUG: '',
  });

  function command(...more: string[]): Promise<Ended> {
    return promisify(execFile)(process.execPath, args(...more), {
      cwd: root,
      env: environment(),
      maxBuffer: 1 << 28,
    }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
    );
  }

  const chunksDone = async (): Promise<number> => {
    const { rows } = await db.pool.query<{ n: number }>(
      'select count(*) as n from reproduction_chunk where environment = $1',
      [ENVIRONMENT],
    );
    return rows[0]!.n;
  };

  /** What is stored, in an order of its own, times apart. */
  async function stored(): Promise<string> {
    const { rows } = await db.pool.query<{ hash: string }>(
      `select md5(string_agg(row, ',' order by row)) as hash from (
         select md5(id::text || unit || at || pipeline || simpson_micro || substring(slate from 1 for 344)::text) as row
           from request where environment = $1
         union all select md5(id::text || unit || at || name_id::text || value::text || title::text || after_ms::text)
           from outcome where environment = $1
         union all select md5(experiment || unit || variant || at || attributes::text) from exposure where environment = $1
       ) as rows`,
      [ENVIRONMENT],
    );
    return rows[0]!.hash;
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'reproduce-'));
    await openDatabase();
  }, LONG);

  async function openDatabase(): Promise<void> {
    const postgres = await startEmbeddedPostgres(join(folder, 'postgres'), {
      durable: false,
      restart: false,
    });
    stop = postgres.stop;
    databaseUrl = postgres.url;
    db = connect(databaseUrl, { connections: 2 });
  }

  async function closeDatabase(): Promise<void> {
    await db?.close();
    await stop?.();
  }

  const spawned = () => ({
    cwd: root,
    env: environment(),
    stdio: ['ignore', 'ignore', 'pipe'] as ['ignore', 'ignore', 'pipe'],
  });

  afterAll(async () => {
    await closeDatabase();
    await rm(folder, { recursive: true, force: true });
  }, LONG);

  let whole: ReproductionDocument;
  let rows: string;
  let chunks: number;

  test(
    'runs the test, holds it against HTTP, and sets our estimates beside the published',
    async () => {
      const { code, stdout, stderr } = await command();
      expect(stderr).toContain('test:');
      expect(code).toBe(0);
      whole = JSON.parse(stdout) as ReproductionDocument;
      rows = await stored();
      chunks = await chunksDone();
      expect(whole.schema).toBe('screentest/reproduction/v1');
      expect(whole.test.users).toBe(100);
      expect(whole.http.users).toBe(100);
      expect(whole.http.requests).toBeGreaterThan(250);
      expect(whole.http.exposures).toBeGreaterThanOrEqual(2 * 100);
      const retention = whole.published.find(({ metric }) => metric === 'retention_30d')!;
      expect(retention.mature.atTestEnd).toBeLessThan(0.05);
      expect(retention.mature.measured).toBe(1);
      for (const row of whole.published) expect(row.ours.fixed).not.toBeNull();
      const ctr = whole.published.find(({ metric }) => metric === 'click_through_rate')!;
      expect(ctr.ours.change).toBeGreaterThan(0.1);
      // The same viewers in both arms: far surer of the effect than two halves of them.
      expect(whole.truthUsers).toBe(26);
      expect(ctr.truth!.change).toBeGreaterThan(0.1);
      expect(ctr.truth!.error).toBeLessThan(0.1);
      expect(ctr.covers).not.toBeNull();
      expect(whole.coverage!.rows.map(({ metric }) => metric)).toEqual(
        whole.published.map(({ metric }) => metric),
      );
      for (const { adjusted } of whole.coverage!.rows) expect(adjusted.share).toBeGreaterThan(0.5);
      expect(whole.claims!.rows.find(({ claim }) => claim.startsWith('hybrid, Recall'))!.ours).not.toBe('-');
      expect(whole.claims!.business).not.toBeNull();
      expect(whole.faults!.rows.map(({ key }) => key)).toContain('changed-allocation');
      expect(whole.sensitivity!.rows.map(({ clickModel }) => clickModel)).toEqual(['pbm', 'cascade', 'dbn']);
      expect(whole.segments.some(({ attribute }) => attribute === 'country')).toBe(true);
    },
    LONG,
  );

  test(
    'goes on after kills, a full disk, a database that stops and a stop at any moment, without a row lost or doubled',
    async () => {
      let resume: string[] = [];
      for (const injury of ['kill', 'database', 'stop', 'disk'] as const) {
        const full = injury === 'disk' && existsSync(PRLIMIT);
        if (injury === 'disk' && !full) continue;
        const child: ChildProcess = full
          ? spawn(PRLIMIT, ['--fsize=4096', process.execPath, ...args('--tables', '1', ...resume)], spawned())
          : spawn(process.execPath, args('--tables', '1', ...resume), spawned());
        let told = '';
        child.stderr!.on('data', (text) => {
          told += text;
        });
        const gone = new Promise<number | null>((ended) => child.once('exit', ended));
        const running = () => child.exitCode === null && child.signalCode === null;
        if (!full) {
          // In the middle of whatever comes after one more chunk, or after its first word where all are there.
          const before = resume.length === 0 ? 0 : await chunksDone();
          if (resume.length === 0) while (running() && (await chunksDone()) === chunks) await sleep(20);
          if (before === chunks) while (running() && told === '') await sleep(20);
          else while (running() && (await chunksDone()) <= before) await sleep(20);
          await sleep(100);
        }
        if (injury === 'kill') child.kill('SIGKILL');
        if (injury === 'stop') child.kill('SIGTERM');
        if (injury === 'database') {
          await closeDatabase();
          await gone;
          await openDatabase();
        }
        const code = await gone;
        const [expected, sentence] = {
          kill: [null, ''],
          stop: [130, 'Stopped.'],
          database: [1, 'The database went away'],
          disk: [1, 'A disk is full'],
        }[injury];
        expect({ injury, code }).toEqual({ injury, code: expected });
        expect(told).toContain(sentence);
        if (injury !== 'kill') expect(told).toContain('--resume');
        resume = ['--resume'];
      }
      const { code, stdout } = await command('--tables', '1', '--resume');
      expect(code).toBe(0);
      const again = JSON.parse(stdout) as ReproductionDocument;
      const lasting = ({ published, segments, http, test: { times, ...figures } }: ReproductionDocument) => ({
        published,
        segments,
        http,
        figures,
      });
      expect(lasting(again)).toEqual(lasting(whole));
      expect(again.claims).toBeNull();
      expect(await stored()).toBe(rows);
    },
    LONG,
  );

  test(
    'says what is wrong with what it was given',
    async () => {
      const broken = join(folder, 'experiments');
      await cp(join(root, 'experiments'), broken, { recursive: true });
      const file = join(broken, 'homepage-hybrid.yaml');
      const yaml = await readFile(file, 'utf8');
      await writeFile(file, yaml.replace('  hybrid:\n', '  other:\n'));
      const cases: [string[], string][] = [
        [['--users', '99'], 'whole number from 100'],
        [['--seed', 'seven'], 'whole number'],
        [['--click-model', 'psychic'], 'pbm'],
        [['--experiments', broken], 'needs a control and a variant hybrid'],
        [['--experiments', join(folder, 'nowhere')], 'is not a folder'],
      ];
      for (const [given, told] of cases) {
        const { code, stderr, stdout } = await command(...given);
        expect({ given, code }).toEqual({ given, code: 2 });
        expect(stderr).toContain(told);
        expect(stdout).toBe('');
      }
    },
    LONG,
  );
});
