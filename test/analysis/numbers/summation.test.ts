import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Centred, centre } from '../../../src/analysis/centred.ts';
import { centredOf, mergeCentred, sum } from '../../../src/analysis/numbers/summation.ts';
import { expectNear } from '../vectors.ts';

const cases: {
  readonly certified: readonly (Centred & {
    name: string;
    values: readonly number[];
    repeats: number;
    certified: { mean: number; deviation: number };
  })[];
  readonly centred: readonly (Centred & { name: string; columns: readonly (readonly number[])[] })[];
  readonly sums: readonly { values: readonly number[]; sum: number }[];
} = JSON.parse(readFileSync(new URL('../../cases/summation.json', import.meta.url), 'utf8'));

const deviation = ({ n, products }: Centred) => Math.sqrt((products[0]?.[0] ?? Number.NaN) / (n - 1));

const expand = ([first = 0, ...rest]: readonly number[], repeats: number) => [
  first,
  ...Array.from({ length: repeats }, () => rest).flat(),
];

function expectCentred(actual: Centred, expected: Centred, relative: number): void {
  expect(actual.n).toBe(expected.n);
  expected.mean.forEach((value, i) => {
    expectNear(actual.mean[i] ?? Number.NaN, value, relative);
    // A product is as exact as the size of its columns' deviations allows, whatever their correlation.
    const size = (j: number) => Math.sqrt(expected.products[j]?.[j] ?? Number.NaN);
    expected.products[i]?.forEach((product, j) => {
      expectNear(actual.products[i]?.[j] ?? Number.NaN, product, relative, size(i) * size(j));
    });
  });
}

/** Means are doubles, so merging keeps this: their rounding in standard deviations. */
function mergedPrecision({ n, mean, products }: Centred): number {
  const inDeviations = mean.map((value, i) => Math.abs(value) / Math.sqrt((products[i]?.[i] ?? 0) / n));
  return Math.max(1e-14, 2 ** -50 * Math.max(...inDeviations));
}

/** Means and products of unevenly long pieces, merged from the left. */
function inPieces(columns: readonly (readonly number[])[], lengths: readonly number[]): Centred {
  const pieces: Centred[] = [];
  let start = 0;
  for (const length of [...lengths, Number.POSITIVE_INFINITY]) {
    pieces.push(centredOf(columns.map((column) => column.slice(start, start + length))));
    start += length;
  }
  return pieces.reduce(mergeCentred);
}

describe('compensated sum equals the rational sum', () => {
  it.each(cases.sums)('$sum', ({ values, sum: expected }) => {
    expectNear(sum(values), expected, 2 ** -51);
    expectNear(sum(Float64Array.from(values).reverse()), expected, 2 ** -51);
  });

  it('of numbers past the largest is infinite, not undefined', () => {
    expect(sum([1e308, 1e308])).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('certified means and deviations of NIST StRD', () => {
  it.each(cases.certified)('$name', ({ name, values, repeats, certified, ...exact }) => {
    const column = expand(values, repeats);
    const whole = centredOf([column]);
    const merged = inPieces([column], [1, 2, 350, 7]);
    expectCentred(whole, exact, 1e-14);
    expectCentred(merged, exact, mergedPrecision(exact));
    // Stored as doubles, NumAcc4's decimals are off by up to 1e-9, a hundred-millionth of their deviation.
    const stored = name === 'NumAcc4' ? 2e-8 : name === 'NumAcc3' ? 2e-9 : 1e-12;
    for (const arm of [whole, merged]) {
      expectNear(arm.mean[0] ?? Number.NaN, certified.mean, 1e-15);
      expectNear(deviation(arm), certified.deviation, stored);
    }
  });

  // Sums about zero keep about 16 - 2 log10(mean / deviation) digits of the variance; what is left within their rounding
  // is reported as no variation. NumAcc4 asks for 16 digits.
  it.each([
    ['NumAcc1', 1e-15],
    ['NumAcc2', 1e-12],
    ['NumAcc3', 0.02],
    ['Michelso', 1e-8],
  ])('%s from sums about zero, to a relative %d', (name, relative) => {
    const { values, repeats, certified } = cases.certified.find((one) => one.name === name)!;
    const y = expand(values, repeats);
    const n = y.length;
    const arm = centre({ n, y: sum(y), yy: sum(y.map((value) => value * value)), x: n, xx: n, xy: sum(y) });
    expectNear(arm.mean[0] ?? Number.NaN, certified.mean, 1e-15);
    expectNear(deviation(arm), certified.deviation, relative);
  });

  it('NumAcc4 from sums about zero: no variation, rather than noise', () => {
    const { values, repeats } = cases.certified.find(({ name }) => name === 'NumAcc4')!;
    const y = expand(values, repeats);
    const n = y.length;
    const arm = centre({ n, y: sum(y), yy: sum(y.map((value) => value * value)), x: n, xx: n, xy: sum(y) });
    expect(arm.products[0]?.[0]).toBe(0);
  });
});

describe('centred moments of several columns equal the rational ones', () => {
  it.each(cases.centred)('$name', ({ columns, ...exact }) => {
    expectCentred(centredOf(columns), exact, 1e-14);
    expectCentred(centredOf(columns.map((column) => Float64Array.from(column))), exact, 1e-14);
    expectCentred(inPieces(columns, [1, 5, 3]), exact, mergedPrecision(exact));
  });

  it('of a constant are exactly 0', () => {
    const constant = fc.double({ min: 1e-9, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(
        constant,
        fc.integer({ min: 2, max: 400 }),
        fc.integer({ min: 1, max: 50 }),
        (value, n, piece) => {
          const column = new Array(n).fill(value);
          const varying = column.map((_, i) => i % 7);
          for (const arm of [centredOf([column, varying]), inPieces([column, varying], [piece, piece])]) {
            expect([arm.products[0]?.[0], arm.products[0]?.[1], arm.products[1]?.[0]]).toEqual([0, 0, 0]);
          }
        },
      ),
      { seed: 1 },
    );
  });

  it('refuse columns and arms that do not belong together', () => {
    expect(() => centredOf([[1, 2], [1]])).toThrow(/lengths/);
    expect(() => mergeCentred(centredOf([[1]]), centredOf([[1], [2]]))).toThrow(/columns/);
  });

  it('merge in any order and with nothing', () => {
    const value = fc.integer({ min: -1000, max: 1000 });
    const arm = fc.array(value, { maxLength: 20 }).map((values) => centredOf([values, values.map(Math.abs)]));
    fc.assert(
      fc.property(arm, arm, arm, (a, b, c) => {
        const left = mergeCentred(mergeCentred(a, b), c);
        const right = mergeCentred(a, mergeCentred(c, b));
        expect(left.n).toBe(right.n);
        left.mean.forEach((mean, i) => {
          expect(mean).toBeCloseTo(right.mean[i] ?? 0, 9);
        });
        left.products.flat().forEach((product, i) => {
          expectNear(product, right.products.flat()[i] ?? Number.NaN, 1e-9, 1000);
        });
      }),
      { seed: 1 },
    );
  });
});
