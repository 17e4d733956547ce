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
  const sorted: SparseRows = {
    starts: new Int32Array(rowCount + 1),
    columns: new Int32Array(rows.length),
    values: new Float32Array(rows.length),
  };
  fillSparseRows(sorted, rows, columns, values);
  return sorted;
}

/** The same into arrays of the right lengths; `starts` is zeros. */
export function fillSparseRows(
  out: SparseRows,
  rows: ArrayLike<number>,
  columns: ArrayLike<number>,
  values: ArrayLike<number>,
): void {
  const { starts } = out;
  const rowCount = starts.length - 1;
  for (let entry = 0; entry < rows.length; entry++) starts[rows[entry]! + 1]!++;
  for (let row = 0; row < rowCount; row++) starts[row + 1]! += starts[row]!;
  const next = starts.slice(0, rowCount);
  for (let entry = 0; entry < rows.length; entry++) {
    const place = next[rows[entry]!]!++;
    out.columns[place] = columns[entry]!;
    out.values[place] = values[entry]!;
  }
}
