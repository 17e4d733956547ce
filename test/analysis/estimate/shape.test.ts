import { describe, expect, it } from 'vitest';
import { diagnose, type Shape, shapeOf, skewness } from '../../../src/analysis/estimate/shape.ts';
import { expectNear } from '../vectors.ts';
import { shapeVectors } from './shape-vectors.ts';

describe('shape of unit values', () => {
  it.each(shapeVectors.skews)('$name: skewness as in scipy', (expected) => {
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
