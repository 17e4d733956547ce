import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generator, normal } from '../../../src/ranking/generator.ts';
import { type IalsParameters, trainIals } from '../../../src/ranking/ials.ts';
import { type Arena, arenaOf, bytesFor } from '../../../src/ranking/kernels/arena.ts';
import { openPlainWorkspace, openWorkspace, type Workspace } from '../../../src/ranking/kernels/workspace.ts';
import { sparseRows } from '../../../src/ranking/sparse.ts';
import { interactionsOf } from '../fixtures.ts';

/** Largest difference of any row, in parts of its longest value. */
function difference(found: ArrayLike<number>, expected: ArrayLike<number>, width: number): number {
  let most = 0;
  for (let row = 0; row < expected.length; row += width) {
    let [scale, apart] = [1e-30, 0];
    for (let f = row; f < row + width; f++) {
      scale = Math.max(scale, Math.abs(expected[f]!));
      apart = Math.max(apart, Math.abs(found[f]! - expected[f]!));
    }
    most = Math.max(most, apart / scale);
  }
  return most;
}

const shapes = fc.record({
  width: fc.integer({ min: 1, max: 9 }).map((lanes) => 8 * lanes),
  mine: fc.integer({ min: 1, max: 9 }),
  theirs: fc.integer({ min: 1, max: 150 }),
  /** Share of the cells that have an entry: rows may be empty. */
  share: fc.double({ min: 0, max: 0.4, noNaN: true }),
  steps: fc.integer({ min: 1, max: 4 }),
  seed: fc.integer({ min: 1, max: 1e6 }),
});
type Shape = typeof shapes extends fc.Arbitrary<infer T> ? T : never;

/** The Gram matrix of random rows, and other rows improved against them. */
function computed(open: (bytes: number) => Workspace, { width, mine, theirs, share, steps, seed }: Shape) {
  const random = generator(seed);
  const cells = [];
  for (let row = 0; row < mine; row++)
    for (let column = 0; column < theirs; column++)
      if (random() < share) cells.push({ row, column, value: 0.1 + 3 * random() });
  const entries = sparseRows(
    cells.map(({ row }) => row),
    cells.map(({ column }) => column),
    cells.map(({ value }) => value),
    mine,
  );
  const lay = (arena: Arena) => ({
    starts: arena.int32(mine + 1),
    columns: arena.int32(cells.length),
    values: arena.float32(cells.length),
    rows: arena.float32(mine * width),
    others: arena.float32(theirs * width),
    penalties: arena.float32(mine),
    gram: arena.float64(width * width),
    products: arena.float32(width * width),
    scratch: arena.float32(3 * width),
  });
  const workspace = open(bytesFor(lay));
  const room = lay(arenaOf(workspace.buffer));
  room.starts.set(entries.starts);
  room.columns.set(entries.columns);
  room.values.set(entries.values);
  for (const vectors of [room.rows, room.others])
    vectors.forEach((_, f) => {
      vectors[f] = normal(random) / Math.sqrt(width);
    });
  room.penalties.forEach((_, row) => {
    room.penalties[row] = 0.5 + random();
  });
  const before = room.rows.slice();
  const half = 4 * Math.ceil(width / 8);
  const gram = (from: number, to: number) => [
    ...[room.others.byteOffset, theirs, width, from, to, room.gram.byteOffset],
  ];
  workspace.run('gram', [gram(0, half), gram(half, width)]);
  room.products.set(room.gram);
  const arrays = [
    room.rows,
    room.others,
    room.starts,
    room.columns,
    room.values,
    room.products,
    room.penalties,
  ];
  const addresses = arrays.map(({ byteOffset }) => byteOffset);
  workspace.run('improve', [[0, mine, ...addresses, width, steps, room.scratch.byteOffset]]);
  return { ...room, before };
}

describe('the compiled kernels beside plain TypeScript', () => {
  test('Gram matrix and improved rows, empty ones as they were', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const fast = computed(openWorkspace, shape);
        const plain = computed(openPlainWorkspace, shape);
        expect(difference(fast.gram, plain.gram, shape.width)).toBeLessThan(1e-12);
        expect(difference(fast.rows, plain.rows, shape.width)).toBeLessThan(1e-5);
        for (let row = 0; row < shape.mine; row++) {
          if (plain.starts[row] !== plain.starts[row + 1]) continue;
          const range = [row * shape.width, (row + 1) * shape.width] as const;
          expect(fast.rows.subarray(...range)).toEqual(fast.before.subarray(...range));
        }
      }),
      { numRuns: 60 },
    );
  });

  test.each([1, 3, 8, 13, 20])('a model of %i factors', (factors) => {
    const random = generator(factors);
    const rows: [number, number, number][] = [];
    // Users and titles at the end have no entries.
    for (let user = 0; user < 50; user++)
      for (let title = 0; title < 30; title++) if (random() < 0.15) rows.push([user, title, 0.2 + random()]);
    const data = interactionsOf(rows, 55);
    const parameters: Partial<IalsParameters> = { factors, iterations: 2, regularisation: 0.05, nu: 0.8 };
    const train = (open: (bytes: number) => Workspace) =>
      trainIals(data, 33, parameters, undefined, undefined, open);
    const [fast, plain] = [train(openWorkspace), train(openPlainWorkspace)];
    expect(fast.items).toHaveLength(33 * factors);
    expect(difference(fast.items, plain.items, fast.items.length)).toBeLessThan(1e-5);
    expect(difference(fast.gram, plain.gram, fast.gram.length)).toBeLessThan(1e-5);
  });
});
