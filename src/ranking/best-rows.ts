/** Places in an order that a key has room for beside the bits of a score. */
const PLACES = 2 ** 20;

/**
 * Every row, highest score first. A score's bits and the row's place make one number, so that the sort compares numbers alone.
 *
 * @param scores at least 0; fewer than 1,048,576
 * @param ties   every row once: of equal scores the row that stands first here comes first
 */
export function sortedRows(scores: Float32Array, ties: Int32Array): Int32Array {
  const bits = new Uint32Array(scores.buffer, scores.byteOffset, scores.length);
  const keys = Float64Array.from(ties, (row, place) => -bits[row]! * PLACES + place).sort();
  return Int32Array.from(keys, (key) => ties[placeOf(key)]!);
}

/** The `count` rows with the highest positive scores, best first, ties by row. */
export function bestRows(scores: Float32Array, count: number): Int32Array {
  const bits = new Uint32Array(scores.buffer, scores.byteOffset, scores.length);
  const keys = new Float64Array(scores.length);
  let positive = 0;
  for (let row = 0; row < scores.length; row++)
    if (scores[row]! > 0) keys[positive++] = -bits[row]! * PLACES + row;
  return Int32Array.from(keys.subarray(0, positive).sort().subarray(0, count), placeOf);
}

function placeOf(key: number): number {
  return ((key % PLACES) + PLACES) % PLACES;
}
