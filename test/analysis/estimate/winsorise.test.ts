import { describe, expect, it } from 'vitest';
import { pooledCap, winsorise } from '../../../src/analysis/estimate/winsorise.ts';
import { expectNear } from '../vectors.ts';
import { reasonOf, shapeVectors } from './shape-vectors.ts';

describe('winsorising', () => {
  it.each(shapeVectors.caps)('the pooled cap at $q of $arms.0.length values is that of numpy', (expected) => {
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
