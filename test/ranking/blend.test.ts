import { describe, expect, it } from 'vitest';
import {
  activityWeight,
  addNormalised,
  addReciprocalRank,
  addStandardised,
  coldShare,
} from '../../src/ranking/blend.ts';

describe('activityWeight', () => {
  it.each([
    [0, 0.2],
    [30, 0.8],
    [500, 0.8],
  ])('after %i watches is %d', (watches, weight) => expect(activityWeight(watches)).toBeCloseTo(weight, 12));

  it('grows with every watch until 30', () => {
    for (let n = 0; n < 30; n++) expect(activityWeight(n + 1)).toBeGreaterThan(activityWeight(n));
  });
});

it.each([
  [0, 5, 1],
  [2, 5, 0.6],
  [5, 5, 0],
  [9, 5, 0],
  [0, 0, 0],
])('coldShare(%i, %i) is %d', (watches, until, share) =>
  expect(coldShare(watches, until)).toBeCloseTo(share, 12),
);

describe('adding a column', () => {
  const sum = (add: typeof addNormalised, column: number[], weight: number, count = column.length) => {
    const out = new Float32Array(column.length).fill(1);
    add(out, Float32Array.from(column), count, weight);
    return [...out].map((value) => Math.round(value * 1e4) / 1e4);
  };

  it.each([
    ['scales to the weight', [2, 4, 3], 0.5, [1, 1.5, 1.25]],
    ['takes negative values', [-1, 0, 1], 1, [1, 1.5, 2]],
    ['leaves a constant column out', [3, 3], 1, [1, 1]],
  ])('normalised %s', (_, column, weight, expected) =>
    expect(sum(addNormalised, column, weight)).toEqual(expected),
  );

  it('reads the first entries only', () => {
    expect(sum(addNormalised, [0, 1, 99], 1, 2)).toEqual([1, 2, 1]);
  });

  it.each([
    ['to mean 0 and deviation 1', [2, 4, 6], 1, [1 - Math.sqrt(1.5), 1, 1 + Math.sqrt(1.5)]],
    ['leaves a constant column out', [0.1, 0.1, 0.1], 1, [1, 1, 1]],
    ['leaves a column of one out', [7], 1, [1]],
  ])('standardised %s', (_, column, weight, expected) =>
    expect(sum(addStandardised, column, weight)).toEqual(
      expected.map((value) => Math.round(value * 1e4) / 1e4),
    ),
  );

  it.each([
    [
      'gives 61 / (60 + rank), equals sharing the better',
      60,
      [5, 9, 5, 1],
      [61 / 62, 61 / 61, 61 / 62, 61 / 64],
    ],
    ['takes negative values, and zero for zero', 60, [-1, 0, -0, 2], [61 / 64, 61 / 62, 61 / 62, 61 / 61]],
    ['falls faster by a smaller constant', 0, [3, 2, 1], [1, 1 / 2, 1 / 3]],
    ['tells nothing apart in a constant column', 60, [0, 0, 0], [1, 1, 1]],
  ])('by reciprocal rank %s', (_, constant, column, expected) =>
    expect(sum(addReciprocalRank(constant), column, 1)).toEqual(
      expected.map((value) => Math.round((1 + value) * 1e4) / 1e4),
    ),
  );
});
