import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/analysis/report/report.ts';
import type { Declarations } from '../../src/declarations.ts';
import { type AnalysisJobs, createAnalysisJobs } from '../../src/jobs/analysis.ts';
import { schemaOf } from '../../src/jobs/broker.ts';
import type { AnalysisSteps } from '../../src/jobs/steps.ts';
import { realPostgresUrl, type TestDatabase, testDatabase } from '../support/databases.ts';
import { aggregatesOf, DAY, experimentOf, METRICS, metricOf, START } from '../support/evidence.ts';
import { realRedisUrl, testRedis } from '../support/redis.ts';

const declarations: Declarations = {
  version: 'c0ffee',
  experiments: [
    experimentOf(),
    experimentOf({ key: 'broken' }),
    experimentOf({ key: 'shaky' }),
    experimentOf({
      key: 'wide',
      design: 'interleaving',
      metrics: { success: [{ metric: 'watch' }], guardrails: [], secondary: ['p95', 'coverage'] },
    }),
  ],
  metrics: [
    ...METRICS,
    metricOf('p95', { kind: 'quantile', q: 0.95 }),
    metricOf('coverage', { kind: 'coverage' }),
  ],
  layers: [],
  surfaces: [],
};

/** Steps that count their calls; those of `broken` always fail to roll up, those of `shaky` fail twice. */
function fakeSteps() {
  const calls: string[] = [];
  const saved: Report[] = [];
  const situation = aggregatesOf({ watch: [8, 9] });
  let shaken = 0;
  const record =
    <T>(name: string, value: T) =>
    async ({ experiment }: { experiment: { key: string } }) => {
      calls.push(`${experiment.key} ${name}`);
      if (experiment.key === 'broken' && name === 'roll-up') throw new Error('relation "unit_day" is gone');
      if (experiment.key === 'shaky' && name === 'health' && shaken++ < 2)
        throw new Error('deadlock detected');
      return value;
    };
  const steps: AnalysisSteps = {
    rollUp: record('roll-up', undefined),
    health: record('health', situation.health),
    metrics: record('metrics', situation.metrics),
    quantiles: record('quantiles', []),
    coverage: record('coverage', []),
    preference: record('preference', undefined),
    save: async (report) => void saved.push(report),
  };
  return { calls, saved, steps };
}

interface Place {
  readonly database: TestDatabase;
  readonly redisUrl?: string;
  readonly prefix: string;
  close(): Promise<void>;
}

const [postgres, redis] = await Promise.all([realPostgresUrl(), realRedisUrl()]);

async function onPostgres(url?: string): Promise<Place> {
  const database = await testDatabase(url);
  const prefix = `test_${randomBytes(6).toString('hex')}`;
  return {
    database,
    prefix,
    async close() {
      await database.db.pool.query(`drop schema if exists ${schemaOf(prefix)} cascade`);
      await database.close();
    },
  };
}

const places: readonly [string, boolean, () => Promise<Place>][] = [
  ['embedded Postgres', true, () => onPostgres()],
  ['a real Postgres', postgres !== undefined, () => onPostgres(postgres)],
  [
    'a real Redis',
    redis !== undefined,
    async () => {
      const place = await onPostgres();
      const keys = testRedis(redis ?? '');
      return {
        ...place,
        redisUrl: keys.url,
        prefix: keys.prefix,
        close: async () => {
          await keys.close();
          await place.database.close();
        },
      };
    },
  ],
];

for (const [name, available, open] of places) {
  describe.skipIf(!available)(`analysis jobs on ${name}`, () => {
    const { calls, saved, steps } = fakeSteps();
    const cutoff = START + 28 * DAY;
    let place: Place;
    let jobs: AnalysisJobs;
    const create = () =>
      createAnalysisJobs({
        databaseUrl: place.database.url,
        redisUrl: place.redisUrl,
        prefix: place.prefix,
        db: place.database.db,
        declarations: () => declarations,
        environment: 'test',
        catalogueSize: 15_000,
        steps,
        retryMs: 10,
      });

    beforeAll(async () => {
      place = await open();
      jobs = create();
    });
    afterAll(async () => {
      await jobs.close();
      await place.close();
    });

    it('runs the flow: the roll-up before the metrics, all before the report', async () => {
      const id = await jobs.request('homepage-hybrid', cutoff);
      const report = await jobs.wait(id);
      expect(report.verdict.decision).toBe('ship');
      expect(report).toMatchObject({ environment: 'test', configuration: 'c0ffee', day: 28 });
      expect(saved).toEqual([report]);
      expect([...calls].sort()).toEqual([
        'homepage-hybrid health',
        'homepage-hybrid metrics',
        'homepage-hybrid roll-up',
      ]);
      expect(calls.indexOf('homepage-hybrid roll-up')).toBeLessThan(calls.indexOf('homepage-hybrid metrics'));
      expect(await jobs.status(id)).toEqual({ state: 'done', progress: 1 });
    });

    it('the same request again is the same job and result, and computes nothing', async () => {
      const before = calls.length;
      const [first, second] = await Promise.all([
        jobs.request('homepage-hybrid', cutoff),
        jobs.request('homepage-hybrid', cutoff),
      ]);
      expect(first).toBe(second);
      expect(await jobs.wait(first)).toEqual(saved[0]);
      expect(calls.length).toBe(before);
    });

    it('unless it is asked for again', async () => {
      const before = calls.length;
      const id = await jobs.request('homepage-hybrid', cutoff, { again: true });
      expect(await jobs.wait(id)).toEqual(saved[0]);
      expect(calls.length).toBe(before + 3);
    });

    it('adds quantiles, coverage and preference where they are asked for, after the roll-up', async () => {
      await jobs.wait(await jobs.request('wide', cutoff));
      const wide = calls.filter((call) => call.startsWith('wide')).map((call) => call.slice(5));
      const afterwards = wide.slice(wide.indexOf('roll-up') + 1).filter((step) => step !== 'health');
      expect(afterwards.sort()).toEqual(['coverage', 'metrics', 'preference', 'quantiles']);
    });

    it('another cut-off is another job', async () => {
      const id = await jobs.request('homepage-hybrid', START + 20 * DAY);
      expect((await jobs.wait(id)).verdict.decision).toBe('keep-running');
    });

    it('a step that fails is tried again', async () => {
      const report = await jobs.wait(await jobs.request('shaky', cutoff));
      expect(report.verdict.decision).toBe('ship');
      expect(calls.filter((call) => call === 'shaky health')).toHaveLength(3);
    });

    it('a step that keeps failing fails the report with its reason, and can be asked for again', async () => {
      const id = await jobs.request('broken', cutoff);
      await expect(jobs.wait(id)).rejects.toThrow(
        /analysis of broken failed: roll-up: relation "unit_day" is gone/,
      );
      expect(await jobs.status(id)).toMatchObject({
        state: 'failed',
        failure: expect.stringMatching(/unit_day/),
      });
      const before = calls.length;
      expect(await jobs.request('broken', cutoff)).toBe(id);
      await expect(jobs.wait(id)).rejects.toThrow(/unit_day/);
      expect(calls.length).toBeGreaterThan(before);
    });

    it('refuses an unknown experiment and knows no unknown job', async () => {
      await expect(jobs.request('nobody', cutoff)).rejects.toThrow(
        /no experiment "nobody"; declared are homepage-hybrid/,
      );
      expect(await jobs.status('nobody')).toBeUndefined();
      await expect(jobs.wait('nobody')).rejects.toThrow(/no analysis "nobody"/);
    });

    it('what was asked for before a close is done after it', async () => {
      const id = await jobs.request('homepage-hybrid', START + 16 * DAY);
      await jobs.close();
      jobs = create();
      expect((await jobs.wait(id)).day).toBe(16);
    });

    it('a finished analysis survives a restart', async () => {
      const id = await jobs.request('homepage-hybrid', cutoff);
      await jobs.close();
      jobs = create();
      expect(await jobs.wait(id)).toEqual(saved[0]);
    });
  });
}

describe('schema of a prefix', () => {
  it.each([
    ['screentest', 'screentest_jobs'],
    ['demo:1', 'demo_1_jobs'],
    ['1st', '_1st_jobs'],
  ])('%s is %s', (prefix, schema) => {
    expect(schemaOf(prefix)).toBe(schema);
  });
});
