import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generator, normal } from '../../../src/ranking/generator.ts';
import { createVectorSpace, SPACE_ROOM } from '../../../src/ranking/kernels/vector-space.ts';
import { rowDot } from '../fixtures.ts';

/** Widths that fill registers and that do not, lists that are a multiple of four and that are not. */
const sizes = fc.record({
  width: fc.integer({ min: 1, max: 70 }),
  size: fc.integer({ min: 1, max: 40 }),
  count: fc.integer({ min: 0, max: 13 }),
  seed: fc.integer(),
});

function drawn({ width, size, count, seed }: { width: number; size: number; count: number; seed: number }) {
  const random = generator(seed);
  const matrix = Float32Array.from({ length: size * width }, () => normal(random));
  const gram = new Float64Array(width * width);
  for (let row = 0; row < size; row++)
    for (let f = 0; f < width; f++)
      for (let g = 0; g < width; g++)
        gram[f * width + g]! += matrix[row * width + f]! * matrix[row * width + g]!;
  const space = createVectorSpace(matrix, width, gram);
  const rows = Int32Array.from({ length: count }, () => Math.floor(random() * size));
  const weights = Float32Array.from({ length: count }, () => random());
  space.rows.set(rows);
  space.weights.set(weights);
  const vector = Float32Array.from({ length: width }, () => normal(random));
  return { matrix, gram, space, rows, weights, vector };
}

/** As far apart as single-precision sums of some hundred terms may be. */
const near = (actual: number, expected: number, scale: number) =>
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-4 * Math.max(1, scale));

describe('the kernel of a vector space', () => {
  it('gives the products of rows and a vector', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const { space, rows, vector, matrix } = drawn(size);
        const out = new Float32Array(size.count + 1).fill(7);
        space.dots(out, vector, rows, size.count);
        rows.forEach((row, i) => {
          near(out[i]!, rowDot(vector, matrix, row), size.width);
        });
        expect(out[size.count]).toBe(7);
      }),
    );
  });

  it('gives the products of rows and one of them', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const { space, rows, matrix } = drawn(size);
        const { width, count } = size;
        const one = size.size - 1;
        const out = new Float32Array(count);
        space.likeness(out, one, rows, count);
        const vector = matrix.subarray(one * width);
        rows.forEach((row, i) => {
          near(out[i]!, rowDot(vector, matrix, row), width);
        });
      }),
    );
  });

  it('puts rows side by side', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const { space, rows, matrix } = drawn(size);
        const { width, count } = size;
        const out = new Float32Array(width * count + 2).fill(7);
        space.columns(out, 1, Int32Array.of(0, ...rows), 1, count);
        const expected = Array.from(
          { length: width * count },
          (_, at) => matrix[rows[at % count]! * width + Math.floor(at / count)],
        );
        expect([...out]).toEqual([7, ...expected, 7]);
      }),
    );
  });

  it('puts more rows side by side than it has room for', () => {
    const { space, matrix } = drawn({ width: 3, size: 9, count: 0, seed: 3 });
    const titles = Int32Array.from({ length: SPACE_ROOM + 3 }, (_, i) => i % 9);
    const out = new Float32Array(3 * titles.length);
    space.columns(out, 0, titles, 0, titles.length);
    expect(out).toEqual(
      out.map((_, at) => matrix[((at % titles.length) % 9) * 3 + Math.floor(at / titles.length)]!),
    );
  });

  it('takes lists longer than its room', () => {
    const { space, vector, matrix } = drawn({ width: 5, size: 9, count: 0, seed: 3 });
    const titles = Int32Array.from({ length: 2 * SPACE_ROOM + 3 }, (_, i) => i % 9);
    const out = new Float32Array(titles.length);
    space.dots(out, vector, titles, titles.length);
    for (const i of [0, SPACE_ROOM - 1, SPACE_ROOM, 2 * SPACE_ROOM + 2])
      near(out[i]!, rowDot(vector, matrix, i % 9), 1);
  });

  it('adds rows up by weight', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const { space, rows, weights, matrix } = drawn(size);
        const out = new Float32Array(size.width).fill(7);
        space.weightedSum(out, size.count);
        out.forEach((value, d) => {
          const expected = rows.reduce((sum, row, i) => sum + weights[i]! * matrix[row * size.width + d]!, 0);
          near(value, expected, size.count);
        });
      }),
    );
  });

  it('solves the equations of a fold-in, as far as its steps lead', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const { space, gram, rows, weights, matrix } = drawn(size);
        const { width, count } = size;
        const solution = new Float32Array(width).fill(7);
        const penalty = 30;
        const squares = space.foldIn(solution, count, penalty, 60);
        const at = (row: number, f: number) => matrix[row * width + f]!;
        let quadratic = 0;
        for (let f = 0; f < width; f++) {
          const times = gram
            .subarray(f * width, (f + 1) * width)
            .reduce((sum, g, i) => sum + g * solution[i]!, 0);
          quadratic += solution[f]! * times;
          const residual = rows.reduce(
            (sum, row, i) => sum + weights[i]! * at(row, f) * (1 - rowDot(solution, matrix, row)),
            -times - penalty * solution[f]!,
          );
          near(residual, 0, 10);
        }
        near(squares, quadratic, quadratic);
      }),
    );
  });
});
