// A symmetric double-precision matrix by rows, `order` of them, a multiple of 4, of which the lower triangle counts.
// A panel holds four rows of a block of columns, column by column, so that a tile of 4 x 4 products reads straight on.
// Addresses are bytes.

/** matrix[i, j] = how many columns rows i and j of a sparse 0/1 matrix share, for j <= i; the same matrix also by columns. */
export function countShared(
  from: i32,
  to: i32,
  starts: usize,
  columns: usize,
  columnStarts: usize,
  columnRows: usize,
  matrix: usize,
  order: i32,
): void {
  for (let row = from; row < to; row++) {
    const line = matrix + <usize>row * <usize>order * 8;
    const last = load<i32>(starts + ((<usize>row) << 2), 4);
    for (let entry = load<i32>(starts + ((<usize>row) << 2)); entry < last; entry++) {
      const column = columnStarts + ((<usize>load<i32>(columns + ((<usize>entry) << 2))) << 2);
      const end = columnRows + ((<usize>load<i32>(column, 4)) << 2);
      for (let at = columnRows + ((<usize>load<i32>(column)) << 2); at < end; at += 4) {
        const other = load<i32>(at);
        if (other > row) break;
        const cell = line + ((<usize>other) << 3);
        store<f64>(cell, load<f64>(cell) + 1);
      }
    }
  }
}

/** Panels `from` to `to` of the block of columns that starts at `start`; rows above it are read from its own rows. */
export function pack(
  from: i32,
  to: i32,
  start: i32,
  size: i32,
  matrix: usize,
  order: i32,
  panels: usize,
): void {
  const stride = <usize>order * 8;
  for (let panel = from; panel < to; panel++) {
    const row = panel * 4;
    let out = panels + <usize>panel * <usize>size * 32;
    if (row < start) {
      let at = matrix + <usize>start * stride + <usize>row * 8;
      for (let k = 0; k < size; k++) {
        v128.store(out, v128.load(at));
        v128.store(out, v128.load(at, 16), 16);
        at += stride;
        out += 32;
      }
    } else {
      let at = matrix + <usize>row * stride + <usize>start * 8;
      for (let k = 0; k < size; k++) {
        store<f64>(out, load<f64>(at));
        store<f64>(out, load<f64>(at + stride), 8);
        store<f64>(out, load<f64>(at + 2 * stride), 16);
        store<f64>(out, load<f64>(at + 3 * stride), 24);
        at += 8;
        out += 32;
      }
    }
  }
}

/**
 * Minus the inverse of a block on the diagonal, as panels and in its place. `square` is room for the block. `status` takes the first
 * row whose pivot is not above 0, if there is one.
 */
export function invertBlock(
  start: i32,
  size: i32,
  matrix: usize,
  order: i32,
  square: usize,
  panels: usize,
  status: usize,
): void {
  const line = <usize>size * 8;
  const stride = <usize>order * 8;
  const corner = matrix + <usize>start * (stride + 8);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const value = load<f64>(corner + <usize>i * stride + <usize>j * 8);
      store<f64>(square + <usize>i * line + <usize>j * 8, value);
      store<f64>(square + <usize>j * line + <usize>i * 8, value);
    }
  }
  for (let k = 0; k < size; k++) {
    const own = square + <usize>k * line;
    const pivot = load<f64>(own + <usize>k * 8);
    if (!(pivot > 0)) {
      store<f64>(status, <f64>(start + k));
      return;
    }
    for (let i = 0; i < size; i++) {
      if (i === k) continue;
      const row = square + <usize>i * line;
      const factor = f64x2.splat(-load<f64>(row + <usize>k * 8) / pivot);
      for (let at: usize = 0; at < line; at += 32) {
        const x = f64x2.mul(factor, v128.load(own + at));
        const y = f64x2.mul(factor, v128.load(own + at, 16));
        v128.store(row + at, f64x2.add(v128.load(row + at), x));
        v128.store(row + at, f64x2.add(v128.load(row + at, 16), y), 16);
      }
      // What the pivot's column held went into the factor.
      store<f64>(row + <usize>k * 8, -f64x2.extract_lane(factor, 0));
    }
    for (let j = 0; j < size; j++) {
      const cell = own + <usize>j * 8;
      store<f64>(cell, j === k ? -1 / pivot : load<f64>(cell) / pivot);
    }
  }
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const value = load<f64>(square + <usize>i * line + <usize>j * 8);
      if (j <= i) store<f64>(corner + <usize>i * stride + <usize>j * 8, value);
      store<f64>(panels + <usize>(((j >> 2) * size + i) * 4 + (j & 3)) * 8, value);
    }
  }
}

/** products = panels times the panels of a block, and minus that into the place that `pack` took them from. */
export function multiply(
  from: i32,
  to: i32,
  start: i32,
  size: i32,
  matrix: usize,
  order: i32,
  panels: usize,
  block: usize,
  products: usize,
): void {
  const stride = <usize>order * 8;
  for (let panel = from; panel < to; panel++) {
    const row = panel * 4;
    if (row >= start && row < start + size) continue;
    const right = panels + <usize>panel * <usize>size * 32;
    const out = products + <usize>panel * <usize>size * 32;
    for (let k = 0; k < size; k += 4)
      tile(block + <usize>k * <usize>size * 8, right, size, out + <usize>k * 32, 32, false);
    let at = out;
    if (row < start) {
      let to = matrix + <usize>start * stride + <usize>row * 8;
      for (let k = 0; k < size; k++) {
        v128.store(to, f64x2.neg(v128.load(at)));
        v128.store(to, f64x2.neg(v128.load(at, 16)), 16);
        to += stride;
        at += 32;
      }
    } else {
      let to = matrix + <usize>row * stride + <usize>start * 8;
      for (let k = 0; k < size; k++) {
        store<f64>(to, -load<f64>(at));
        store<f64>(to + stride, -load<f64>(at, 8));
        store<f64>(to + 2 * stride, -load<f64>(at, 16));
        store<f64>(to + 3 * stride, -load<f64>(at, 24));
        to += 8;
        at += 32;
      }
    }
  }
}

/** matrix += products panels', in the lower triangle of panels `from` to `to`, the block's own rows and columns apart. */
export function update(
  from: i32,
  to: i32,
  start: i32,
  size: i32,
  matrix: usize,
  order: i32,
  products: usize,
  panels: usize,
): void {
  const stride = <usize>order * 8;
  const depth = <usize>size * 32;
  const first = start >> 2;
  const past = (start + size) >> 2;
  for (let column = 0; column < to; column++) {
    if (column >= first && column < past) continue;
    for (let row = max(from, column); row < to; row++) {
      if (row >= first && row < past) continue;
      const out = matrix + <usize>row * 4 * stride + <usize>column * 32;
      tile(products + <usize>row * depth, panels + <usize>column * depth, size, out, stride, true);
    }
  }
}

/** A tile of 4 x 4: (add ? itself : 0) + sum over k of left[k] right[k]'. */
function tile(left: usize, right: usize, depth: i32, out: usize, stride: usize, add: bool): void {
  let a0 = f64x2.splat(0);
  let a1 = f64x2.splat(0);
  let b0 = f64x2.splat(0);
  let b1 = f64x2.splat(0);
  let c0 = f64x2.splat(0);
  let c1 = f64x2.splat(0);
  let d0 = f64x2.splat(0);
  let d1 = f64x2.splat(0);
  const end = left + <usize>depth * 32;
  for (; left < end; left += 128, right += 128) {
    // Four columns at a time: `size` is a multiple of 4.
    let x = v128.load(right);
    let y = v128.load(right, 16);
    let s = v128.load64_splat(left);
    a0 = f64x2.add(a0, f64x2.mul(s, x));
    a1 = f64x2.add(a1, f64x2.mul(s, y));
    s = v128.load64_splat(left, 8);
    b0 = f64x2.add(b0, f64x2.mul(s, x));
    b1 = f64x2.add(b1, f64x2.mul(s, y));
    s = v128.load64_splat(left, 16);
    c0 = f64x2.add(c0, f64x2.mul(s, x));
    c1 = f64x2.add(c1, f64x2.mul(s, y));
    s = v128.load64_splat(left, 24);
    d0 = f64x2.add(d0, f64x2.mul(s, x));
    d1 = f64x2.add(d1, f64x2.mul(s, y));
    x = v128.load(right, 32);
    y = v128.load(right, 48);
    s = v128.load64_splat(left, 32);
    a0 = f64x2.add(a0, f64x2.mul(s, x));
    a1 = f64x2.add(a1, f64x2.mul(s, y));
    s = v128.load64_splat(left, 40);
    b0 = f64x2.add(b0, f64x2.mul(s, x));
    b1 = f64x2.add(b1, f64x2.mul(s, y));
    s = v128.load64_splat(left, 48);
    c0 = f64x2.add(c0, f64x2.mul(s, x));
    c1 = f64x2.add(c1, f64x2.mul(s, y));
    s = v128.load64_splat(left, 56);
    d0 = f64x2.add(d0, f64x2.mul(s, x));
    d1 = f64x2.add(d1, f64x2.mul(s, y));
    x = v128.load(right, 64);
    y = v128.load(right, 80);
    s = v128.load64_splat(left, 64);
    a0 = f64x2.add(a0, f64x2.mul(s, x));
    a1 = f64x2.add(a1, f64x2.mul(s, y));
    s = v128.load64_splat(left, 72);
    b0 = f64x2.add(b0, f64x2.mul(s, x));
    b1 = f64x2.add(b1, f64x2.mul(s, y));
    s = v128.load64_splat(left, 80);
    c0 = f64x2.add(c0, f64x2.mul(s, x));
    c1 = f64x2.add(c1, f64x2.mul(s, y));
    s = v128.load64_splat(left, 88);
    d0 = f64x2.add(d0, f64x2.mul(s, x));
    d1 = f64x2.add(d1, f64x2.mul(s, y));
    x = v128.load(right, 96);
    y = v128.load(right, 112);
    s = v128.load64_splat(left, 96);
    a0 = f64x2.add(a0, f64x2.mul(s, x));
    a1 = f64x2.add(a1, f64x2.mul(s, y));
    s = v128.load64_splat(left, 104);
    b0 = f64x2.add(b0, f64x2.mul(s, x));
    b1 = f64x2.add(b1, f64x2.mul(s, y));
    s = v128.load64_splat(left, 112);
    c0 = f64x2.add(c0, f64x2.mul(s, x));
    c1 = f64x2.add(c1, f64x2.mul(s, y));
    s = v128.load64_splat(left, 120);
    d0 = f64x2.add(d0, f64x2.mul(s, x));
    d1 = f64x2.add(d1, f64x2.mul(s, y));
  }
  settle(out, a0, a1, add);
  settle(out + stride, b0, b1, add);
  settle(out + 2 * stride, c0, c1, add);
  settle(out + 3 * stride, d0, d1, add);
}

function settle(out: usize, x: v128, y: v128, add: bool): void {
  v128.store(out, add ? f64x2.add(v128.load(out), x) : x);
  v128.store(out, add ? f64x2.add(v128.load(out, 16), y) : y, 16);
}
