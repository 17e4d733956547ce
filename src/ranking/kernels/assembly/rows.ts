// Rows of single-precision factors, `width` apart, a multiple of 8; addresses are bytes.

import { addFour, addScaled, dot, fourDots } from './vectors';

/** Rows that lie in the first-level cache together. */
const CHUNK: i32 = 64;

/**
 * Rows `from` to `to` (multiples of 4) of the double-precision Gram matrix of `count` rows. Each entry is summed in the order of the rows,
 * whoever computes which part.
 */
export function gram(rows: usize, count: i32, width: i32, from: i32, to: i32, out: usize): void {
  memory.fill(out + <usize>(from * width * 8), 0, <usize>((to - from) * width * 8));
  for (let first = 0; first < count; first += CHUNK) {
    const last = min(count, first + CHUNK);
    for (let f = from; f < to; f += 4) {
      for (let g = 0; g < width; g += 4) gramTile(rows, first, last, width, f, g, out);
    }
  }
}

/** Four by four entries of the Gram matrix, over some rows. */
function gramTile(rows: usize, first: i32, last: i32, width: i32, f: i32, g: i32, out: usize): void {
  const stride = <usize>width * 4;
  let left = rows + <usize>first * stride + <usize>f * 4;
  let right = rows + <usize>first * stride + <usize>g * 4;
  let to = out + <usize>(f * width + g) * 8;
  const line = <usize>width * 8;
  let a0 = v128.load(to);
  let a1 = v128.load(to, 16);
  let b0 = v128.load(to + line);
  let b1 = v128.load(to + line, 16);
  let c0 = v128.load(to + 2 * line);
  let c1 = v128.load(to + 2 * line, 16);
  let d0 = v128.load(to + 3 * line);
  let d1 = v128.load(to + 3 * line, 16);
  for (let row = first; row < last; row++) {
    const x = f64x2.promote_low_f32x4(v128.load64_zero(right));
    const y = f64x2.promote_low_f32x4(v128.load64_zero(right, 8));
    const a = f64x2.splat(<f64>load<f32>(left));
    a0 = f64x2.add(a0, f64x2.mul(a, x));
    a1 = f64x2.add(a1, f64x2.mul(a, y));
    const b = f64x2.splat(<f64>load<f32>(left, 4));
    b0 = f64x2.add(b0, f64x2.mul(b, x));
    b1 = f64x2.add(b1, f64x2.mul(b, y));
    const c = f64x2.splat(<f64>load<f32>(left, 8));
    c0 = f64x2.add(c0, f64x2.mul(c, x));
    c1 = f64x2.add(c1, f64x2.mul(c, y));
    const d = f64x2.splat(<f64>load<f32>(left, 12));
    d0 = f64x2.add(d0, f64x2.mul(d, x));
    d1 = f64x2.add(d1, f64x2.mul(d, y));
    left += stride;
    right += stride;
  }
  v128.store(to, a0);
  v128.store(to, a1, 16);
  to += line;
  v128.store(to, b0);
  v128.store(to, b1, 16);
  to += line;
  v128.store(to, c0);
  v128.store(to, c1, 16);
  to += line;
  v128.store(to, d0);
  v128.store(to, d1, 16);
}

/**
 * `steps` conjugate gradient steps on rows `from` to `to` of `mine` against the fixed rows of `theirs`; rows without entries
 * stay as they are. The entries of a row are at `starts`, their rows of `theirs` in `columns`, their confidences in `values`.
 *
 * @param gram      single-precision Gram matrix of `theirs`
 * @param penalties one for each row of `mine`
 * @param scratch   three vectors of `width`
 */
export function improve(
  from: i32,
  to: i32,
  mine: usize,
  theirs: usize,
  starts: usize,
  columns: usize,
  values: usize,
  gram: usize,
  penalties: usize,
  width: i32,
  steps: i32,
  scratch: usize,
): void {
  const bytes = <usize>width * 4;
  const residual = scratch;
  const direction = scratch + bytes;
  const image = scratch + 2 * bytes;
  for (let row = from; row < to; row++) {
    const first = load<i32>(starts + ((<usize>row) << 2));
    const last = load<i32>(starts + ((<usize>row) << 2), 4);
    if (first === last) continue;
    const solution = mine + <usize>row * bytes;
    const penalty = load<f32>(penalties + ((<usize>row) << 2));
    // residual = sum of c (1 - y'x) y - (gram + penalty I) x
    applyGram(gram, solution, residual, bytes, -1, -penalty);
    addRows(theirs, columns, values, first, last, solution, residual, bytes, 1, -1);
    memory.copy(direction, residual, bytes);
    let norm = dot(residual, residual, bytes);
    for (let step = 0; step < steps && norm > 1e-20; step++) {
      applyGram(gram, direction, image, bytes, 1, penalty);
      addRows(theirs, columns, values, first, last, direction, image, bytes, 0, 1);
      const length = norm / dot(direction, image, bytes);
      addScaled(solution, direction, length, bytes);
      addScaled(residual, image, -length, bytes);
      const next = dot(residual, residual, bytes);
      const turn = f32x4.splat(next / norm);
      for (let at: usize = 0; at < bytes; at += 16) {
        const turned = f32x4.mul(turn, v128.load(direction + at));
        v128.store(direction + at, f32x4.add(v128.load(residual + at), turned));
      }
      norm = next;
    }
  }
}

/** image = sign gram vector + penalty vector */
function applyGram(gram: usize, vector: usize, image: usize, bytes: usize, sign: f32, penalty: f32): void {
  const own = f32x4.splat(penalty);
  for (let at: usize = 0; at < bytes; at += 16)
    v128.store(image + at, f32x4.mul(own, v128.load(vector + at)));
  const turned = f32x4.splat(sign);
  for (let at: usize = 0; at < bytes; at += 16) {
    const shares = f32x4.mul(turned, v128.load(vector + at));
    const a = gram + (at >> 2) * bytes;
    addFour(image, bytes, shares, a, a + bytes, a + 2 * bytes, a + 3 * bytes);
  }
}

/** image += sum over entries of c (bias + sign y'vector) y, four entries at once. */
function addRows(
  theirs: usize,
  columns: usize,
  values: usize,
  first: i32,
  last: i32,
  vector: usize,
  image: usize,
  bytes: usize,
  bias: f32,
  sign: f32,
): void {
  const biases = f32x4.splat(bias);
  const signs = f32x4.splat(sign);
  let entry = first;
  for (; entry + 3 < last; entry += 4) {
    const at = columns + ((<usize>entry) << 2);
    const a = theirs + <usize>load<i32>(at) * bytes;
    const b = theirs + <usize>load<i32>(at, 4) * bytes;
    const c = theirs + <usize>load<i32>(at, 8) * bytes;
    const d = theirs + <usize>load<i32>(at, 12) * bytes;
    const dots = f32x4.add(biases, f32x4.mul(signs, fourDots(vector, bytes, a, b, c, d)));
    const shares = f32x4.mul(v128.load(values + ((<usize>entry) << 2)), dots);
    addFour(image, bytes, shares, a, b, c, d);
  }
  for (; entry < last; entry++) {
    const y = theirs + <usize>load<i32>(columns + ((<usize>entry) << 2)) * bytes;
    const share = load<f32>(values + ((<usize>entry) << 2)) * (bias + sign * dot(y, vector, bytes));
    addScaled(image, y, share, bytes);
  }
}
