import { createNearestKernel, type NearestKernel } from './kernels/nearest-kernel.ts';
import { rowScore } from './nearest.ts';

/** Largest relative error of one operation in single and in double precision. */
const UNIT = 2 ** -24;
const DOUBLE_UNIT = 2 ** -53;
const NONE = new Int32Array(0);

/** Finds rows of one matrix: the same rows in the same order as `nearest`, from single-precision products. */
export interface RowIndex {
  readonly size: number;
  readonly width: number;
  /** The `count` rows with the largest inner product with `vector`, best first, ties by row, none of `without`. */
  nearest(vector: Float32Array, count: number, without: ReadonlySet<number>): Int32Array;
  /** Memory for the scores of `batch` vectors at once. */
  kernel(batch: number): NearestKernel;
  /** The same as `nearest` from products that the caller wrote into row `place` of a kernel's scores. */
  choose(
    kernel: NearestKernel,
    place: number,
    vector: Float32Array,
    count: number,
    without: ReadonlySet<number>,
  ): Int32Array;
}

/**
 * Single precision finds the few rows that can be wanted, double precision decides between those that are too close. However
 * its terms are added, a product of n terms is off by at most gamma_n |x| |y|, gamma_n = n u / (1 - n u) (Higham 2002,
 * "Accuracy and Stability of Numerical Algorithms", section 3.1), so that scores further apart than twice that are in their true order.
 *
 * @param rows row-major matrix, `width` columns, whose entries do not change
 */
export function createRowIndex(rows: Float32Array, width: number): RowIndex {
  const size = rows.length / width;
  const longest = longestRow(rows, width);
  // Beside the sum: rounding of the exact score, of the bound, and of the threshold.
  const terms = 1.01 * (width + 8);
  const exact = new Float32Array(size);
  let own: NearestKernel | undefined;

  /** Puts rows of nearly equal scores into their exact order: by insertion, as they are few and nearly in order. */
  function settle(kernel: NearestKernel, close: Int32Array, vector: Float32Array, length: number): void {
    const slack = 2 * terms * DOUBLE_UNIT * longest * length;
    for (let i = 0; i < close.length; i++) {
      const row = close[i]!;
      const sum = kernel.precise(row);
      const rounded = Math.fround(sum - slack);
      // Where rounding turns, the order of the sum decides.
      const score = rounded === Math.fround(sum + slack) ? rounded : rowScore(rows, vector, row);
      let to = i;
      for (; to > 0 && (exact[to - 1]! < score || (exact[to - 1] === score && close[to - 1]! > row)); to--) {
        exact[to] = exact[to - 1]!;
        close[to] = close[to - 1]!;
      }
      exact[to] = score;
      close[to] = row;
    }
  }

  const index: RowIndex = {
    size,
    width,
    nearest(vector, count, without) {
      if (size === 0 || norm(vector, 0, width) === 0) return NONE;
      own ??= index.kernel(1);
      own.setVector(vector);
      own.products();
      return index.choose(own, 0, vector, count, without);
    },
    kernel: (batch) => createNearestKernel(size, batch, rows),
    choose(kernel, place, vector, count, without) {
      const length = norm(vector, 0, width);
      if (length === 0) return NONE;
      for (const row of without) if (row < size) kernel.scores[place * size + row] = Number.NEGATIVE_INFINITY;
      kernel.setVector(vector);
      const margin = 2 * terms * UNIT * longest * length;
      const held = kernel.select(place, count, margin);
      const { found, best } = kernel;
      for (let from = 0; from < held && from < count; ) {
        let end = from + 1;
        while (end < held && best[end - 1]! - best[end]! <= margin) end++;
        if (end - from > 1) settle(kernel, found.subarray(from, end), vector, length);
        from = end;
      }
      return found.slice(0, Math.min(held, count));
    },
  };
  return index;
}

function norm(values: Float32Array, from: number, end: number): number {
  let squares = 0;
  for (let d = from; d < end; d++) squares += values[d]! * values[d]!;
  return Math.sqrt(squares);
}

function longestRow(rows: Float32Array, width: number): number {
  let longest = 0;
  for (let from = 0; from < rows.length; from += width)
    longest = Math.max(longest, norm(rows, from, from + width));
  return longest;
}
