import { bitsOf, placeOf, sortKey } from './sort-keys.ts';

/**
 * Every row, highest score first.
 * @param scores fewer than 1,048,576
 * @param ties   every row once: of equal scores the row that stands first here comes first
 */
export function sortedRows(scores: Float32Array, ties: Int32Array): Int32Array {
  const bits = bitsOf(scores, scores.length);
  const keys = Float64Array.from(ties, (row, place) => sortKey(bits[row]!, place)).sort();
  return Int32Array.from(keys, (key) => ties[placeOf(key)]!);
}

/** The `count` rows with the highest positive scores, best first, ties by row. */
export function bestRows(scores: Float32Array, count: number): Int32Array {
  const bits = bitsOf(scores, scores.length);
  const keys = new Float64Array(scores.length);
  let positive = 0;
  for (let row = 0; row < scores.length; row++)
    if (scores[row]! > 0) keys[positive++] = sortKey(bits[row]!, row);
  return Int32Array.from(keys.subarray(0, positive).sort().subarray(0, count), placeOf);
}
