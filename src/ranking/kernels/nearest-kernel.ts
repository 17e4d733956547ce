import { COMPILED_NEAREST } from './compiled-nearest.ts';
import { ownMemory } from './own-memory.ts';

/** One module of `assembly/nearest.ts` with a memory of its own, for one thread. */
export interface NearestKernel {
  /** batch x size scores, row-major: what `select` chooses from. */
  readonly scores: Float32Array<ArrayBuffer>;
  /** The vector that `products` and `precise` multiply by. */
  setVector(vector: Float32Array): void;
  /** Fills the first row of `scores` with the inner products of the matrix's rows and the vector. */
  products(): void;
  /** The inner product of one row of the matrix and the vector, in double precision. */
  precise(row: number): number;
  /**
   * The rows that may be among the `count` largest of one row of scores when each score is off by up to margin / 2: into
   * `found`, best first, and their scores into `best`. -Infinity is left out.
   *
   * @returns how many there are
   */
  select(row: number, count: number, margin: number): number;
  readonly found: Int32Array;
  readonly best: Float32Array;
}

/** What is used of a module's exports. */
interface Exports {
  products(rows: number, count: number, width: number, vector: number, scores: number): void;
  precise(row: number, vector: number, width: number): number;
  select(
    scores: number,
    size: number,
    count: number,
    margin: number,
    keys: number,
    spare: number,
    tally: number,
    found: number,
    best: number,
  ): number;
}

/**
 * @param size   scores of one row
 * @param batch  rows of scores
 * @param rows   size x width, row-major; kept as a copy
 */
export function createNearestKernel(size: number, batch: number, rows: Float32Array): NearestKernel {
  const memory = ownMemory<Exports>(COMPILED_NEAREST);
  const { reserve } = memory;
  const { products, precise, select } = memory.kernel;
  const width = rows.length / size;
  const padded = 8 * Math.ceil(width / 8);
  const at = {
    rows: reserve(4 * size * padded),
    vector: reserve(4 * padded),
    wide: reserve(8 * padded),
    scores: reserve(4 * batch * size),
    keys: reserve(8 * size),
    spare: reserve(8 * size),
    tally: reserve(4096),
    found: reserve(4 * size),
    best: reserve(4 * size),
  };
  const buffer = memory.grow();
  const stored = new Float32Array(buffer, at.rows, size * padded);
  for (let row = 0; row < size; row++)
    stored.set(rows.subarray(row * width, (row + 1) * width), row * padded);
  const single = new Float32Array(buffer, at.vector, padded);
  const double = new Float64Array(buffer, at.wide, padded);
  return {
    scores: new Float32Array(buffer, at.scores, batch * size),
    setVector(vector) {
      single.set(vector);
      double.set(vector);
    },
    products: () => products(at.rows, size, padded, at.vector, at.scores),
    precise: (row) => precise(at.rows + 4 * padded * row, at.wide, padded),
    select: (row, count, margin) =>
      select(at.scores + 4 * row * size, size, count, margin, at.keys, at.spare, at.tally, at.found, at.best),
    found: new Int32Array(buffer, at.found, size),
    best: new Float32Array(buffer, at.best, size),
  };
}
