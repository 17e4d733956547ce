/** Rows [from, to). */
export type RowRange = readonly [from: number, to: number];

/** Cuts [0, rows) into at most `parts` ranges of about equal length, borders at multiples of `step`. */
export function evenRanges(rows: number, parts: number, step = 1): RowRange[] {
  const length = Math.max(step, Math.ceil(rows / parts / step) * step);
  const ranges: RowRange[] = [];
  for (let from = 0; from < rows; from += length) ranges.push([from, Math.min(rows, from + length)]);
  return ranges;
}

/** Cuts the rows of a sparse matrix into at most `parts` ranges of about as many entries each. */
export function balancedRanges(starts: Int32Array, parts: number): RowRange[] {
  const rows = starts.length - 1;
  const share = starts[rows]! / parts;
  const ranges: RowRange[] = [];
  let from = 0;
  for (let row = 0; row < rows; row++) {
    if (starts[row + 1]! < share * (ranges.length + 1) && row + 1 < rows) continue;
    ranges.push([from, row + 1]);
    from = row + 1;
  }
  return ranges;
}
