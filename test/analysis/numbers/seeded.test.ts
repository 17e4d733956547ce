import { expect, it } from 'vitest';
import { seeded } from '../../../src/analysis/numbers/seeded.ts';

const drawn = (seed: number, count: number) => {
  const random = seeded(seed);
  return Array.from({ length: count }, () => random());
};

it('the same seed gives the same numbers, another one others', () => {
  expect(drawn(1, 9)).toEqual(drawn(1, 9));
  expect(drawn(1, 9)).not.toEqual(drawn(2, 9));
});

it('numbers are uniform on [0, 1) and do not lean on the one before', () => {
  const n = 50_000;
  const values = drawn(1, n);
  expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...values)).toBeLessThan(1);
  const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
  // Monte Carlo errors: 0.2887 / sqrt(n) = 0.0013 for the mean, 1 / sqrt(n) = 0.0045 for the correlation; 4 of each.
  expect(Math.abs(mean(values) - 0.5)).toBeLessThan(0.0052);
  const lagged = values.slice(1).map((value, index) => (value - 0.5) * ((values[index] ?? 0) - 0.5) * 12);
  expect(Math.abs(mean(lagged))).toBeLessThan(0.018);
});
