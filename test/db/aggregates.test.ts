import { expect, test } from 'vitest';
import { metricAggregates } from '../../src/db/aggregates/metrics.ts';
import { refreshStatistics } from '../../src/db/aggregates/statistics.ts';
import { rebuildUnitDays } from '../../src/db/aggregates/unit-days.ts';
import { describeEachDatabase } from '../support/databases.ts';
import { capOf, momentsOf, valuesAt } from './attribution-oracle.ts';
import { DAY, inventWorld, measure, metric, START, seeded } from './attribution-world.ts';
import { expectMoments, store } from './stored-world.ts';

const days = (from: number, to?: number) => ({
  fromMs: from * DAY,
  ...(to === undefined ? {} : { toMs: to * DAY }),
});
const clicks = measure('click', 'count');
const plays = measure('play', 'count');

const METRICS = [
  metric('clicks', clicks),
  metric('clicks_scaled_capped', measure('watch', 'sum'), { scale: 1 / 3600, cap: 0.8 }),
  metric('ctr', clicks, { kind: 'ratio', denominator: plays, scale: 100 }),
  metric('ctr_capped', measure('watch', 'sum'), { kind: 'ratio', denominator: plays, cap: 0.7 }),
  metric('clicks_per_unit', clicks, { kind: 'ratio', denominator: measure('unit', 'count') }),
  metric('second_week', measure('click', 'count', { window: days(7, 14) })),
  metric('ratio_first_days', measure('watch', 'sum', { window: days(0, 3) }), {
    kind: 'ratio',
    denominator: plays,
  }),
  metric('retention_7d', measure('session_start', 'exists', { window: days(1, 7) }), {
    kind: 'proportion',
    scale: 100,
  }),
  metric('retention_open', measure('session_start', 'exists', { window: days(1) }), { kind: 'proportion' }),
  metric('never_home', measure('click', 'absent', { where: { surface: 'browse' } }), { kind: 'proportion' }),
  metric('absent_7d', measure('click', 'absent', { window: days(0, 7) }), { kind: 'proportion' }),
  metric('hours_per_week', measure('watch', 'sum'), { perWeek: true, scale: 1 / 3600 }),
  metric('hours_per_week_capped', measure('watch', 'sum'), { perWeek: true, scale: 1 / 3600, cap: 0.9 }),
  metric('genres_per_week', measure('play', 'distinct', { field: 'genre' }), { perWeek: true }),
  metric('titles', measure('play', 'distinct', { field: 'title' })),
  metric('tail_titles', measure('play', 'distinct', { field: 'title', where: { longTail: true } })),
  metric('tail_clicks', measure('click', 'count', { where: { longTail: true } }), {
    kind: 'ratio',
    denominator: clicks,
  }),
  metric('head_clicks', measure('click', 'count', { where: { longTail: false } })),
  metric('drama', measure('watch', 'sum', { where: { genre: 'drama', surface: 'homepage' } })),
  metric('unknown_genre', measure('watch', 'sum', { where: { genre: 'western' } })),
  metric('unknown_name', measure('never_sent', 'count')),
  metric('long_watches', measure('watch', 'count', { where: { minValue: 1_000, maxValue: 3_000 } })),
  metric('regional', measure('click', 'count', { where: { attribute: { name: 'country', not: 'US' } } }), {
    kind: 'ratio',
    denominator: measure('play', 'count', { where: { attribute: { name: 'country', not: 'US' } } }),
  }),
  metric(
    'share_of_us',
    measure('click', 'count', { where: { attribute: { name: 'country', equals: 'US' } } }),
    {
      kind: 'ratio',
      denominator: clicks,
    },
  ),
  metric(
    'mobile_only',
    measure('click', 'count', { where: { attribute: { name: 'device', equals: 'mobile' } } }),
  ),
  metric('requests', measure('request', 'count')),
  metric('browse_requests', measure('request', 'count', { where: { surface: 'browse' } })),
  ...['latency_ms', 'error', 'fallback', 'slots', 'simpson_micro', 'long_tail'].map((field) =>
    metric(`request_${field}`, measure('request', 'sum', { field }), {
      kind: 'ratio',
      denominator: measure('request', 'count'),
    }),
  ),
  metric('slow_requests', measure('request', 'count', { field: 'latency_ms', where: { minValue: 100 } })),
];

await describeEachDatabase('attribution', (database) => {
  test.each([1, 2, 3])('every metric equals the plain-loop oracle, world %i', async (seed) => {
    const { db } = database();
    const environment = `world-${seed}`;
    const world = inventWorld(seed, environment);
    await store(db, world);
    const scope = { environment, experiment: world.experiment, metrics: METRICS, cutoff: world.cutoff };
    await rebuildUnitDays(db, scope);
    const results = await metricAggregates(db, scope);
    expect(results.map((result) => result.metric)).toEqual(METRICS.map((declared) => declared.key));
    for (const declared of METRICS) {
      const result = results.find((one) => one.metric === declared.key);
      if (!result) throw new Error(declared.key);
      const final = valuesAt(world, declared, world.cutoff);
      const cap = declared.cap === undefined ? Number.POSITIVE_INFINITY : capOf(final, declared.cap);
      expect(result.mature, declared.key).toBe(final.length);
      for (const { variant, moments } of result.arms) {
        expectMoments(
          moments,
          momentsOf(
            final.filter(({ unit }) => unit.variant === variant),
            declared,
            cap,
          ),
          declared.key,
        );
      }
      expect(result.daily.map(({ day }) => day)).toEqual(Array.from({ length: 22 }, (_, i) => i + 1));
      for (const { day, arms } of result.daily) {
        const then = valuesAt(world, declared, Math.min(world.cutoff, START + day * DAY));
        for (const { variant, moments } of arms) {
          const own = then.filter(({ unit }) => unit.variant === variant);
          expectMoments(moments, momentsOf(own, declared, cap), `${declared.key} day ${day} ${variant}`);
        }
      }
      const countries = [...new Set(final.map(({ unit }) => unit.attributes.country))].sort();
      expect(result.segments.map(({ value }) => value)).toEqual(countries);
      for (const { value, arms } of result.segments) {
        for (const { variant, moments } of arms) {
          const own = final.filter(
            ({ unit }) => unit.variant === variant && unit.attributes.country === value,
          );
          expectMoments(moments, momentsOf(own, declared, cap), `${declared.key} ${value} ${variant}`);
        }
      }
    }
  });

  test('a log replayed twice in another order gives identical aggregates', async () => {
    const { db } = database();
    const results: string[] = [];
    for (const [i, shuffle] of [undefined, seeded(5), seeded(6)].entries()) {
      const environment = `replay-${i}`;
      const world = inventWorld(9, environment);
      await store(db, world, shuffle);
      const scope = { environment, experiment: world.experiment, metrics: METRICS, cutoff: world.cutoff };
      await rebuildUnitDays(db, scope);
      results.push(JSON.stringify(await metricAggregates(db, scope)));
    }
    expect(results[1]).toBe(results[0]);
    expect(results[2]).toBe(results[0]);
  });

  test('days are the same wherever the process runs', async () => {
    const { db } = database();
    const before = process.env.TZ;
    const results: string[] = [];
    try {
      for (const [i, zone] of ['UTC', 'Pacific/Kiritimati'].entries()) {
        process.env.TZ = zone;
        expect(new Date(START).getTimezoneOffset()).toBe(i === 0 ? 0 : -14 * 60);
        const environment = `zone-${i}`;
        const world = inventWorld(10, environment);
        await store(db, world);
        const scope = { environment, experiment: world.experiment, metrics: METRICS, cutoff: world.cutoff };
        await rebuildUnitDays(db, scope);
        results.push(JSON.stringify(await metricAggregates(db, scope)));
      }
    } finally {
      if (before === undefined) delete process.env.TZ;
      else process.env.TZ = before;
    }
    expect(results[1]).toBe(results[0]);
  });

  test('tables that were filled just now are given statistics, once', async () => {
    const { db } = database();
    const environment = 'statistics';
    await store(db, inventWorld(8, environment));
    const known = () =>
      db.pool.query(
        `select distinct tablename from pg_stats where attname = 'unit' and schemaname = current_schema()
         and tablename ~ '^(request|outcome)_' order by 1`,
      );
    await refreshStatistics(db);
    const { rows: partitions } = await db.pool.query(
      `select inhrelid::regclass::text as tablename from pg_inherits
       where inhparent in ('request'::regclass, 'outcome'::regclass) and pg_relation_size(inhrelid) > 0 order by 1`,
    );
    const { rows } = await known();
    expect(partitions.length).toBeGreaterThan(20);
    expect(rows).toEqual(partitions);
    const stamp = () =>
      db.pool.query(`select sum(analyze_count) as n from pg_stat_user_tables
        where schemaname = current_schema() and relname ~ '^(request|outcome)_'`);
    const first = (await stamp()).rows;
    await refreshStatistics(db);
    expect((await stamp()).rows).toEqual(first);
    expect(first[0].n).toBeGreaterThanOrEqual(partitions.length);
  });

  test('a measure that its event does not have is named', async () => {
    const { db } = database();
    const world = inventWorld(1, 'bad');
    const bad = metric('oops', measure('request', 'sum', { field: 'mood' }));
    const scope = { environment: 'bad', experiment: world.experiment, metrics: [bad], cutoff: world.cutoff };
    await expect(rebuildUnitDays(db, scope)).rejects.toThrow(
      'metric oops: sum(mood) of request is unknown; it should be one of latency_ms',
    );
  });
});
