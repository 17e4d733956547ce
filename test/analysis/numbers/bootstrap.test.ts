import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  accelerationOf,
  bcaInterval,
  bootstrap,
  percentileInterval,
  type Rows,
} from '../../../src/analysis/numbers/bootstrap.ts';
import { errorOf, normal, uniform } from '../draws.ts';
import { expectNear } from '../vectors.ts';

interface Case {
  readonly estimate: number;
  readonly standardError: number;
  readonly acceleration: number;
  readonly limits: readonly {
    readonly level: number;
    readonly percentile: readonly [number, number];
    readonly bca: readonly [number, number];
  }[];
  readonly influence: readonly number[];
  readonly replicates: readonly number[];
}

const { cases }: { readonly cases: readonly Case[] } = JSON.parse(
  readFileSync(new URL('../../cases/bootstrap.json', import.meta.url), 'utf8'),
);

const meanOf = (values: readonly number[], rows: Rows) =>
  rows.reduce((sum, row) => sum + (values[row] as number), 0) / rows.length;

describe('limits from given replicates, against boot.ci in R', () => {
  it.each(cases.flatMap((one) => one.limits.map((limits) => ({ ...one, ...limits }))))(
    'level $level of $estimate',
    ({ level, percentile, bca, ...expected }) => {
      const acceleration = accelerationOf([expected.influence]);
      expectNear(acceleration, expected.acceleration);
      const found = { ...expected, acceleration, replicates: Float64Array.from(expected.replicates) };
      const corrected = bcaInterval(found, 1 - level);
      if (!corrected.ok) throw new Error(corrected.reason);
      for (const side of [0, 1] as const) {
        expectNear(percentileInterval(found, 1 - level)[side], percentile[side]);
        expectNear(corrected.value[side], bca[side]);
      }
    },
  );
});

describe('bootstrap over units', () => {
  const random = uniform(5);
  const arms = [80, 120].map((n) => Array.from({ length: n }, () => Math.exp(normal(random))));
  const sizes = arms.map(({ length }) => length);
  const effect = (rows: readonly Rows[]) =>
    meanOf(arms[0] as number[], rows[0] as Rows) - meanOf(arms[1] as number[], rows[1] as Rows);

  it('has the standard error of a difference of means, within its Monte Carlo error', () => {
    const found = bootstrap(sizes, effect, uniform(1), 4000);
    if (!found.ok) throw new Error(found.reason);
    const variance = arms.reduce((sum, values) => {
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      return sum + values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length ** 2;
    }, 0);
    // A standard deviation of 4,000 replicates is off by 1 / sqrt(8,000) = 1.1 %.
    expectNear(found.value.standardError, Math.sqrt(variance), 0.045);
    expectNear(found.value.estimate, effect(sizes.map((n) => Int32Array.from({ length: n }, (_, i) => i))));
  });

  it('gives the same interval for the same seed', () => {
    const run = () => {
      const found = bootstrap(sizes, effect, uniform(3), 300);
      return found.ok && percentileInterval(found.value, 0.05);
    };
    expect(run()).toEqual(run());
  });

  it('covers the mean of a skewed population about as often as BCa says', () => {
    const draws = uniform(11);
    const runs = 200;
    let held = 0;
    for (let run = 0; run < runs; run++) {
      const values = Array.from({ length: 60 }, () => Math.exp(normal(draws)));
      const found = bootstrap([60], ([rows]) => meanOf(values, rows as Rows), draws, 400);
      const bca = found.ok ? bcaInterval(found.value, 0.1) : found;
      if (bca.ok && bca.value[0] <= Math.exp(0.5) && Math.exp(0.5) <= bca.value[1]) held += 1;
    }
    // Skewness 6.2 and 60 units: below its level of 90 % by some points, as known of the method.
    expect(held / runs).toBeGreaterThan(0.87 - 4 * errorOf(0.87, runs));
    expect(held / runs).toBeLessThan(0.97);
  });

  it.each([
    ['no arms', [], () => 1, 500, /at least 2 units/],
    ['one unit', [5, 1], () => 1, 500, /at least 2 units in each arm, has 1/],
    ['few resamples', [5, 5], () => 1, 50, /at least 200 resamples/],
    ['a constant statistic', [5, 5], () => 1, 500, /same on every resample/],
    ['no number', [5, 5], () => Number.NaN, 500, /cannot be computed/],
  ])('refuses %s with a reason', (_, units, statistic, resamples, pattern) => {
    const found = bootstrap(units, statistic, uniform(1), resamples);
    expect(found.ok ? '' : found.reason).toMatch(pattern);
  });

  it('has no BCa interval where all replicates lie on one side', () => {
    // Distinct units: all of them in the data, fewer in every resample.
    const found = bootstrap([50], ([rows]) => new Set(rows).size, uniform(2), 300);
    const bca = found.ok ? bcaInterval(found.value, 0.05) : found;
    expect(bca.ok ? '' : bca.reason).toMatch(/one side/);
  });
});
