import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/analysis/report/report.ts';
import { connect } from '../../src/db/connect.ts';
import { createEventLog } from '../../src/db/event-log.ts';
import { readDecisions, saveDecision } from '../../src/db/experiment-states.ts';
import { migrate } from '../../src/db/migrate.ts';
import { readProfiles, saveProfile } from '../../src/db/profiles.ts';
import { latestReport, listReports, saveReport } from '../../src/db/reports.ts';
import { saveTitles } from '../../src/db/titles.ts';
import type { Catalogue } from '../../src/ranking/catalogue.ts';
import { describeEachDatabase } from '../support/databases.ts';

const report = (key: string, iteration: number, cutoff: string, day = 1) =>
  ({ environment: 'test', experiment: { key, iteration }, cutoff, day }) as unknown as Report;

await describeEachDatabase('stores', (database) => {
  test('reports are versions: the same one twice is one, the newest is answered', async () => {
    const { db } = database();
    expect(await saveReport(db, report('a', 1, '2026-10-02T00:00:00.000Z'))).toBe(1);
    expect(await saveReport(db, report('a', 1, '2026-10-02T00:00:00.000Z'))).toBe(1);
    expect(await saveReport(db, report('a', 1, '2026-10-02T00:00:00.000Z', 2))).toBe(2);
    expect(await saveReport(db, report('a', 2, '2026-10-03T00:00:00.000Z'))).toBe(1);
    await saveReport(db, report('b', 1, '2026-10-03T00:00:00.000Z'));
    expect(await latestReport(db, 'test', 'a')).toEqual(report('a', 2, '2026-10-03T00:00:00.000Z'));
    expect(await latestReport(db, 'other', 'a')).toBeUndefined();
    expect((await listReports(db, 'test')).map(({ experiment }) => experiment.key)).toEqual(['a', 'b']);
    const parallel = await Promise.all(
      [3, 4, 5].map((day) => saveReport(db, report('c', 1, '2026-10-03T00:00:00.000Z', day))),
    );
    expect(parallel.sort()).toEqual([1, 2, 3]);
  });

  test('decisions: each comes in once and in the order of its version', async () => {
    const { db } = database();
    const decision = { environment: 'test', experiment: 'e', iteration: 1, at: 7, by: 'ann', reason: 'r' };
    const stop = { ...decision, id: randomUUID(), stopped: true };
    const first = await saveDecision(db, { ...decision, id: randomUUID(), phase: 1 });
    const second = await saveDecision(db, stop);
    expect(second).toBeGreaterThan(first);
    expect(await saveDecision(db, stop)).toBe(second);
    await saveDecision(db, { ...decision, id: randomUUID(), environment: 'other', killed: true });
    const stored = await readDecisions(db, 'test');
    expect(
      stored.map(({ version, phase, stopped, killed }) => ({ version, phase, stopped, killed })),
    ).toEqual([
      { version: first, phase: 1, stopped: undefined, killed: undefined },
      { version: second, phase: undefined, stopped: true, killed: undefined },
    ]);
    expect(stored[1]).toEqual({ ...stop, version: second });
  });

  test('profiles: what is absent stays as it was', async () => {
    const { db } = database();
    await saveProfile(db, 'test', 'u-1', { country: 'US', picks: [3, 1] });
    await saveProfile(db, 'test', 'u-1', { ageGroup: '25-34' });
    await saveProfile(db, 'test', 'u-0', {});
    expect(await readProfiles(db, 'test')).toEqual([
      { user: 'u-0', country: '', ageGroup: 'unknown', picks: [] },
      { user: 'u-1', country: 'US', ageGroup: '25-34', picks: [3, 1] },
    ]);
  });

  test('titles are replaced as a whole', async () => {
    const { db } = database();
    const catalogue = (size: number) =>
      ({
        ids: Array.from({ length: size }, (_, i) => `t-${i}`),
        names: Array.from({ length: size }, (_, i) => `A "name", {${i}}`),
        genres: ['drama', 'sci-fi'],
        genreMask: new Uint32Array(size).fill(2 ** 31 + 1),
        primaryGenre: new Uint8Array(size).fill(255),
        longTail: Uint8Array.from({ length: size }, (_, i) => i % 2),
      }) as unknown as Catalogue;
    await saveTitles(db, 'test', catalogue(5));
    await saveTitles(db, 'test', catalogue(2));
    const { rows } = await db.pool.query(
      'select row, id, name, genre_mask, primary_genre, long_tail from title order by row',
    );
    expect(rows).toEqual([
      {
        row: 0,
        id: 't-0',
        name: 'A "name", {0}',
        genre_mask: 2 ** 31 + 1,
        primary_genre: 255,
        long_tail: false,
      },
      {
        row: 1,
        id: 't-1',
        name: 'A "name", {1}',
        genre_mask: 2 ** 31 + 1,
        primary_genre: 255,
        long_tail: true,
      },
    ]);
    expect((await db.pool.query('select bit, name from genre order by bit')).rows).toEqual([
      { bit: 0, name: 'drama' },
      { bit: 1, name: 'sci-fi' },
    ]);
  });

  test('migrations: once each, in order, alone; a changed, missing or failing file is named', async () => {
    const { db } = database();
    expect(await migrate(db)).toEqual([]);
    const folder = await mkdtemp(join(tmpdir(), 'screentest-migrations-'));
    const put = (name: string, sql: string) => writeFile(join(folder, name), sql);
    const schema = `test_${randomBytes(6).toString('hex')}`;
    await db.pool.query(`create schema ${schema}`);
    const empty = connect(database().url, { schema });
    try {
      await put('0001_a.sql', 'create table one (n int);');
      await put('notes.txt', 'not a migration');
      const both = await Promise.all([migrate(empty, folder), migrate(empty, folder)]);
      expect(both.flat()).toEqual(['0001_a.sql']);
      await put('0002_b.sql', 'create table two (n int); select broken;');
      await expect(migrate(empty, folder)).rejects.toThrow(
        'migration 0002_b.sql failed: column "broken" does not exist',
      );
      expect((await empty.pool.query(`select to_regclass('two') as two`)).rows).toEqual([{ two: null }]);
      await put('0002_b.sql', 'create table two (n int);');
      expect(await migrate(empty, folder)).toEqual(['0002_b.sql']);
      await put('0001_a.sql', 'create table one (n bigint);');
      await expect(migrate(empty, folder)).rejects.toThrow(
        '0001_a.sql changed after it was applied; restore it',
      );
      await rm(join(folder, '0001_a.sql'));
      await expect(migrate(empty, folder)).rejects.toThrow('0001_a.sql is applied but missing');
    } finally {
      await empty.close();
      await db.pool.query(`drop schema ${schema} cascade`);
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('integers beyond 2^53 are refused rather than rounded, dates stay text, sessions are in UTC', async () => {
    const { db } = database();
    const one = async (sql: string) => (await db.pool.query(`select ${sql} as v`)).rows[0].v;
    expect(await one('9007199254740991::bigint')).toBe(Number.MAX_SAFE_INTEGER);
    await expect(one('9007199254740992::bigint')).rejects.toThrow('beyond the integers a number can hold');
    expect(await one(`date '2026-10-01'`)).toBe('2026-10-01');
    expect(await one(`array[1, 2]::bigint[]`)).toEqual([1, 2]);
    expect(await one(`current_setting('TimeZone')`)).toBe('UTC');
  });
});

describe('a database that is down', () => {
  test('the log rejects within its bound and says why; nothing hangs', async () => {
    const db = connect('postgres://postgres:x@127.0.0.1:9/none', { connectMs: 500 });
    const log = createEventLog(db, { commitMs: 1_000 });
    const started = performance.now();
    const outcome = {
      environment: 'e',
      id: '018f0000-0000-7000-8000-000000000000',
      unit: 'u',
      at: 0,
      items: [],
    };
    await expect(log.appendOutcomes([outcome])).rejects.toMatchObject({
      name: 'EventLogUnavailable',
      code: 'database',
    });
    expect(performance.now() - started).toBeLessThan(3_000);
    await log.close();
    await db.close();
  });

  test.each(['mysql://host/db', 'not an address'])(
    'an address that is not one of Postgres is refused: %s',
    (url) => {
      expect(() => connect(url)).toThrow(/should (start with|read) postgres:/);
    },
  );
});
