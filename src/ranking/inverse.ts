/** Rows of a block: three blocks of 32 KiB lie in the second-level cache together. */
const BLOCK = 64;

/**
 * The inverse of a symmetric positive definite matrix, in place: Cholesky's A = L L', then L^-1, then L^-T L^-1. All
 * three work on blocks of 64 x 64 that are packed before they are multiplied; n^3 / 2 multiplications, no memory beside
 * the matrix but a few blocks. Y = L^-T takes the upper triangle while L still stands in the lower one.
 *
 * @param matrix n x n, row-major; only the lower triangle is read; overwritten by the whole inverse
 * @param progress called with the share done, in (0, 1]
 * @throws RangeError when the matrix is not positive definite
 */
export function invertPositiveDefinite(
  matrix: Float64Array,
  n: number,
  progress: (share: number) => void = () => {},
): void {
  const blocks = Math.ceil(n / BLOCK);
  const work: Work = {
    matrix,
    n,
    left: new Float64Array(BLOCK * BLOCK),
    right: new Float64Array(BLOCK * BLOCK),
    sum: new Float64Array(BLOCK * BLOCK),
    pivots: new Float64Array(n),
  };
  for (let block = 0; block < blocks; block++) {
    factorise(work, block, blocks);
    progress((block + 1) / blocks / 3);
  }
  for (let block = 0; block < blocks; block++) {
    invertFactor(work, block);
    progress((1 + (block + 1) / blocks) / 3);
  }
  const diagonal = new Float64Array(n);
  for (let block = 0; block < blocks; block++) {
    multiplyFactors(work, block, blocks, diagonal);
    progress((2 + (block + 1) / blocks) / 3);
  }
  for (let row = 0; row < n; row++) {
    matrix[row * n + row] = diagonal[row]!;
    for (let column = 0; column < row; column++) matrix[column * n + row] = matrix[row * n + column]!;
  }
}

interface Work {
  readonly matrix: Float64Array;
  readonly n: number;
  /** Packed factors and the sum of their products. */
  readonly left: Float64Array;
  readonly right: Float64Array;
  readonly sum: Float64Array;
  /** Diagonal of L: its place in the matrix is not shared with that of Y. */
  readonly pivots: Float64Array;
}

/** Block column of L: what the columns before it leave of A, then Cholesky of the diagonal block, then the rows below. */
function factorise(work: Work, block: number, blocks: number): void {
  const { matrix, n, left, right, sum, pivots } = work;
  const start = block * BLOCK;
  const end = Math.min(n, start + BLOCK);
  for (let below = block; below < blocks; below++) {
    sum.fill(0);
    for (let k = 0; k < block; k++) {
      pack(left, matrix, n, below, k);
      pack(right, matrix, n, block, k);
      addProduct(sum, left, right);
    }
    const last = Math.min(n, below * BLOCK + BLOCK);
    for (let row = below * BLOCK; row < last; row++) {
      const from = (row - below * BLOCK) * BLOCK;
      for (let column = start; column < Math.min(end, row + 1); column++) {
        let value = matrix[row * n + column]! - sum[from + column - start]!;
        for (let k = start; k < column; k++) value -= matrix[row * n + k]! * matrix[column * n + k]!;
        if (row !== column) matrix[row * n + column] = value / pivots[column]!;
        else if (value > 0) pivots[row] = Math.sqrt(value);
        else throw new RangeError(`row ${row} of the matrix is not positive definite; regularise it`);
      }
    }
  }
}

/** Block column of Y = L^-T: Y[i, r] = -(sum over i <= k < r of Y[i, k] L[r, k]) / L[r, r]. */
function invertFactor(work: Work, block: number): void {
  const { matrix, n, left, right, sum, pivots } = work;
  const start = block * BLOCK;
  const end = Math.min(n, start + BLOCK);
  for (let above = 0; above <= block; above++) {
    sum.fill(0);
    for (let k = above; k < block; k++) {
      packUpper(left, work, above, k);
      pack(right, matrix, n, block, k);
      addProduct(sum, left, right);
    }
    for (let row = above * BLOCK; row < Math.min(end, above * BLOCK + BLOCK); row++) {
      const from = (row - above * BLOCK) * BLOCK;
      for (let column = Math.max(start, row + 1); column < end; column++) {
        let value = sum[from + column - start]!;
        // Within the block of the column; on the diagonal block it begins with Y[row, row] = 1 / L[row, row].
        if (row >= start) value += matrix[column * n + row]! / pivots[row]!;
        for (let k = Math.max(start, row + 1); k < column; k++)
          value += matrix[row * n + k]! * matrix[column * n + k]!;
        matrix[row * n + column] = -value / pivots[column]!;
      }
    }
  }
}

/** Block row of Y Y' into the lower triangle, its diagonal apart: Y is still needed. */
function multiplyFactors(work: Work, block: number, blocks: number, diagonal: Float64Array): void {
  const { matrix, n, left, right, sum } = work;
  for (let beside = 0; beside <= block; beside++) {
    sum.fill(0);
    for (let k = block; k < blocks; k++) {
      packUpper(left, work, block, k);
      packUpper(right, work, beside, k);
      addProduct(sum, left, right);
    }
    const last = Math.min(n, block * BLOCK + BLOCK);
    for (let row = block * BLOCK; row < last; row++) {
      const from = (row - block * BLOCK) * BLOCK;
      const end = Math.min(row, beside * BLOCK + BLOCK);
      for (let column = beside * BLOCK; column < end; column++)
        matrix[row * n + column] = sum[from + column - beside * BLOCK]!;
      if (beside === block) diagonal[row] = sum[from + row - block * BLOCK]!;
    }
  }
}

/** A block below the diagonal, or above it for Y; zeros past the matrix. */
function pack(
  out: Float64Array,
  matrix: Float64Array,
  n: number,
  rowBlock: number,
  columnBlock: number,
): void {
  const top = rowBlock * BLOCK;
  const from = columnBlock * BLOCK;
  const rows = Math.min(BLOCK, n - top);
  const columns = Math.min(BLOCK, n - from);
  if (rows < BLOCK || columns < BLOCK) out.fill(0);
  for (let row = 0; row < rows; row++) {
    const start = (top + row) * n + from;
    out.set(matrix.subarray(start, start + columns), row * BLOCK);
  }
}

/** A block of Y: on the diagonal the lower triangle is L's and left out, and Y's own diagonal is 1 / L's. */
function packUpper(
  out: Float64Array,
  { matrix, n, pivots }: Work,
  rowBlock: number,
  columnBlock: number,
): void {
  pack(out, matrix, n, rowBlock, columnBlock);
  if (rowBlock !== columnBlock) return;
  const top = rowBlock * BLOCK;
  for (let row = 0; row < Math.min(BLOCK, n - top); row++) {
    out.fill(0, row * BLOCK, row * BLOCK + row);
    out[row * BLOCK + row] = 1 / pivots[top + row]!;
  }
}

/** sum += left right', four rows by two at once: as many sums as there are registers for. */
function addProduct(sum: Float64Array, left: Float64Array, right: Float64Array): void {
  for (let i = 0; i < BLOCK * BLOCK; i += 4 * BLOCK) {
    for (let j = 0; j < BLOCK; j += 2) {
      let [a0, a1, b0, b1, c0, c1, d0, d1] = [0, 0, 0, 0, 0, 0, 0, 0];
      let at = j * BLOCK;
      for (let k = i; k < i + BLOCK; k++, at++) {
        const x = right[at]!;
        const y = right[at + BLOCK]!;
        const a = left[k]!;
        a0 += a * x;
        a1 += a * y;
        const b = left[k + BLOCK]!;
        b0 += b * x;
        b1 += b * y;
        const c = left[k + 2 * BLOCK]!;
        c0 += c * x;
        c1 += c * y;
        const d = left[k + 3 * BLOCK]!;
        d0 += d * x;
        d1 += d * y;
      }
      sum[i + j] = sum[i + j]! + a0;
      sum[i + j + 1] = sum[i + j + 1]! + a1;
      sum[i + BLOCK + j] = sum[i + BLOCK + j]! + b0;
      sum[i + BLOCK + j + 1] = sum[i + BLOCK + j + 1]! + b1;
      sum[i + 2 * BLOCK + j] = sum[i + 2 * BLOCK + j]! + c0;
      sum[i + 2 * BLOCK + j + 1] = sum[i + 2 * BLOCK + j + 1]! + c1;
      sum[i + 3 * BLOCK + j] = sum[i + 3 * BLOCK + j]! + d0;
      sum[i + 3 * BLOCK + j + 1] = sum[i + 3 * BLOCK + j + 1]! + d1;
    }
  }
}
