// Single-precision vectors, `bytes` long, a multiple of 32; addresses are bytes.

/** Products of one vector with four others. */
export function fourDots(vector: usize, bytes: usize, a: usize, b: usize, c: usize, d: usize): v128 {
  let p = f32x4.splat(0);
  let q = f32x4.splat(0);
  let r = f32x4.splat(0);
  let s = f32x4.splat(0);
  for (let at: usize = 0; at < bytes; at += 32) {
    const x = v128.load(vector + at);
    p = f32x4.add(p, f32x4.mul(x, v128.load(a + at)));
    q = f32x4.add(q, f32x4.mul(x, v128.load(b + at)));
    r = f32x4.add(r, f32x4.mul(x, v128.load(c + at)));
    s = f32x4.add(s, f32x4.mul(x, v128.load(d + at)));
    const y = v128.load(vector + at, 16);
    p = f32x4.add(p, f32x4.mul(y, v128.load(a + at, 16)));
    q = f32x4.add(q, f32x4.mul(y, v128.load(b + at, 16)));
    r = f32x4.add(r, f32x4.mul(y, v128.load(c + at, 16)));
    s = f32x4.add(s, f32x4.mul(y, v128.load(d + at, 16)));
  }
  const pq = f32x4.add(v128.shuffle<f32>(p, q, 0, 4, 1, 5), v128.shuffle<f32>(p, q, 2, 6, 3, 7));
  const rs = f32x4.add(v128.shuffle<f32>(r, s, 0, 4, 1, 5), v128.shuffle<f32>(r, s, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(pq, rs, 0, 1, 4, 5), v128.shuffle<f32>(pq, rs, 2, 3, 6, 7));
}

/** image += four rows, each by its lane of `shares`. */
export function addFour(
  image: usize,
  bytes: usize,
  shares: v128,
  a: usize,
  b: usize,
  c: usize,
  d: usize,
): void {
  const p = v128.shuffle<f32>(shares, shares, 0, 0, 0, 0);
  const q = v128.shuffle<f32>(shares, shares, 1, 1, 1, 1);
  const r = v128.shuffle<f32>(shares, shares, 2, 2, 2, 2);
  const s = v128.shuffle<f32>(shares, shares, 3, 3, 3, 3);
  for (let at: usize = 0; at < bytes; at += 32) {
    const x = f32x4.add(f32x4.mul(p, v128.load(a + at)), f32x4.mul(q, v128.load(b + at)));
    const y = f32x4.add(f32x4.mul(r, v128.load(c + at)), f32x4.mul(s, v128.load(d + at)));
    v128.store(image + at, f32x4.add(v128.load(image + at), f32x4.add(x, y)));
    const z = f32x4.add(f32x4.mul(p, v128.load(a + at, 16)), f32x4.mul(q, v128.load(b + at, 16)));
    const w = f32x4.add(f32x4.mul(r, v128.load(c + at, 16)), f32x4.mul(s, v128.load(d + at, 16)));
    v128.store(image + at, f32x4.add(v128.load(image + at, 16), f32x4.add(z, w)), 16);
  }
}

export function addScaled(to: usize, from: usize, by: f32, bytes: usize): void {
  const scale = f32x4.splat(by);
  for (let at: usize = 0; at < bytes; at += 16)
    v128.store(to + at, f32x4.add(v128.load(to + at), f32x4.mul(scale, v128.load(from + at))));
}

export function dot(left: usize, right: usize, bytes: usize): f32 {
  let p = f32x4.splat(0);
  let q = f32x4.splat(0);
  for (let at: usize = 0; at < bytes; at += 32) {
    p = f32x4.add(p, f32x4.mul(v128.load(left + at), v128.load(right + at)));
    q = f32x4.add(q, f32x4.mul(v128.load(left + at, 16), v128.load(right + at, 16)));
  }
  const sum = f32x4.add(p, q);
  return (
    f32x4.extract_lane(sum, 0) +
    f32x4.extract_lane(sum, 1) +
    (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3))
  );
}
