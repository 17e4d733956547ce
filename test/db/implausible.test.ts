import { v7 } from 'uuid';
import { expect, test } from 'vitest';
import { withoutUnits } from '../../src/analysis/implausible.ts';
import { metricAggregates } from '../../src/db/aggregates/metrics.ts';
import { rebuildUnitDays } from '../../src/db/aggregates/unit-days.ts';
import type { Database } from '../../src/db/connect.ts';
import { createEventLog } from '../../src/db/event-log.ts';
import type { OutcomeItem } from '../../src/events/records.ts';
import { describeEachDatabase } from '../support/databases.ts';
import { DAY, experiment, measure, metric, START } from './attribution-world.ts';

const CLICKS = measure('click', 'count');
const METRICS = [
  metric('ctr', CLICKS, { kind: 'ratio', denominator: measure('impressions', 'sum') }),
  metric('watch', measure('watch', 'sum'), { perWeek: true, scale: 1 / 3600 }),
  metric('capped', measure('watch', 'sum'), { cap: 0.9 }),
  metric('early', measure('click', 'exists', { window: { fromMs: 0, toMs: DAY } }), { kind: 'proportion' }),
];
const declared = experiment({
  metrics: { success: [{ metric: 'ctr' }], guardrails: [], secondary: ['watch', 'capped', 'early'] },
});
const cutoff = START + 15 * DAY;

/** Unit u sees 20 titles on each of 8 days. Who clicks all of them does so 160 times. */
async function stored(db: Database, environment: string, units: readonly number[], bots: readonly number[]) {
  const log = createEventLog(db, { now: () => START });
  const item = (name: string, value: number): OutcomeItem => ({ name, value, title: -1, afterMs: 0 });
  await log.append({
    requests: [],
    exposures: units.map((u) => ({
      environment,
      experiment: 'test',
      iteration: 1,
      unit: `u-${u}`,
      variant: u % 2 ? 'a' : 'b',
      at: START + u,
      forced: false,
      phase: 0,
      attributes: { country: 'US' },
      configuration: 'c',
    })),
  });
  await log.appendOutcomes(
    units.flatMap((u) =>
      Array.from({ length: 8 }, (_, day) => {
        const clicks = bots.includes(u) ? 20 : (u * 7 + day) % 5;
        return {
          environment,
          id: v7({ msecs: START + day * DAY + u }),
          unit: `u-${u}`,
          at: START + day * DAY + u,
          surface: 'homepage',
          items: [
            item('impressions', 20),
            ...Array.from({ length: clicks }, () => item('click', 1)),
            item('watch', 100 * u + day),
          ],
        };
      }),
    ),
  );
  await log.close();
  const scope = { environment, experiment: declared, metrics: METRICS, cutoff };
  await rebuildUnitDays(db, scope);
  return metricAggregates(db, scope);
}

const UNITS = Array.from({ length: 24 }, (_, u) => u + 1);

await describeEachDatabase('units that click nearly everything', (database) => {
  test('are summed apart, and what is left is the sums of an experiment without them', async () => {
    const { db } = database();
    const bots = [3, 5, 8];
    const found = await stored(db, 'with-bots', UNITS, bots);
    const clean = await stored(
      db,
      'without-bots',
      UNITS.filter((u) => !bots.includes(u)),
      [],
    );
    expect(found[0]!.implausible!.map(({ moments }) => moments.n)).toEqual([2, 1]);
    for (const [i, { implausible, arms, metric: key }] of found.entries()) {
      if (key === 'capped') continue;
      for (const [arm, { moments }] of withoutUnits(arms, implausible!).entries())
        for (const [column, value] of Object.entries(moments))
          expect(value, `${key} ${column}`).toBeCloseTo(
            clean[i]!.arms[arm]!.moments[column as keyof typeof moments] as number,
            6,
          );
    }
    // The cap stays that of all units.
    expect(found[2]!.cap).toBeDefined();
    for (const { implausible } of clean)
      expect(implausible!.every(({ moments }) => moments.n === 0)).toBe(true);
  });

  test('are not looked for where nothing counts clicks over what was viewed', async () => {
    const { db } = database();
    await stored(db, 'no-share', UNITS, [3]);
    const scope = { environment: 'no-share', experiment: declared, metrics: METRICS.slice(1), cutoff };
    await rebuildUnitDays(db, scope);
    for (const { implausible } of await metricAggregates(db, scope)) expect(implausible).toBeUndefined();
  });
});
