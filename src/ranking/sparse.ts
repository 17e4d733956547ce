/** A sparse matrix by rows (CSR): the entries of row r are at `starts[r]` up to, not including, `starts[r + 1]`. */
export interface SparseRows {
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float32Array;
}

/**
 * Groups entries by row, keeping their order within a row (counting sort, linear time).
 * `rows`, `columns` and `values` are parallel; rows lie in [0, rowCount). Entries of one cell stay apart.
 */
export function sparseRows(
  rows: ArrayLike<number>,
  columns: ArrayLike<number>,
  values: ArrayLike<number>,
  rowCount: number,
): SparseRows {
  const starts = new Int32Array(rowCount + 1);
  for (let entry = 0; entry < rows.length; entry++) starts[rows[entry]! + 1]!++;
  for (let row = 0; row < rowCount; row++) starts[row + 1]! += starts[row]!;
  const next = starts.slice(0, rowCount);
  const sorted = new Int32Array(rows.length);
  const weights = new Float32Array(rows.length);
  for (let entry = 0; entry < rows.length; entry++) {
    const place = next[rows[entry]!]!++;
    sorted[place] = columns[entry]!;
    weights[place] = values[entry]!;
  }
  return { starts, columns: sorted, values: weights };
}
