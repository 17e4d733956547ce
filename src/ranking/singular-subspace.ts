import { generator, normal } from './generator.ts';
import { type SparseRows, sparseRows } from './sparse.ts';

/**
 * Rows of a sparse matrix in the space of its leading right singular vectors, row-major, `rank` numbers each, from randomised
 * subspace iteration. Inner products of rows do not depend on the basis chosen in that space, so none is singled out.
 *
 * Paper: Halko, Martinsson, Tropp 2011, section 4.5.
 *
 * @param columns number of columns, at least `rank`
 */
export function leftVectors(
  matrix: SparseRows,
  columns: number,
  { rank, iterations, seed }: { readonly rank: number; readonly iterations: number; readonly seed: number },
): Float32Array {
  const transposed = transpose(matrix, columns);
  const random = generator(seed);
  let basis = Float32Array.from({ length: columns * rank }, () => normal(random));
  for (let iteration = 0; iteration < iterations; iteration++) {
    basis = multiply(transposed, multiply(matrix, basis, rank), rank);
    orthonormalise(basis, rank);
  }
  return multiply(matrix, basis, rank);
}

function transpose(matrix: SparseRows, columnCount: number): SparseRows {
  const rows = new Int32Array(matrix.columns.length);
  for (let row = 0; row < matrix.starts.length - 1; row++)
    rows.fill(row, matrix.starts[row]!, matrix.starts[row + 1]!);
  return sparseRows(matrix.columns, rows, matrix.values, columnCount);
}

/** Sparse times dense: dense has `width` columns, row-major. */
function multiply(matrix: SparseRows, dense: Float32Array, width: number): Float32Array<ArrayBuffer> {
  const product = new Float32Array((matrix.starts.length - 1) * width);
  for (let row = 0; row < matrix.starts.length - 1; row++) {
    for (let entry = matrix.starts[row]!; entry < matrix.starts[row + 1]!; entry++) {
      const value = matrix.values[entry]!;
      const from = matrix.columns[entry]! * width;
      const to = row * width;
      for (let d = 0; d < width; d++) product[to + d]! += value * dense[from + d]!;
    }
  }
  return product;
}

/** Gram-Schmidt over the columns of a row-major matrix, twice for accuracy; a dependent column becomes zero. */
function orthonormalise(matrix: Float32Array, width: number): void {
  const height = matrix.length / width;
  const columns = Array.from({ length: width }, (_, c) =>
    Float64Array.from({ length: height }, (_, row) => matrix[row * width + c]!),
  );
  for (let c = 0; c < width; c++) {
    const column = columns[c]!;
    const before = Math.sqrt(inner(column, column));
    for (let round = 0; round < 2; round++) {
      for (let other = 0; other < c; other++) {
        const basis = columns[other]!;
        const share = inner(column, basis);
        for (let row = 0; row < height; row++) column[row]! -= share * basis[row]!;
      }
    }
    const norm = Math.sqrt(inner(column, column));
    const scale = norm > 1e-6 * before && norm > 0 ? 1 / norm : 0;
    for (let row = 0; row < height; row++) matrix[row * width + c] = column[row]! *= scale;
  }
}

function inner(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let row = 0; row < left.length; row++) sum += left[row]! * right[row]!;
  return sum;
}
