import { expect, test } from 'vitest';
import type { CovariateSums } from '../../src/analysis/aggregates.ts';
import { metricAggregates } from '../../src/db/aggregates/metrics.ts';
import { rebuildUnitDays } from '../../src/db/aggregates/unit-days.ts';
import type { Experiment } from '../../src/declarations.ts';
import { describeEachDatabase } from '../support/databases.ts';
import {
  capOf,
  enrolledUnits,
  isIn,
  type Unit,
  valueBefore,
  valueBetween,
  valuesAt,
  type World,
} from './attribution-oracle.ts';
import { DAY, inventWorld, measure, metric, START, seeded } from './attribution-world.ts';
import { expectArms, expectDays, expectOnce, inArm } from './further-oracle.ts';
import { store } from './stored-world.ts';

const WEEK = 7 * DAY;
const days = (from: number, to?: number) => ({
  fromMs: from * DAY,
  ...(to === undefined ? {} : { toMs: to * DAY }),
});
const clicks = measure('click', 'count');
const us = { attribute: { name: 'country', equals: 'US' } };

/** Those measured since the opening. */
const OUTCOMES = [
  metric('clicks', clicks),
  metric('watch_capped', measure('watch', 'sum'), { scale: 1 / 3600, cap: 0.8 }),
  metric('ctr', clicks, { kind: 'ratio', denominator: measure('play', 'count'), scale: 100 }),
  metric('ctr_capped', measure('watch', 'sum'), {
    kind: 'ratio',
    denominator: measure('play', 'count'),
    cap: 0.7,
  }),
  metric('clicks_per_unit', clicks, { kind: 'ratio', denominator: measure('unit', 'count') }),
  metric('idle_per_unit', measure('click', 'absent'), { kind: 'ratio', denominator: clicks }),
  metric('ratio_of_absent', clicks, { kind: 'ratio', denominator: measure('play', 'absent') }),
  metric('hours_per_week', measure('watch', 'sum'), { perWeek: true, scale: 1 / 3600 }),
  metric('hours_per_week_capped', measure('watch', 'sum'), { perWeek: true, scale: 1 / 3600, cap: 0.9 }),
  metric('genres_per_week', measure('play', 'distinct', { field: 'genre' }), { perWeek: true }),
  metric('retention_7d', measure('session_start', 'exists', { window: days(1, 7) }), {
    kind: 'proportion',
    scale: 100,
  }),
  metric('retention_open', measure('session_start', 'exists', { window: days(1) }), { kind: 'proportion' }),
  metric('late_clicks', measure('click', 'count', { window: days(9) })),
  metric('second_week', measure('click', 'count', { window: days(7, 14) })),
  metric('never', measure('click', 'absent'), { kind: 'proportion' }),
  metric('american_clicks', measure('click', 'count', { where: us })),
  metric('nothing', measure('never_sent', 'count')),
];

/** Measured before it: covariates. */
const EARLIER = [
  metric('watch_before', measure('watch', 'sum', { window: days(-28, 0) }), { scale: 1 / 3600 }),
  metric('clicks_before', measure('click', 'count', { window: days(-7, -1) })),
  metric('american_before', measure('click', 'count', { where: us, window: days(-14, 0) })),
  metric('active_before', measure('watch', 'exists', { window: days(-28, 0) })),
  metric('genres_before', measure('play', 'distinct', { field: 'genre', window: days(-21, 0) })),
  metric('titles_before', measure('play', 'distinct', { field: 'title', window: days(-10, -2) })),
  metric('requests_before', measure('request', 'count', { window: days(-28, 0) })),
];
const COVARIATES = [...EARLIER.map(({ key }) => key), 'age', 'unknown'];
const METRICS = [...OUTCOMES, ...EARLIER];

function invented(seed: number, environment: string, start = START): World {
  const world = inventWorld(seed, environment, 60);
  const random = seeded(seed + 100);
  const { experiment } = world;
  const keys = OUTCOMES.map(({ key }) => ({ metric: key }));
  return {
    ...world,
    exposures: world.exposures.map((exposure) => {
      const age = ['34', ' 2.5e1', '-7.25', 'old', '.5', undefined][Math.floor(random() * 6)];
      return { ...exposure, attributes: { ...exposure.attributes, ...(age !== undefined && { age }) } };
    }),
    experiment: {
      ...experiment,
      startMs: start,
      stratify: ['country', 'device'],
      metrics: { success: keys, guardrails: [], secondary: [] },
      analysis: { ...experiment.analysis, exploratory: ['device'], covariates: COVARIATES },
    },
  };
}

/** Value of each covariate by unit. */
function covariatesOf(world: World, units: readonly Unit[]): Map<string, number[]> {
  const ages = units.map((unit) => {
    const age = unit.attributes.age ?? 'none';
    return Number.isNaN(Number(age)) ? undefined : Number(age);
  });
  const known = ages.filter((age) => age !== undefined);
  const mean = known.reduce((sum, age) => sum + age, 0) / known.length;
  return new Map(
    units.map((unit, i) => [
      idOf(unit),
      [...EARLIER.map((one) => valueBefore(world, unit, one.numerator) * one.scale), ages[i] ?? mean, 0],
    ]),
  );
}

const idOf = (unit: Unit) =>
  JSON.stringify([unit.opening, unit.variant, unit.attributes, unit.events.length]);

function expectCovariates(
  actual: CovariateSums | undefined,
  own: readonly { y: number; x: number; z: readonly number[] }[],
  label: string,
) {
  const sum = (of: (one: (typeof own)[number]) => number) => own.reduce((total, one) => total + of(one), 0);
  const each = (of: (k: number) => unknown) => COVARIATES.map((_, k) => of(k));
  const at = (z: readonly number[], k: number) => z[k] as number;
  const expected = {
    z: each((k) => sum(({ z }) => at(z, k))),
    zz: each((k) => each((j) => sum(({ z }) => at(z, k) * at(z, j)))),
    zy: each((k) => sum(({ z, y }) => at(z, k) * y)),
    zx: each((k) => sum(({ z, x }) => at(z, k) * x)),
  };
  const flat = (of: unknown) =>
    JSON.stringify(of)
      .match(/-?[\d.]+(e[-+]\d+)?/g)
      ?.map(Number) ?? [];
  const [a, b] = [flat(actual), flat(expected)];
  expect(a.length, label).toBe(b.length);
  for (const [i, one] of a.entries()) {
    const other = b[i] as number;
    expect(Math.abs(one - other), `${label}: ${one} for ${other}`).toBeLessThan(
      1e-9 * Math.max(1, Math.abs(other)),
    );
  }
}

await describeEachDatabase('further sums', (database) => {
  test.each([
    [1, START],
    // Weekdays are those of UTC days, wherever in them the experiment begins.
    [2, START + DAY / 2 + 1],
  ])('equal the plain-loop oracle, world %i', async (seed, start) => {
    const { db } = database();
    const environment = `further-${seed}`;
    const world = invented(seed, environment, start);
    await store(db, world);
    const scope = { environment, experiment: world.experiment, metrics: METRICS, cutoff: world.cutoff };
    await rebuildUnitDays(db, scope);
    const results = await metricAggregates(db, scope);
    expect(results.map((result) => result.metric)).toEqual(OUTCOMES.map(({ key }) => key));
    const units = enrolledUnits(world);
    const covariates = covariatesOf(world, units);
    expect([...covariates.values()].filter(([watch]) => watch !== 0).length).toBeGreaterThan(20);
    for (const declared of OUTCOMES) {
      const { key } = declared;
      const result = results.find((one) => one.metric === key);
      if (!result) throw new Error(key);
      const final = valuesAt(world, declared, world.cutoff);
      const cap = declared.cap === undefined ? Number.POSITIVE_INFINITY : capOf(final, declared.cap);

      expect(result.covariates).toEqual(COVARIATES);
      const adjusted = (values: typeof final) =>
        values.map(({ unit, y, x }) => ({
          x,
          y: Math.min(y, cap) * declared.scale,
          z: covariates.get(idOf(unit)) as number[],
        }));
      for (const { variant, moments } of result.arms)
        expectCovariates(moments.z, adjusted(inArm(final, variant)), `${key} ${variant}`);

      const stratumOf = ({ attributes }: Unit) => `${attributes.country} / ${attributes.device ?? ''}`;
      const strata = [...new Set(final.map(({ unit }) => stratumOf(unit)))].sort();
      expect(result.strata?.map((one) => one.key)).toEqual(strata);
      for (const { key: stratum, arms } of result.strata ?? []) {
        const own = final.filter(({ unit }) => stratumOf(unit) === stratum);
        expectArms(arms, own, declared, cap, `${key} ${stratum}`);
        for (const { variant, moments } of arms)
          expectCovariates(moments.z, adjusted(inArm(own, variant)), `${key} ${stratum} ${variant}`);
      }

      for (const attribute of ['country', 'device']) {
        const of = ({ attributes }: Unit) => attributes[attribute] ?? '';
        const found = result.segments.filter((one) => one.attribute === attribute);
        expect(found.map(({ value }) => value)).toEqual(
          [...new Set(final.map(({ unit }) => of(unit)))].sort(),
        );
        for (const { value, arms } of found) {
          const own = final.filter(({ unit }) => of(unit) === value);
          expectArms(arms, own, declared, cap, `${key} ${attribute} ${value}`);
          for (const { variant, moments } of arms)
            expectCovariates(
              moments.z,
              adjusted(inArm(own, variant)),
              `${key} ${attribute} ${value} ${variant}`,
            );
        }
      }

      if (declared.cap === undefined) expect(result.cap).toBeUndefined();
      else expect(result.cap).toEqual({ quantile: declared.cap, value: cap * declared.scale });
      if (declared.kind === 'mean') expect(result.shape?.length).toBe(2);
      else expect(result.shape).toBeUndefined();
      for (const { variant, zeros, cubed, capped } of result.shape ?? []) {
        const own = inArm(final, variant);
        const y = own.map((one) => Math.min(one.y, cap) * declared.scale);
        const mean = y.reduce((sum, one) => sum + one, 0) / y.length;
        const third = y.reduce((sum, one) => sum + (one - mean) ** 3, 0);
        const size = y.reduce((sum, one) => sum + Math.abs(one - mean) ** 3, 0);
        expect(Math.abs(cubed - third), `${key} ${variant} ${cubed} for ${third}`).toBeLessThanOrEqual(
          1e-11 * size,
        );
        expect(zeros).toBe(y.filter((one) => one === 0).length);
        expect(capped).toBe(own.filter((one) => one.y > cap).length);
      }

      const open = declared.perWeek || !/7d|second_week/.test(key);
      expect(result.once !== undefined, key).toBe(open);
      if (result.once) expectOnce(world, declared, result.once);

      expect(result.novelty !== undefined, key).toBe(
        declared.kind === 'mean' && open && key !== 'late_clicks',
      );
      const lived = units.filter((unit) => isIn(declared, unit) && unit.opening + 2 * WEEK <= world.cutoff);
      const week = (unit: Unit, w: number) =>
        valueBetween(world, unit, declared.numerator, unit.opening + w * WEEK, unit.opening + (w + 1) * WEEK);
      const weeks = lived.map((unit) => ({ unit, y: week(unit, 1), x: week(unit, 0) * declared.scale }));
      if (result.novelty)
        expectArms(result.novelty, weeks, declared, Number.POSITIVE_INFINITY, `${key} novelty`);

      expectDays(world, units, declared, result);
    }
  });

  test('a log replayed twice in another order gives identical sums', async () => {
    const { db } = database();
    const results: string[] = [];
    for (const [i, shuffle] of [undefined, seeded(5), seeded(6)].entries()) {
      const environment = `further-replay-${i}`;
      const world = invented(9, environment);
      await store(db, world, shuffle);
      const scope = { environment, experiment: world.experiment, metrics: METRICS, cutoff: world.cutoff };
      await rebuildUnitDays(db, scope);
      results.push(JSON.stringify(await metricAggregates(db, scope)));
    }
    expect(results[1]).toBe(results[0]);
    expect(results[2]).toBe(results[0]);
  });

  test('sums past 64 bits stay exact', async () => {
    const { db } = database();
    const environment = 'further-wide';
    const plainWorld = invented(4, environment);
    const world = {
      ...plainWorld,
      outcomes: plainWorld.outcomes.map((record) => ({
        ...record,
        items: record.items.map((item) => ({ ...item, value: item.value * 1_000_000_007 })),
      })),
    };
    await store(db, world);
    const metrics = METRICS.filter(({ key }) => /watch|hours/.test(key));
    const experiment: Experiment = {
      ...world.experiment,
      analysis: { ...world.experiment.analysis, covariates: ['watch_before'] },
    };
    const scope = { environment, experiment, metrics, cutoff: world.cutoff };
    await rebuildUnitDays(db, scope);
    const results = await metricAggregates(db, scope);
    for (const declared of metrics.filter(({ key }) => key !== 'watch_before')) {
      const result = results.find((one) => one.metric === declared.key);
      const final = valuesAt(world, declared, world.cutoff);
      const cap = declared.cap === undefined ? Number.POSITIVE_INFINITY : capOf(final, declared.cap);
      expectArms(result?.arms ?? [], final, declared, cap, declared.key);
      expectDays(world, enrolledUnits(world), declared, result ?? {});
    }
  });

  test('no attributes, no covariates, no units: nothing fails', async () => {
    const { db } = database();
    const world = invented(3, 'further-none');
    const experiment: Experiment = {
      ...world.experiment,
      stratify: [],
      analysis: { ...world.experiment.analysis, segments: [], exploratory: [], covariates: [] },
    };
    const scope = { environment: 'further-none', experiment, metrics: OUTCOMES, cutoff: START - 1 };
    await rebuildUnitDays(db, scope);
    for (const result of await metricAggregates(db, scope)) {
      expect(result.mature).toBe(0);
      expect(result).not.toHaveProperty('covariates');
      expect(result).not.toHaveProperty('strata');
      expect(result.daily).toEqual([]);
      expect(result.arms.map(({ moments }) => moments.n)).toEqual([0, 0]);
    }
  });

  test('a covariate that the treatment may have moved is refused', async () => {
    const { db } = database();
    const world = invented(3, 'further-late');
    const { analysis } = world.experiment;
    const experiment = { ...world.experiment, analysis: { ...analysis, covariates: ['clicks'] } };
    const scope = { environment: 'further-late', experiment, metrics: OUTCOMES, cutoff: world.cutoff };
    await expect(metricAggregates(db, scope)).rejects.toThrow(
      'covariate clicks is measured after first exposure',
    );
  });
});
