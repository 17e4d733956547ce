import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fixedHorizon } from '../../src/analysis/effect.ts';
import { noveltyChange } from '../../src/analysis/novelty.ts';
import { compareQuantiles, densityWindow, quantile, quantileFrom } from '../../src/analysis/quantile.ts';
import { diagnose, type Shape, shapeOf, skewness } from '../../src/analysis/shape.ts';
import { centredOf } from '../../src/analysis/summation.ts';
import { pooledCap, winsorise } from '../../src/analysis/winsorise.ts';
import { expectNear } from './vectors.ts';

interface Vectors {
  readonly quantiles: readonly {
    readonly name: string;
    readonly values: readonly number[];
    readonly clusters: readonly number[];
    readonly q: number;
    readonly value: number;
    readonly units: number;
    readonly atOrUnder: number;
    readonly density: number;
    readonly standardError: number;
  }[];
  readonly caps: readonly {
    readonly q: number;
    readonly arms: readonly (readonly number[])[];
    readonly cap: number;
    readonly sums: readonly number[];
    readonly capped: readonly number[];
  }[];
  readonly skews: readonly {
    readonly name: string;
    readonly values: readonly number[];
    readonly skewness: number;
    readonly zeros: number;
  }[];
  readonly novelty: readonly {
    readonly arms: readonly (readonly (readonly [number, number])[])[];
    readonly estimate: number;
    readonly standardError: number;
    readonly statistic: number;
    readonly p: number;
  }[];
}

const vectors: Vectors = JSON.parse(readFileSync(new URL('../cases/shape.json', import.meta.url), 'utf8'));

const reasonOf = (result: { readonly ok: boolean; readonly reason?: string }) => result.reason ?? '';
const range = (n: number) => Array.from({ length: n }, (_, i) => i);

describe('quantiles of raw values', () => {
  it.each(vectors.quantiles)('$name: equals the linearisation over units in numpy', (expected) => {
    const arm = quantileFrom(expected.values, expected.q, expected.clusters);
    if (!arm.ok) throw new Error(arm.reason);
    expect(arm.value.value).toBe(expected.value);
    expect(arm.value.moments).toMatchObject({
      n: expected.units,
      y: expected.atOrUnder,
      x: expected.values.length,
    });
    expectNear(arm.value.density, expected.density);
    const found = quantile(arm.value);
    if (!found.ok) throw new Error(found.reason);
    expectNear(Math.sqrt(found.value.variance), expected.standardError);
  });

  it('takes every row for a unit without clusters, and names of units as clusters', () => {
    const { values, clusters, q } = vectors.quantiles[0] as Vectors['quantiles'][0];
    const plain = quantileFrom(values, q);
    expect(plain).toEqual(quantileFrom(values, q, clusters));
    const named = quantileFrom(
      values,
      q,
      clusters.map((cluster) => `user ${cluster}`),
    );
    expect(named).toEqual(plain);
    expect(plain.ok && compareQuantiles(plain.value, plain.value)).toMatchObject({
      ok: true,
      value: { estimate: 0 },
    });
  });

  it.each([
    ['a quantile of 0', range(50), 0, undefined, /between 0 and 1/],
    ['a quantile of 1', range(50), 1, undefined, /between 0 and 1/],
    ['no number as a quantile', range(50), Number.NaN, undefined, /between 0 and 1/],
    ['one value', [3], 0.5, undefined, /at least 2 values/],
    ['one unit', range(50), 0.5, range(50).fill(7), /at least 2 units/],
    ['clusters of another length', range(50), 0.5, range(49), /one cluster for each value/],
    ['a value that is no number', [...range(50), Number.NaN], 0.5, undefined, /not a number/],
    ['an infinite value', [...range(50), Number.NEGATIVE_INFINITY], 0.5, undefined, /not a number/],
    ['p99 of 300 values', range(300), 0.99, undefined, /too few values lie above/],
    ['p1 of 300 values', range(300), 0.01, undefined, /too few values lie below/],
    ['the median of mostly zeros', [...range(60).fill(0), ...range(40)], 0.5, undefined, /equal to the quan/],
    ['values all equal', range(60).fill(4), 0.5, undefined, /no unit differs/],
    [
      'units that are all alike',
      range(60).map((i) => i % 3),
      0.5,
      range(60).map((i) => Math.floor(i / 3)),
      /no unit differs/,
    ],
  ])('refuses %s with a reason', (_, values, q, clusters, pattern) => {
    expect(reasonOf(quantileFrom(values, q, clusters))).toMatch(pattern);
  });
});

describe('quantiles from sums', () => {
  const arm = (under: readonly number[], of: readonly number[]) => {
    const both = under.map((y, i) => [y, of[i] as number] as const);
    const total = (f: (y: number, x: number) => number) => both.reduce((sum, [y, x]) => sum + f(y, x), 0);
    return quantile({
      value: 90,
      density: 0.01,
      moments: {
        n: under.length,
        y: total((y) => y),
        yy: total((y) => y * y),
        x: total((_, x) => x),
        xx: total((_, x) => x * x),
        xy: total((y, x) => y * x),
      },
    });
  };

  it.each([
    ['all at or under the value', [3, 4, 2], [3, 4, 2], /no unit differs/],
    ['one row above it', [3, 4, 1], [3, 4, 2], /too few values lie above/],
    ['one row under it', [0, 0, 1], [3, 4, 2], /too few values lie below/],
  ])('refuses %s with a reason', (_, under, of, pattern) => {
    expect(reasonOf(arm(under, of))).toMatch(pattern);
  });
});

describe('the window of a density', () => {
  it.each([
    [0.5, 10_000, 0.0075],
    [0.99, 40_000, 1.5 * Math.sqrt(0.0099 / 40_000)],
    [0.99, 50, 0.01],
    [0.05, 10, 0.05],
  ])('at %s of %s rows is %s', (q, rows, expected) => {
    expectNear(densityWindow(q, rows), expected, 1e-12);
  });
});

describe('winsorising', () => {
  it.each(vectors.caps)('the pooled cap at $q of $arms.0.length values is that of numpy', (expected) => {
    expect(pooledCap(expected.arms, expected.q)).toEqual({ ok: true, value: expected.cap });
    for (const [a, values] of expected.arms.entries()) {
      const found = winsorise(values, expected.cap);
      expect(found.capped).toBe(expected.capped[a]);
      expectNear(
        found.values.reduce((sum, one) => sum + one, 0),
        expected.sums[a] as number,
      );
    }
  });

  it('leaves its input alone', () => {
    const values = [1, 5, 9];
    expect([...winsorise(values, 5).values]).toEqual([1, 5, 5]);
    expect(values).toEqual([1, 5, 9]);
  });

  it.each([
    ['no values', [[], []], 0.9, /no values/],
    ['a percentile of 1', [[1, 2]], 1, /between 0 and 1/],
    ['a value that is no number', [[1, 2], [Number.NaN]], 0.5, /not a number/],
  ])('refuses %s with a reason', (_, arms, q, pattern) => {
    expect(reasonOf(pooledCap(arms, q))).toMatch(pattern);
  });
});

describe('shape of unit values', () => {
  it.each(vectors.skews)('$name: skewness as in scipy', (expected) => {
    const shape = shapeOf(expected.values);
    expectNear(skewness(shape) as number, expected.skewness, 1e-9, 1);
    expect(shape.zeros).toBe(expected.zeros);
  });

  it.each([
    ['two units', [1, 2]],
    ['no variation', [0.1, 0.1, 0.1, 0.1]],
    ['no units', []],
  ])('%s have no skewness', (_, values) => {
    expect(skewness(shapeOf(values))).toBeNull();
  });

  const shape = (n: number, g1: number, more: Partial<Shape> = {}): Shape => ({
    centred: {
      n,
      mean: [1, 1],
      products: [
        [n, 0],
        [0, 0],
      ],
    },
    zeros: 0,
    cubed: g1 * n,
    capped: 0,
    ...more,
  });

  it('names an arm with too few units for its skewness', () => {
    const found = diagnose([
      { arm: 'popular', ...shape(812, 9.1) },
      { arm: 'hybrid', ...shape(100_000, 2) },
    ]);
    expect(found.unitsNeeded).toBe(Math.ceil(355 * 9.1 ** 2));
    expect(found.warnings).toEqual([
      "arm popular has 812 units and skewness 9.1: Welch's interval may miss its level; 29,398 units are advised",
    ]);
    expectNear(found.arms[1]?.skewness as number, 2);
  });

  it('says shares of zeros and of capped units, and the cap', () => {
    const found = diagnose(
      [
        { arm: 'a', ...shape(1000, 0.1, { zeros: 970 }) },
        { arm: 'b', ...shape(1000, 0.1, { zeros: 1000 }) },
        { arm: 'c', ...shape(1000, 0.1, { capped: 80 }) },
      ],
      { quantile: 0.999, value: 40 },
    );
    expect(found.cap).toEqual({ quantile: 0.999, value: 40 });
    expect(found.arms.map(({ zeros, winsorised }) => [zeros, winsorised])).toEqual([
      [0.97, 0],
      [1, 0],
      [0, 0.08],
    ]);
    expect(found.warnings).toHaveLength(3);
    expect(found.warnings[0]).toMatch(/^97 % of the units of arm a are at 0/);
    expect(found.warnings[1]).toBe('arm b has only units at 0');
    expect(found.warnings[2]).toMatch(/^8 % of the units of arm c were cut/);
  });

  it('has nothing to say of no units', () => {
    expect(diagnose([{ arm: 'a', ...shapeOf([]) }])).toEqual({
      arms: [{ arm: 'a', zeros: 0, skewness: null, winsorised: 0 }],
      unitsNeeded: null,
      warnings: [],
    });
  });
});

describe('novelty: change of the effect between periods', () => {
  it.each(vectors.novelty)("equals Welch's test on the units' changes in scipy: $p", (expected) => {
    const [t, c] = expected.arms.map((rows) => centredOf([rows.map(([y]) => y), rows.map(([, x]) => x)]));
    const found = noveltyChange(t as never, c as never);
    if (!found.ok) throw new Error(found.reason);
    const { estimate, standardError, statistic, df } = found.value;
    expectNear(estimate, expected.estimate, 1e-9, expected.standardError);
    expectNear(standardError, expected.standardError);
    expectNear(statistic as number, expected.statistic, 1e-9, 1);
    expectNear(fixedHorizon(df).p(statistic as number), expected.p, 1e-6);
  });

  it('refuses units that all change alike', () => {
    const arm = centredOf([
      [2.1, 3.1, 5.1],
      [1.1, 2.1, 4.1],
    ]);
    expect(reasonOf(noveltyChange(arm, arm))).toMatch(/neither arm varies/);
  });
});
