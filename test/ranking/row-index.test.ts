import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generator } from '../../src/ranking/generator.ts';
import { largest } from '../../src/ranking/largest.ts';
import { nearest } from '../../src/ranking/nearest.ts';
import { createRowIndex } from '../../src/ranking/row-index.ts';

describe('a row index finds what nearest finds', () => {
  test('among few values, where ties are many', () => {
    const width = fc.integer({ min: 1, max: 9 });
    const entries = fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 1, maxLength: 700 });
    fc.assert(
      fc.property(
        width,
        entries,
        fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 9, maxLength: 9 }),
        fc.nat(90),
        fc.uniqueArray(fc.nat(90)),
        (wide, values, vector, count, left) => {
          const rows = Float32Array.from(values.slice(0, wide * Math.floor(values.length / wide)));
          const user = Float32Array.from(vector.slice(0, wide));
          const without = new Set(left);
          expect(createRowIndex(rows, wide).nearest(user, count, without)).toEqual(
            nearest(rows, user, count, without).titles,
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  test.each([
    ['rows of like length', 6_000, 48, 200, 0],
    ['lengths that differ a hundredfold', 6_000, 32, 200, 1],
    ['scores that single precision cannot tell apart', 3_000, 20, 150, 2],
    ['fewer blocks than titles asked for', 1_000, 16, 400, 0],
    ['more asked for than there are', 130, 7, 1_000, 0],
  ] as const)('%s', (_, size, width, count, kind) => {
    const random = generator(size + width);
    const rows = Float32Array.from({ length: size * width }, () => random() - 0.5);
    if (kind === 1)
      for (let row = 0; row < size; row++)
        for (let d = 0; d < width; d++) rows[row * width + d]! *= 10 ** (2 * (row / size) - 1);
    // One row again and again, its last places changed.
    if (kind === 2)
      for (let at = width; at < rows.length; at++)
        rows[at] = Math.fround(rows[at % width]! * (1 + 1e-7 * Math.floor(4 * random())));
    const index = createRowIndex(rows, width);
    for (let user = 0; user < 20; user++) {
      const vector = Float32Array.from({ length: width }, () => random() - 0.5);
      const without = new Set(Array.from({ length: 30 }, () => Math.floor(random() * size)));
      expect(index.nearest(vector, count, without)).toEqual(nearest(rows, vector, count, without).titles);
    }
  });

  test('of scores that are there already, ties by row, however they are signed', () => {
    const score = fc.oneof(fc.constantFrom(-0, 0, 1, -1, 3e38, 1e-45), fc.float({ noNaN: true }));
    fc.assert(
      fc.property(
        fc.array(score, { minLength: 1, maxLength: 400 }),
        fc.nat(30),
        fc.uniqueArray(fc.nat(90)),
        (values, count, left) => {
          const finite = values.filter(Number.isFinite);
          const scores = Float32Array.from(finite.length > 0 ? finite : [0]);
          const without = new Set(left);
          expect(largest(scores, count, without)).toEqual(
            nearest(scores, Float32Array.of(1), count, without),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  test('the zero vector has no neighbours, and no rows none', () => {
    expect(createRowIndex(Float32Array.of(1, 2), 1).nearest(Float32Array.of(0), 5, new Set())).toHaveLength(
      0,
    );
    expect(createRowIndex(new Float32Array(0), 1).nearest(Float32Array.of(1), 5, new Set())).toHaveLength(0);
  });
});
