import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { trainEase } from '../../../src/ranking/ease.ts';
import { generator, normal } from '../../../src/ranking/generator.ts';
import { invertPositiveDefinite } from '../../../src/ranking/inverse.ts';
import { openPlainWorkspace, openWorkspace } from '../../../src/ranking/kernels/workspace.ts';
import { interactionsOf } from '../fixtures.ts';

/** L L' + I / 10 of a random lower triangle. */
function positiveDefinite(order: number, seed: number): Float64Array {
  const random = generator(seed);
  const factor = Float64Array.from({ length: order * order }, () => normal(random));
  const matrix = new Float64Array(order * order);
  for (let i = 0; i < order; i++)
    for (let j = 0; j < order; j++) {
      let sum = i === j ? 0.1 : 0;
      for (let k = 0; k <= Math.min(i, j); k++) sum += factor[i * order + k]! * factor[j * order + k]!;
      matrix[i * order + j] = sum / order;
    }
  return matrix;
}

describe('the compiled inverse', () => {
  test('times the matrix is the identity, and beside plain TypeScript', () => {
    // Orders at which a block, a panel or neither is full.
    const orders = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(127, 128, 129, 132, 261));
    fc.assert(
      fc.property(orders, fc.integer({ min: 1, max: 1e6 }), (order, seed) => {
        const matrix = positiveDefinite(order, seed);
        const [fast, plain] = [matrix.slice(), matrix.slice()];
        invertPositiveDefinite(fast, order);
        invertPositiveDefinite(plain, order, undefined, openPlainWorkspace);
        const scale = fast.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        let apart = 0;
        let off = 0;
        for (let i = 0; i < order; i++)
          for (let j = 0; j < order; j++) {
            apart = Math.max(apart, Math.abs(fast[i * order + j]! - plain[i * order + j]!));
            let sum = i === j ? -1 : 0;
            for (let k = 0; k < order; k++) sum += matrix[i * order + k]! * fast[k * order + j]!;
            off = Math.max(off, Math.abs(sum));
          }
        expect(apart / scale).toBeLessThan(1e-10);
        expect(off / scale).toBeLessThan(1e-10);
      }),
      { numRuns: 25 },
    );
  });

  test('tells how far it is', () => {
    const shares: number[] = [];
    invertPositiveDefinite(positiveDefinite(300, 1), 300, (share) => shares.push(share));
    expect(shares).toHaveLength(3);
    expect(shares.at(-1)).toBe(1);
  });

  test.each([openWorkspace, openPlainWorkspace])('names the row that has no pivot (%o)', (open) => {
    const matrix = positiveDefinite(200, 3);
    matrix[150 * 200 + 150] = -1;
    expect(() => invertPositiveDefinite(matrix, 200, undefined, open)).toThrow(
      'row 150 of the matrix is not positive definite; regularise it',
    );
  });
});

test.each([
  ['titles', 90, 30],
  ['users', 25, 60],
])('EASE by %s is the same without WebAssembly', (_, users, titles) => {
  const random = generator(users);
  const rows: [number, number][] = [];
  // One user and one title have nothing.
  for (let user = 1; user < users; user++)
    for (let title = 0; title < titles; title++) if (title !== 7 && random() < 0.2) rows.push([user, title]);
  const data = interactionsOf(rows);
  const fast = trainEase(data, titles, { lambda: 3 });
  const plain = trainEase(data, titles, { lambda: 3 }, undefined, openPlainWorkspace);
  expect(fast.rows).toEqual(plain.rows);
  expect(fast.rows).not.toContain(7);
  for (const [at, weight] of plain.weights.entries()) expect(fast.weights[at]).toBeCloseTo(weight, 6);
});
