import { expect, test } from 'vitest';
import { measureSet } from '../../src/db/aggregates/measures.ts';
import { metricAggregates } from '../../src/db/aggregates/metrics.ts';
import { rebuildUnitDays } from '../../src/db/aggregates/unit-days.ts';
import type { Database } from '../../src/db/connect.ts';
import { createEventLog } from '../../src/db/event-log.ts';
import type { Measure } from '../../src/declarations.ts';
import { describeEachDatabase } from '../support/databases.ts';
import type { World } from './attribution-oracle.ts';
import { DAY, inventWorld, measure, metric } from './attribution-world.ts';

const WEEK = 7 * DAY;
const days = (from: number, to?: number) => ({
  window: { fromMs: from * DAY, ...(to === undefined ? {} : { toMs: to * DAY }) },
});

const MEASURES: readonly Measure[] = [
  measure('click', 'count'),
  measure('click', 'count', days(-9, 0)),
  measure('click', 'count', days(-9, -2)),
  measure('watch', 'sum', days(-4, 0)),
  measure('watch', 'sum', { ...days(-4, 3), where: { surface: 'browse' } }),
  measure('play', 'sum', { where: { minValue: 900 } }),
  measure('play', 'distinct', { ...days(-9, 0), field: 'title' }),
  measure('play', 'distinct', { ...days(-3, 0), field: 'title' }),
  measure('play', 'distinct', { field: 'title' }),
  measure('request', 'count', days(-2, 0)),
  measure('request', 'sum', { field: 'slots' }),
];

/** A measure of one unit by its definition: one loop over the events as they were sent. */
function expected(world: World, unit: string, opening: number, asked: Measure): number {
  const { fromMs, toMs = Number.POSITIVE_INFINITY } = asked.window;
  const { surface, minValue = Number.NEGATIVE_INFINITY } = asked.where;
  const events =
    asked.event === 'request'
      ? world.requests
          .filter((request) => request.surface === 'homepage')
          .map((request) => ({ ...request, t: request.at, value: request.slate.titles.length, title: -1 }))
      : world.outcomes.flatMap((record) =>
          record.items
            .filter(({ name }) => name === asked.event)
            .map((item) => ({ ...record, ...item, t: record.at + item.afterMs })),
        );
  const counted = events.filter(
    (event) =>
      event.unit === unit &&
      event.t >= opening + fromMs &&
      event.t < Math.min(world.cutoff, opening + toMs) &&
      (surface === undefined || event.surface === surface) &&
      event.value >= minValue,
  );
  if (asked.aggregate === 'sum') return counted.reduce((sum, { value }) => sum + value, 0);
  if (asked.aggregate === 'count') return counted.length;
  const seen = counted.filter(({ title }) => title >= 0);
  return new Set(seen.map(({ t, title }) => `${Math.floor((t - opening) / WEEK)} ${title}`)).size;
}

/** The only set of an environment. */
async function storedSet(db: Database, environment: string) {
  const sets = await db.pool.query<{ id: number; size: number }>(
    'select id, jsonb_array_length(measures) as size from unit_day_set where environment = $1',
    [environment],
  );
  const [{ id, size } = { id: 0, size: 0 }] = sets.rows;
  const measures = Array.from({ length: size }, (_, i) => `m${i + 1}`);
  return {
    id,
    enrolled: await db.pool.query<{ unit: string; opening: number }>(`select unit, opening from unit_${id}`),
    stored: await db.pool.query<{ unit: string; day: number; experiment_day: number; measures: number[] }>(
      `select unit, day, experiment_day, array[${measures}] as measures
       from unit_day_${id} join unit_${id} using (number) order by unit, day, experiment_day`,
    ),
  };
}

async function storedScope(db: Database, environment: string, seed: number) {
  const world = inventWorld(seed, environment, 40);
  const log = createEventLog(db);
  await log.append({ requests: world.requests, exposures: world.exposures });
  await log.appendOutcomes(world.outcomes);
  await log.close();
  const metrics = MEASURES.map((one, i) => metric(`m${i}`, one));
  return { environment, experiment: world.experiment, metrics, cutoff: world.cutoff };
}

await describeEachDatabase('roll-up', (database) => {
  test.each([21, 22])(
    'days before the opening hold what windows before it ask for, world %i',
    async (seed) => {
      const { db } = database();
      const environment = `before-${seed}`;
      const world = inventWorld(seed, environment, 60);
      const log = createEventLog(db);
      await log.append({ requests: world.requests, exposures: world.exposures });
      await log.appendOutcomes(world.outcomes);
      await log.close();
      const metrics = MEASURES.map((one, i) => metric(`m${i}`, one));
      const scope = { environment, experiment: world.experiment, metrics, cutoff: world.cutoff };
      const set = measureSet(scope);
      expect(set.daysBefore).toEqual([-9, -4, -3, -2, 0]);
      const { units, unitDays } = await rebuildUnitDays(db, scope);
      const { enrolled, stored } = await storedSet(db, environment);
      expect(enrolled.rows).toHaveLength(units);
      expect(stored.rows).toHaveLength(unitDays);
      const keys = stored.rows.map((row) => `${row.unit} ${row.day} ${row.experiment_day}`);
      expect(new Set(keys).size).toBe(keys.length);
      const before = stored.rows.filter(({ day }) => day < 0);
      expect(new Set(before.map(({ day }) => day))).toEqual(new Set([-9, -4, -3, -2]));
      expect(before.every((row) => row.experiment_day === -1)).toBe(true);
      expect(stored.rows.every((row) => row.day < 0 || row.experiment_day >= 0)).toBe(true);
      const totals = MEASURES.map(() => 0);
      for (const { unit, opening } of enrolled.rows) {
        const own = stored.rows.filter((row) => row.unit === unit);
        for (const [i, asked] of MEASURES.entries()) {
          const { fromMs, toMs = Number.POSITIVE_INFINITY } = asked.window;
          const kept = own
            .filter(({ day }) => day * DAY >= fromMs && day * DAY < toMs)
            .reduce((sum, row) => sum + (row.measures[set.position(asked) - 1] ?? 0), 0);
          expect(kept, `${unit} m${i}`).toBe(expected(world, unit, opening, asked));
          totals[i] = (totals[i] ?? 0) + kept;
        }
      }
      expect(Math.min(...totals)).toBeGreaterThan(0);
      // What no window before the opening asks for is not counted there.
      for (const i of [5, 8, 10]) {
        const position = set.position(MEASURES[i] as Measure) - 1;
        expect(before.every((row) => row.measures[position] === 0)).toBe(true);
      }
    },
  );

  test('whole records and their items add up to the same', async () => {
    const { db } = database();
    const scope = await storedScope(db, 'whole', 23);
    await rebuildUnitDays(db, scope);
    const { rows } = (await storedSet(db, 'whole')).stored;
    const known = await db.pool.query<{ whole: number; others: number }>(
      `select count(whole_ms) as whole, count(*) - count(whole_ms) as others from outcome where environment = 'whole'`,
    );
    expect(known.rows[0]?.whole).toBeGreaterThan(0);
    expect(known.rows[0]?.others).toBeGreaterThan(0);
    await db.pool.query(`update outcome set whole_ms = null where environment = 'whole'`);
    await rebuildUnitDays(db, scope);
    expect((await storedSet(db, 'whole')).stored.rows).toEqual(rows);
  });

  test('a roll-up that a crash emptied, or another one replaced, is made anew', async () => {
    const { db } = database();
    const all = await storedScope(db, 'anew', 24);
    const scope = { ...all, metrics: all.metrics.filter(({ numerator: { window } }) => window.fromMs === 0) };
    await rebuildUnitDays(db, scope);
    const metrics = JSON.stringify(await metricAggregates(db, scope));
    const { id } = await storedSet(db, 'anew');
    await db.pool.query(`truncate unit_${id}, unit_day_${id}`);
    expect(JSON.stringify(await metricAggregates(db, scope))).toBe(metrics);
    await rebuildUnitDays(db, { ...scope, cutoff: scope.cutoff - DAY });
    expect(JSON.stringify(await metricAggregates(db, scope))).toBe(metrics);
    const tables = await db.pool.query(
      `select relname from pg_class where relnamespace = current_schema()::regnamespace
       and relname ~ '^(unit_|unit_day_|analysed_|checkpoint_)[0-9a-z_]*[0-9]$' and relkind = 'r'`,
    );
    const sets = await db.pool.query('select id from unit_day_set');
    expect(tables.rows).toHaveLength(3 * sets.rows.length);
  });
});
