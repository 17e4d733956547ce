import { describe, expect, it } from 'vitest';
import {
  compareQuantiles,
  densityWindow,
  quantile,
  quantileFrom,
} from '../../../src/analysis/estimate/quantile.ts';
import { expectNear } from '../vectors.ts';
import { reasonOf, type ShapeVectors, shapeVectors } from './shape-vectors.ts';

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

describe('quantiles of raw values', () => {
  it.each(shapeVectors.quantiles)('$name: equals the linearisation over units in numpy', (expected) => {
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
    const { values, clusters, q } = shapeVectors.quantiles[0] as ShapeVectors['quantiles'][0];
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
