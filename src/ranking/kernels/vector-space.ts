import { COMPILED_SPACE } from './compiled-space.ts';
import { ownMemory } from './own-memory.ts';

/** Rows of one task at most; longer lists of dot products are cut into several. */
export const SPACE_ROOM = 1024;

/** A matrix of rows in a memory of its own, and what is asked of it in single precision. For one thread; calls do not allocate. */
export interface VectorSpace {
  /** out[i] = <row titles[i], vector> for the first `count`; rows must exist. */
  dots(out: Float32Array, vector: Float32Array, titles: Int32Array, count: number): void;
  /** The same with one of the rows as the vector. */
  likeness(out: Float32Array, row: number, titles: Int32Array, count: number): void;
  /**
   * The rows of some titles side by side: out[at + d * count + i] = row titles[first + i][d], for `count` titles and every d.
   */
  columns(out: Float32Array, at: number, titles: Int32Array, first: number, count: number): void;
  /** Rows and weights that `weightedSum` and `foldIn` read: SPACE_ROOM of each, to be written before the call. */
  readonly rows: Int32Array;
  readonly weights: Float32Array;
  /** out = sum of weights[i] times row rows[i], for the first `count`. */
  weightedSum(out: Float32Array, count: number): void;
  /**
   * out = x after `steps` conjugate gradient steps from 0 on (G + penalty I + sum of w y y') x = sum of w y, where G is the
   * space's Gram matrix and y, w the first `count` rows and weights.
   *
   * @returns x'Gx
   */
  foldIn(out: Float32Array, count: number, penalty: number, steps: number): number;
}

interface Exports {
  dots(rows: number, bytes: number, vector: number, titles: number, count: number, out: number): void;
  weightedSum(rows: number, bytes: number, titles: number, weights: number, count: number, out: number): void;
  columns(
    rows: number,
    bytes: number,
    width: number,
    titles: number,
    count: number,
    out: number,
    stride: number,
  ): void;
  quadratic(matrix: number, bytes: number, vector: number): number;
  improve(...numbers: number[]): void;
}

const spaces = new WeakMap<Float32Array, VectorSpace>();

/** The space of a matrix, made once; it holds a copy. */
export function vectorSpaceOf(matrix: Float32Array, width: number, gram?: Float64Array): VectorSpace {
  let space = spaces.get(matrix);
  if (space === undefined) {
    space = createVectorSpace(matrix, width, gram);
    spaces.set(matrix, space);
  }
  return space;
}

/**
 * @param matrix rows x width, row-major
 * @param gram   width x width; absent: nothing can be folded in
 */
export function createVectorSpace(matrix: Float32Array, width: number, gram?: Float64Array): VectorSpace {
  const memory = ownMemory<Exports>(COMPILED_SPACE);
  const { kernel } = memory;
  const padded = 8 * Math.ceil(width / 8);
  const bytes = 4 * padded;
  const size = width === 0 ? 0 : matrix.length / width;
  const reserve = (length: number): number => memory.reserve(4 * length);
  const at = {
    matrix: reserve(size * padded),
    gram: reserve(padded * padded),
    vector: reserve(padded),
    scratch: reserve(3 * padded),
    rows: reserve(SPACE_ROOM),
    weights: reserve(SPACE_ROOM),
    out: reserve(SPACE_ROOM),
    columns: reserve(padded * SPACE_ROOM),
    bounds: reserve(4),
    penalty: reserve(4),
  };
  const buffer = memory.grow();
  const pad = (
    from: ArrayLike<number> & { subarray(a: number, b: number): ArrayLike<number> },
    to: number,
  ) => {
    const stored = new Float32Array(buffer, to, (from.length / width) * padded);
    for (let row = 0; row * width < from.length; row++)
      stored.set(from.subarray(row * width, (row + 1) * width), row * padded);
  };
  if (width > 0) {
    pad(matrix, at.matrix);
    if (gram) pad(gram, at.gram);
  }
  const vector = new Float32Array(buffer, at.vector, padded);
  const solved = vector.subarray(0, width);
  const rows = new Int32Array(buffer, at.rows, SPACE_ROOM);
  const weights = new Float32Array(buffer, at.weights, SPACE_ROOM);
  /** As many products as there were last time: a view costs more than they do. */
  let found = new Float32Array(buffer, at.out, SPACE_ROOM);
  const turned = new Float32Array(buffer, at.columns, padded * SPACE_ROOM);
  const bounds = new Int32Array(buffer, at.bounds, 2);
  const penalties = new Float32Array(buffer, at.penalty, 1);
  /** @param of address of the vector */
  function products(out: Float32Array, of: number, titles: Int32Array, count: number): void {
    for (let from = 0; from < count; from += SPACE_ROOM) {
      const part = Math.min(SPACE_ROOM, count - from);
      for (let i = 0; i < part; i++) rows[i] = titles[from + i]!;
      kernel.dots(at.matrix, bytes, of, at.rows, part, at.out);
      if (found.length !== part) found = new Float32Array(buffer, at.out, part);
      out.set(found, from);
    }
  }
  return {
    rows,
    weights,
    dots(out, of, titles, count) {
      vector.set(of);
      products(out, at.vector, titles, count);
    },
    likeness(out, row, titles, count) {
      products(out, at.matrix + bytes * row, titles, count);
    },
    columns(out, to, titles, first, count) {
      for (let from = 0; from < count; from += SPACE_ROOM) {
        const part = Math.min(SPACE_ROOM, count - from);
        for (let i = 0; i < part; i++) rows[i] = titles[first + from + i]!;
        kernel.columns(at.matrix, bytes, 4 * Math.ceil(width / 4), at.rows, part, at.columns, 4 * part);
        if (part === count) out.set(turned.subarray(0, width * part), to);
        else
          for (let d = 0; d < width; d++)
            out.set(turned.subarray(d * part, (d + 1) * part), to + d * count + from);
      }
    },
    weightedSum(out, count) {
      kernel.weightedSum(at.matrix, bytes, at.rows, at.weights, count, at.vector);
      out.set(solved);
    },
    foldIn(out, count, penalty, steps) {
      vector.fill(0);
      bounds[1] = count;
      penalties[0] = penalty;
      kernel.improve(
        0,
        1,
        at.vector,
        at.matrix,
        at.bounds,
        at.rows,
        at.weights,
        at.gram,
        at.penalty,
        padded,
        steps,
        at.scratch,
      );
      out.set(solved);
      return kernel.quadratic(at.gram, bytes, at.vector);
    },
  };
}
