/**
 * The `count` rows with the highest positive scores, best first, ties by row. One pass with a sorted tail of what was found,
 * which is cut whenever it has doubled.
 */
export function bestRows(scores: ArrayLike<number>, count: number): Int32Array {
  const held = new Int32Array(2 * count);
  let kept = 0;
  let least = 0;
  const cut = (): void => {
    held.subarray(0, kept).sort((a, b) => scores[b]! - scores[a]! || a - b);
    kept = Math.min(kept, count);
    if (kept === count) least = scores[held[count - 1]!]!;
  };
  for (let row = 0; row < scores.length; row++) {
    // Later rows lose ties.
    if (!(scores[row]! > least)) continue;
    held[kept++] = row;
    if (kept === held.length) cut();
  }
  cut();
  return held.slice(0, kept);
}
