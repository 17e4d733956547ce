import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatLift } from '../src/analysis/report/format.ts';
import { type Report, VERDICTS } from '../src/analysis/report/report.ts';
import type { ProgressReporter } from '../src/cli/progress.ts';
import { connect } from '../src/db/connect.ts';
import { runDemo } from '../src/demo.ts';
import { openPlatform, type Platform, type PlatformSettings } from '../src/platform.ts';
import { realPostgresUrl } from './support/databases.ts';
import { realRedisUrl, testRedis } from './support/redis.ts';
import { findChromium, launch } from './web/browser.ts';

/** The whole product once: from YAML to verdict on simulated viewers, through the path that serves. */

const postgres = await realPostgresUrl();
const redis = await realRedisUrl();
const chromium = findChromium();

const KEY = 'homepage-hybrid';
/** What a clock decides is not the same twice. */
const TIMED = ['latency_p50_ms', 'latency_p95_ms', 'latency_p99_ms'];
const WITHOUT_END = new AbortController().signal;

/** Keeps the names of the phases that ran. */
function phases(): ProgressReporter & { readonly names: string[] } {
  const names: string[] = [];
  return {
    names,
    phase(name, _unit, run) {
      names.push(name);
      return run(() => {});
    },
    note() {},
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

const timeless = (report: Report) => report.metrics.filter(({ key }) => !TIMED.includes(key));

const stores = [
  { name: 'embedded Postgres alone', real: false },
  { name: 'real Postgres and Redis', real: true },
];

describe.each(stores)('the published test on $name', ({ real }) => {
  const skipped = real && (postgres === undefined || redis === undefined);
  describe.skipIf(skipped)('', () => {
    const keyPrefix = `test_${randomBytes(4).toString('hex')}`;
    let cacheFolder: string;
    let settings: Omit<PlatformSettings, 'report'>;
    let platform: Platform;
    let table: string | undefined;

    beforeAll(async () => {
      cacheFolder = await mkdtemp(join(tmpdir(), 'screentest-'));
      let databaseUrl: string | undefined;
      if (real) {
        const admin = connect(postgres!, { connections: 1 });
        await admin.pool.query(`create schema ${keyPrefix}`);
        await admin.close();
        databaseUrl = connect(postgres!, { schema: keyPrefix }).url;
      }
      settings = {
        databaseUrl,
        redisUrl: real ? redis : undefined,
        cacheFolder,
        keyPrefix,
        experimentsFolder: join(import.meta.dirname, '..', 'experiments'),
        dataFolder: undefined,
        viewers: 150,
        titles: 600,
        seed: 3,
        host: '127.0.0.1',
        port: await freePort(),
      };
      platform = await openPlatform({ ...settings, report: phases() });
      table = await runDemo(platform, { report: phases(), signal: WITHOUT_END });
    }, 180_000);

    afterAll(async () => {
      await platform?.close();
      if (real) {
        const admin = connect(postgres!, { connections: 1 });
        const { rows } = await admin.pool.query<{ name: string }>(
          `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname like $1`,
          [`${keyPrefix}%`],
        );
        for (const { name } of rows) await admin.pool.query(`drop table if exists ${name} cascade`);
        const schemas = await admin.pool.query<{ name: string }>(
          `select quote_ident(nspname) as name from pg_namespace where nspname like $1`,
          [`${keyPrefix}%`],
        );
        for (const { name } of schemas.rows) await admin.pool.query(`drop schema ${name} cascade`);
        await admin.close();
        const keys = testRedis(redis!);
        for await (const found of keys.redis.scanStream({ match: `${keyPrefix}*`, count: 1000 }))
          if (found.length > 0) await keys.redis.unlink(...(found as string[]));
        await keys.close();
      }
      await rm(cacheFolder, { recursive: true, force: true });
    }, 60_000);

    const get = async (path: string) => fetch(`http://127.0.0.1:${settings.port}${path}`);
    const latest = async () => (await (await get(`/v1/experiments/${KEY}/report`)).json()) as Report;

    test('ends with the table of the published test and a verdict with reasons', async () => {
      expect(table).toContain('Click-through rate');
      const report = await latest();
      expect(VERDICTS).toContain(report.verdict.decision);
      expect(report.verdict.reasons.length).toBeGreaterThan(5);
      expect(report.health.find(({ key }) => key === 'sample-ratio')?.status).toBe('pass');
      expect(table).toContain(`Verdict: ${report.verdict.decision}`);
    });

    test('every unit is counted once and no arm is empty', async () => {
      const { rows } = await platform.stores.db.pool.query(
        'select variant, count(*)::int as units from exposure where environment = $1 and experiment = $2 group by 1 order by 1',
        [platform.environment, KEY],
      );
      const report = await latest();
      const total = rows.reduce((sum, { units }) => sum + units, 0);
      expect(rows.map(({ variant }) => variant)).toEqual(['hybrid', 'popular']);
      expect(report.exposures.filter((row) => row.variant === 'popular').at(-1)?.cumulative).toBe(
        rows[1].units,
      );
      expect(total).toBeGreaterThan(100);
      expect(total).toBeLessThanOrEqual(150);
    });

    test('the click-through rate is what plain SQL over the logged outcomes gives', async () => {
      const { rows } = await platform.stores.db.pool.query<{ variant: string; rate: number }>(
        `select e.variant, (sum(i.value) filter (where n.name = 'click'))::float8 /
            (sum(i.value) filter (where n.name = 'impressions'))::float8 as rate
         from exposure e join outcome o on o.environment = e.environment and o.unit = e.unit
           cross join lateral unnest(o.name_id, o.value, o.after_ms) as i (name_id, value, after_ms) join outcome_name n on n.id = i.name_id
         where e.environment = $1 and e.experiment = $2 and o.surface = 'homepage' and o.at + i.after_ms < $3 group by 1 order by 1`,
        [platform.environment, KEY, Date.parse((await latest()).cutoff)],
      );
      const metric = (await latest()).metrics.find(({ key }) => key === 'click_through_rate')!;
      for (const { variant, rate } of rows)
        expect(metric.arms.find((arm) => arm.arm === variant)?.value).toBeCloseTo(rate, 12);
    });

    test('serves slates, logs their exposures first, and says why of every assignment', async () => {
      expect((await get('/readyz')).status).toBe(200);
      const response = await get(
        `/v1/recommendations/${platform.exampleUser}?surface=homepage&device=tv&country=US`,
      );
      expect(response.status).toBe(200);
      const body = (await response.json()) as {
        request_id: string;
        slate: unknown[];
        experiments: { experiment: string; reason: string }[];
      };
      expect(body.slate).toHaveLength(20);
      expect(body.experiments.find(({ experiment }) => experiment === KEY)?.reason).toBe('assigned');
      expect(await platform.spool.flush(5_000)).toBe(true);
      const logged = await platform.stores.db.pool.query('select 1 from request where id = $1', [
        body.request_id,
      ]);
      expect(logged.rowCount).toBe(1);
    });

    test('the same test simulated again, over what is logged, changes no figure', async () => {
      const before = await latest();
      await platform.stores.db.pool.query('delete from report where environment = $1', [
        platform.environment,
      ]);
      await platform.close();
      platform = await openPlatform({ ...settings, report: phases() });
      await runDemo(platform, { report: phases(), signal: WITHOUT_END });
      const again = await latest();
      expect(timeless(again)).toEqual(timeless(before));
      expect(again.exposures).toEqual(before.exposures);
    }, 120_000);

    test('a start after that reads what is there', async () => {
      await platform.close();
      platform = await openPlatform({ ...settings, report: phases() });
      const report = phases();
      expect(await runDemo(platform, { report, signal: WITHOUT_END })).toContain('Verdict');
      expect(report.names).toEqual(['read what viewers watched']);
      expect(platform.viewers.get(platform.exampleUser).watchCount).toBeGreaterThan(0);
    }, 60_000);

    test.skipIf(chromium === undefined || real)(
      'the page in a real browser shows the figures of the JSON',
      async () => {
        const report = await latest();
        const browser = await launch(chromium!);
        try {
          const page = await browser.newPage();
          const elsewhere: string[] = [];
          page.on('request', (request) => {
            if (!request.url().startsWith(`http://127.0.0.1:${settings.port}/`))
              elsewhere.push(request.url());
          });
          await page.goto(`http://127.0.0.1:${settings.port}/experiments/${KEY}`);
          await page.locator('[data-metric="click_through_rate"]').first().waitFor();
          const text = await page.locator('main').textContent();
          for (const { key, comparisons } of report.metrics.filter(({ role }) => role === 'success')) {
            const estimate = comparisons[0]!.relative;
            if (estimate.ok) expect(text, key).toContain(formatLift(estimate.estimate));
          }
          expect(elsewhere).toEqual([]);
        } finally {
          await browser.close();
        }
      },
    );
  });
});
