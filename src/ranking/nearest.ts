import type { CandidateList } from './viewer.ts';

const NONE: CandidateList = { titles: new Int32Array(0), scores: new Float32Array(0) };

/** <row `row` of rows, vector>, summed in double precision from the first entry on, then single: what decides an order. */
export function rowScore(rows: Float32Array, vector: Float32Array, row: number): number {
  const width = vector.length;
  const offset = row * width;
  let sum = 0;
  for (let d = 0; d < width; d++) sum += rows[offset + d]! * vector[d]!;
  return Math.fround(sum);
}

/**
 * The `count` rows with the largest inner product with `vector`, best first, ties by row. The zero vector has none.
 * What `RowIndex` finds, by plain means.
 *
 * @param rows row-major matrix as wide as `vector`
 * @param without rows to leave out
 */
export function nearest(
  rows: Float32Array,
  vector: Float32Array,
  count: number,
  without: ReadonlySet<number>,
): CandidateList {
  if (vector.every((value) => value === 0)) return NONE;
  const size = rows.length / vector.length;
  // A heap of the best so far, worst at the root.
  const titles = new Int32Array(Math.min(count, size));
  const scores = new Float32Array(titles.length);
  let held = 0;
  const worse = (a: number, b: number): boolean =>
    scores[a]! < scores[b]! || (scores[a] === scores[b] && titles[a]! > titles[b]!);
  const swap = (a: number, b: number): void => {
    const [title, score] = [titles[a]!, scores[a]!];
    titles[a] = titles[b]!;
    scores[a] = scores[b]!;
    titles[b] = title;
    scores[b] = score;
  };
  const sink = (from: number, end: number): void => {
    let at = from;
    for (let child = 2 * at + 1; child < end; child = 2 * at + 1) {
      if (child + 1 < end && worse(child + 1, child)) child++;
      if (!worse(child, at)) return;
      swap(at, child);
      at = child;
    }
  };
  for (let row = 0; row < size; row++) {
    const sum = rowScore(rows, vector, row);
    if (held === titles.length && (held === 0 || !(sum > scores[0]!))) continue;
    if (without.has(row)) continue;
    if (held < titles.length) {
      titles[held] = row;
      scores[held] = sum;
      for (let at = held++; at > 0; at = (at - 1) >> 1) {
        if (!worse(at, (at - 1) >> 1)) break;
        swap(at, (at - 1) >> 1);
      }
    } else {
      titles[0] = row;
      scores[0] = sum;
      sink(0, held);
    }
  }
  for (let end = held - 1; end > 0; end--) {
    swap(0, end);
    sink(0, end);
  }
  return { titles: titles.slice(0, held), scores: scores.slice(0, held) };
}
