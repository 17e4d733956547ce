// One vector space: rows of single-precision numbers, `bytes` apart, a multiple of 32. Addresses are bytes.

import { addFour, addScaled, dot, fourDots } from './vectors';

export { improve } from './rows';

/** out[i] = <rows[titles[i]], vector> */
export function dots(rows: usize, bytes: usize, vector: usize, titles: usize, count: i32, out: usize): void {
  let i = 0;
  for (; i + 3 < count; i += 4) {
    const at = titles + ((<usize>i) << 2);
    const a = rows + <usize>load<i32>(at) * bytes;
    const b = rows + <usize>load<i32>(at, 4) * bytes;
    const c = rows + <usize>load<i32>(at, 8) * bytes;
    const d = rows + <usize>load<i32>(at, 12) * bytes;
    v128.store(out + ((<usize>i) << 2), fourDots(vector, bytes, a, b, c, d));
  }
  for (; i < count; i++) {
    const row = rows + <usize>load<i32>(titles + ((<usize>i) << 2)) * bytes;
    store<f32>(out + ((<usize>i) << 2), dot(vector, row, bytes));
  }
}

/** out = sum of weights[i] rows[titles[i]] */
export function weightedSum(
  rows: usize,
  bytes: usize,
  titles: usize,
  weights: usize,
  count: i32,
  out: usize,
): void {
  memory.fill(out, 0, bytes);
  let i = 0;
  for (; i + 3 < count; i += 4) {
    const at = titles + ((<usize>i) << 2);
    const a = rows + <usize>load<i32>(at) * bytes;
    const b = rows + <usize>load<i32>(at, 4) * bytes;
    const c = rows + <usize>load<i32>(at, 8) * bytes;
    const d = rows + <usize>load<i32>(at, 12) * bytes;
    addFour(out, bytes, v128.load(weights + ((<usize>i) << 2)), a, b, c, d);
  }
  for (; i < count; i++) {
    const row = rows + <usize>load<i32>(titles + ((<usize>i) << 2)) * bytes;
    addScaled(out, row, load<f32>(weights + ((<usize>i) << 2)), bytes);
  }
}

/** <vector, matrix vector> of a square matrix. */
export function quadratic(matrix: usize, bytes: usize, vector: usize): f32 {
  let sum: f32 = 0;
  for (let at: usize = 0; at < bytes; at += 4)
    sum += load<f32>(vector + at) * dot(matrix + (at >> 2) * bytes, vector, bytes);
  return sum;
}
