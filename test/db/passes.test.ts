import { v7 } from 'uuid';
import { expect, test } from 'vitest';
import { coverageAggregates } from '../../src/db/aggregates/coverage.ts';
import { healthAggregates } from '../../src/db/aggregates/health.ts';
import { preferenceAggregates } from '../../src/db/aggregates/preference.ts';
import { quantileAggregates } from '../../src/db/aggregates/quantiles.ts';
import { rebuildUnitDays } from '../../src/db/aggregates/unit-days.ts';
import type { Database } from '../../src/db/connect.ts';
import { createEventLog } from '../../src/db/event-log.ts';
import type { OutcomeRecord, RequestRecord } from '../../src/events/records.ts';
import { describeEachDatabase } from '../support/databases.ts';
import { enrolledUnits, type World } from './attribution-oracle.ts';
import { DAY, inventWorld, measure, metric, START, seeded } from './attribution-world.ts';

const LATENCY = measure('request', 'sum', { field: 'latency_ms' });
const METRICS = [
  metric('p50', LATENCY, { kind: 'quantile', q: 0.5 }),
  metric('p95', LATENCY, { kind: 'quantile', q: 0.95, scale: 2 }),
  metric('slots_p50', measure('request', 'sum', { field: 'slots', where: { surface: 'browse' } }), {
    kind: 'quantile',
    q: 0.5,
  }),
  metric('coverage', measure('request', 'count'), { kind: 'coverage' }),
  metric('coverage_7d', measure('request', 'count', { window: { fromMs: 0, toMs: 7 * DAY } }), {
    kind: 'coverage',
  }),
];

async function stored(db: Database, world: World, environment: string, receivedAfterMs = 0) {
  const byDelay = createEventLog(db, { now: () => START + 30 * DAY });
  const prompt = createEventLog(db, { now: () => START - 2 * DAY + receivedAfterMs });
  await prompt.append({ requests: world.requests, exposures: world.exposures });
  const half = Math.floor(world.outcomes.length / 2);
  await prompt.appendOutcomes(world.outcomes.slice(0, half));
  await byDelay.appendOutcomes(world.outcomes.slice(half));
  const scope = { environment, experiment: world.experiment, metrics: METRICS, cutoff: world.cutoff };
  await rebuildUnitDays(db, scope);
  return { scope, half };
}

const near = (actual: number, expected: number) => expect(actual).toBeCloseTo(expected, 9);

await describeEachDatabase('aggregates of requests', (database) => {
  test('health counts what the loop counts', async () => {
    const { db } = database();
    const plain = inventWorld(11, 'health');
    const { analysis } = plain.experiment;
    const world = {
      ...plain,
      experiment: {
        ...plain.experiment,
        stratify: ['country', 'device'],
        analysis: { ...analysis, exploratory: ['device', 'nothing'] },
      },
      exposures: plain.exposures.map((exposure, i) => ({ ...exposure, phase: i % 3 })),
    };
    const { scope, half } = await stored(db, world, 'health');
    await db.pool.query(
      `insert into dead_letter (environment, received_at, reason, record)
      values ('health', $1, 'r', '{}'), ('health', $2, 'r', '{}')`,
      [START, START - 1],
    );
    const { experiment, cutoff } = world;
    const first = new Map<string, (typeof world.exposures)[number]>();
    const variants = new Map<string, Set<string>>();
    const forced = new Set<string>();
    for (const exposure of world.exposures) {
      const seen = first.get(exposure.unit);
      if (!seen || exposure.at < seen.at) first.set(exposure.unit, exposure);
      variants.set(exposure.unit, (variants.get(exposure.unit) ?? new Set()).add(exposure.variant));
      if (exposure.forced) forced.add(exposure.unit);
    }
    const enrolled = [...first.values()].filter(
      ({ at }) => at >= START && at < Math.min(START + experiment.durationMs, cutoff),
    );
    const health = await healthAggregates(db, scope);
    expect(health.arms).toEqual(
      ['a', 'b'].map((variant) => {
        const own = enrolled.filter((one) => one.variant === variant);
        const marked = own.filter(({ unit }) => forced.has(unit)).length;
        return { variant, units: own.length - marked, forced: marked };
      }),
    );
    const analysed = enrolled.filter(({ unit }) => !forced.has(unit));
    expect(health.crossed).toBe(analysed.filter(({ unit }) => (variants.get(unit)?.size ?? 0) > 1).length);
    expect(health.crossed).toBeGreaterThan(0);
    expect(health.exposuresByDay.reduce((n, day) => n + day.units, 0)).toBe(analysed.length);
    for (const { date, variant, units } of health.exposuresByDay) {
      expect(units).toBe(
        analysed.filter((one) => one.variant === variant && new Date(one.at).toISOString().startsWith(date))
          .length,
      );
    }
    const attributes = ['country', 'device', 'nothing'];
    const cutOf = (one: (typeof analysed)[number], by: string) =>
      by === 'phase' ? String(one.phase) : (one.attributes[by] ?? '');
    expect(health.cuts).toEqual(
      ['phase', ...attributes].flatMap((by) =>
        [...new Set(analysed.map((one) => cutOf(one, by)))].sort().map((value) => ({
          by,
          value,
          arms: ['a', 'b'].map((variant) => ({
            variant,
            units: analysed.filter((one) => one.variant === variant && cutOf(one, by) === value).length,
          })),
        })),
      ),
    );
    expect(health.cuts?.filter(({ by }) => by === 'phase').length).toBe(3);
    const units = new Map(analysed.map((one) => [one.unit, one]));
    const counted = world.outcomes
      .map((record, i) => ({ record, late: i >= half && START + 30 * DAY - record.at > DAY }))
      .filter(({ record }) => units.has(record.unit) && record.at >= START && record.at < cutoff);
    expect(health.outcomes).toBe(counted.length);
    expect(health.lateOutcomes).toBe(counted.filter(({ late }) => late).length);
    for (const { variant, requests, errors, fallbacks } of health.requests) {
      const own = world.requests.filter((request) => {
        const exposure = units.get(request.unit);
        return (
          exposure?.variant === variant &&
          request.surface === 'homepage' &&
          request.at >= exposure.at &&
          request.at < cutoff
        );
      });
      expect({ requests, errors, fallbacks }).toEqual({
        requests: own.length,
        errors: own.filter(({ error }) => error).length,
        fallbacks: own.filter(({ fallback }) => fallback !== 'none').length,
      });
    }
    expect(health.deadLetters).toBe(1);
  });

  test('quantiles are order statistics, with per-unit counts at or under them', async () => {
    const { db } = database();
    const world = inventWorld(12, 'quantiles', 80);
    const { scope } = await stored(db, world, 'quantiles');
    const results = await quantileAggregates(db, scope);
    expect(results.map(({ metric: key, q }) => [key, q])).toEqual([
      ['p50', 0.5],
      ['p95', 0.95],
      ['slots_p50', 0.5],
    ]);
    for (const { metric: key, q, arms } of results) {
      const surface = key === 'slots_p50' ? 'browse' : 'homepage';
      const fieldOf = (request: RequestRecord) =>
        key === 'slots_p50' ? request.slate.titles.length : request.totalMicros / 1000;
      const scale = key === 'p95' ? 2 : 1;
      for (const { variant, value, moments, density } of arms) {
        const perUnit = enrolledUnits(world)
          .filter((unit) => unit.variant === variant)
          .map((unit) =>
            unit.events.flatMap(({ request }) => (request?.surface === surface ? [fieldOf(request)] : [])),
          )
          .filter((values) => values.length > 0);
        const all = perUnit.flat().sort((a, b) => a - b);
        const quantile = all[Math.ceil(q * all.length) - 1] as number;
        near(value, quantile * scale);
        const x = perUnit.map((values) => values.length);
        const y = perUnit.map((values) => values.filter((one) => one <= quantile).length);
        const dot = (a: number[], b: number[]) => a.reduce((sum, one, i) => sum + one * (b[i] as number), 0);
        const one = x.map(() => 1);
        expect(moments).toEqual({
          n: x.length,
          y: dot(y, one),
          yy: dot(y, y),
          x: dot(x, one),
          xx: dot(x, x),
          xy: dot(x, y),
        });
        // Latencies are uniform on [0, 200) ms: their true density is 1 / 200 per ms; slots take three values.
        if (key === 'p50') expect(density).toBeGreaterThan(0.0025);
        if (key === 'p50') expect(density).toBeLessThan(0.01);
      }
    }
  });

  test('coverage: equal samples, distinct titles, reproducible resamples', async () => {
    const { db } = database();
    const world = inventWorld(13, 'coverage');
    const { scope } = await stored(db, world, 'coverage');
    const [open, week] = await coverageAggregates(db, scope, 30);
    if (!open || !week) throw new Error('two coverage metrics were asked for');
    const sizes = ['a', 'b'].map((variant) =>
      enrolledUnits(world).filter((unit) => unit.variant === variant),
    );
    expect(open.unitsPerArm).toBe(Math.min(...sizes.map((units) => units.length)));
    const smaller = (sizes[0]?.length ?? 0) <= (sizes[1]?.length ?? 0) ? 0 : 1;
    // Of the smaller arm every unit is in the sample.
    for (const [result, end] of [
      [open, Number.POSITIVE_INFINITY],
      [week, 7 * DAY],
    ] as const) {
      const titles = new Set<number>();
      for (const unit of sizes[smaller] ?? []) {
        for (const { request, t } of unit.events) {
          if (request?.surface === 'homepage' && t < unit.opening + end)
            for (const title of request.slate.titles) titles.add(title);
        }
      }
      if (result === open || result.unitsPerArm === sizes[smaller]?.length)
        expect(result.arms[smaller]?.titles).toBe(titles.size);
      for (const { titles: all, resamples } of result.arms) {
        expect(resamples).toHaveLength(200);
        expect(Math.max(...resamples)).toBeLessThanOrEqual(all);
        expect(new Set(resamples).size).toBeGreaterThan(1);
      }
    }
    expect(await coverageAggregates(db, scope, 30)).toEqual([open, week]);
  });

  test('preference credits the team of the clicked slot, once per slot', async () => {
    const { db } = database();
    const environment = 'interleaving';
    const base = inventWorld(14, environment);
    const random = seeded(15);
    const outcomes: OutcomeRecord[] = [];
    const expected = new Map<string, number>();
    const enrolled = new Set(enrolledUnits(base));
    const opening = new Map(base.exposures.map(({ unit }) => [unit, undefined as number | undefined]));
    const byUnit = new Map<string, number>();
    for (const unit of enrolled) {
      const request = unit.events.find((event) => event.request)?.request;
      if (request) byUnit.set(request.unit, unit.opening);
    }
    for (const [unit, at] of byUnit) opening.set(unit, at);
    let impressions = 0;
    const requests = base.requests.map((request) => {
      const slate = {
        ...request.slate,
        titles: Int32Array.of(4, 9, 2),
        scores: new Float32Array(3),
        sources: new Uint8Array(3),
        propensities: new Float32Array(3),
        because: new Int32Array(3),
        teams: Uint8Array.of(0, 1, 255),
      };
      const interleaved = random() < 0.8;
      const clicked = [4, 9, 9, 2, 77].filter(() => random() < 0.4);
      for (const title of clicked) {
        outcomes.push({
          environment,
          id: v7({ msecs: request.at }),
          unit: request.unit,
          at: request.at,
          requestId: request.id,
          items: [{ name: 'click', value: 1, title, afterMs: 10 }],
        });
      }
      const from = opening.get(request.unit);
      if (
        interleaved &&
        from !== undefined &&
        request.at >= from &&
        request.at < base.cutoff &&
        request.surface === 'homepage'
      ) {
        impressions++;
        const credit = Number(clicked.includes(9)) - Number(clicked.includes(4));
        expected.set(request.unit, (expected.get(request.unit) ?? 0) + credit);
      }
      return interleaved ? { ...request, slate } : request;
    });
    const world = { ...base, requests, outcomes: [...base.outcomes, ...outcomes] };
    const { scope } = await stored(db, world, environment);
    const credits = [...expected.values()];
    expect(impressions).toBeGreaterThan(50);
    expect(await preferenceAggregates(db, scope)).toEqual({
      variants: ['a', 'b'],
      n: credits.length,
      d: credits.reduce((sum, d) => sum + d, 0),
      dd: credits.reduce((sum, d) => sum + d * d, 0),
      firstWins: credits.filter((d) => d < 0).length,
      ties: credits.filter((d) => d === 0).length,
      secondWins: credits.filter((d) => d > 0).length,
      impressions,
      histogram: [...new Set(credits)]
        .sort((a, b) => a - b)
        .map((difference) => ({
          difference,
          units: credits.filter((one) => one === difference).length,
        })),
    });
  });
});
