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

/**
 * The rows of `count` titles side by side: out[d][i] = rows[titles[i]][d] for the first `width` of d, a multiple of four; columns are
 * `stride` apart, and what they hold after the last title is not touched.
 */
export function columns(
  rows: usize,
  bytes: usize,
  width: i32,
  titles: usize,
  count: i32,
  out: usize,
  stride: usize,
): void {
  const end = (<usize>width) << 2;
  let i = 0;
  for (; i + 3 < count; i += 4) {
    const at = titles + ((<usize>i) << 2);
    const a = rows + <usize>load<i32>(at) * bytes;
    const b = rows + <usize>load<i32>(at, 4) * bytes;
    const c = rows + <usize>load<i32>(at, 8) * bytes;
    const d = rows + <usize>load<i32>(at, 12) * bytes;
    let to = out + ((<usize>i) << 2);
    for (let from: usize = 0; from < end; from += 16) {
      const p = v128.load(a + from);
      const q = v128.load(b + from);
      const r = v128.load(c + from);
      const s = v128.load(d + from);
      const low = v128.shuffle<f32>(p, q, 0, 4, 1, 5);
      const high = v128.shuffle<f32>(r, s, 0, 4, 1, 5);
      v128.store(to, v128.shuffle<f32>(low, high, 0, 1, 4, 5));
      v128.store(to + stride, v128.shuffle<f32>(low, high, 2, 3, 6, 7));
      const third = v128.shuffle<f32>(p, q, 2, 6, 3, 7);
      const fourth = v128.shuffle<f32>(r, s, 2, 6, 3, 7);
      v128.store(to + 2 * stride, v128.shuffle<f32>(third, fourth, 0, 1, 4, 5));
      v128.store(to + 3 * stride, v128.shuffle<f32>(third, fourth, 2, 3, 6, 7));
      to += 4 * stride;
    }
  }
  for (; i < count; i++) {
    const row = rows + <usize>load<i32>(titles + ((<usize>i) << 2)) * bytes;
    let to = out + ((<usize>i) << 2);
    for (let from: usize = 0; from < end; from += 4, to += stride) store<f32>(to, load<f32>(row + from));
  }
}

/** <vector, matrix vector> of a square matrix. */
export function quadratic(matrix: usize, bytes: usize, vector: usize): f32 {
  let sum: f32 = 0;
  for (let at: usize = 0; at < bytes; at += 4)
    sum += load<f32>(vector + at) * dot(matrix + (at >> 2) * bytes, vector, bytes);
  return sum;
}
