/**
 * Solves `matrix * x = right` for a symmetric positive definite matrix, in place.
 *
 * @param matrix n x n, row-major; only the lower triangle is read; overwritten by its Cholesky factor
 * @param right  n values; overwritten by x
 * @throws RangeError when the matrix is not positive definite
 */
export function solveCholesky(matrix: Float64Array, right: Float64Array, n: number): void {
  for (let row = 0; row < n; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row * n + column]!;
      for (let k = 0; k < column; k++) sum -= matrix[row * n + k]! * matrix[column * n + k]!;
      if (row !== column) matrix[row * n + column] = sum / matrix[column * n + column]!;
      else if (sum > 0) matrix[row * n + row] = Math.sqrt(sum);
      else throw new RangeError(`row ${row} of the matrix is not positive definite; regularise it`);
    }
  }
  for (let row = 0; row < n; row++) {
    let sum = right[row]!;
    for (let k = 0; k < row; k++) sum -= matrix[row * n + k]! * right[k]!;
    right[row] = sum / matrix[row * n + row]!;
  }
  for (let row = n - 1; row >= 0; row--) {
    let sum = right[row]!;
    for (let k = row + 1; k < n; k++) sum -= matrix[k * n + row]! * right[k]!;
    right[row] = sum / matrix[row * n + row]!;
  }
}
