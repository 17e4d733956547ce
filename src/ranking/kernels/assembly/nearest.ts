// The largest of a row of single-precision scores. Addresses are bytes; a key is a score in the order of integers above
// 2^32 - 1 - its row, so that keys fall with the score, then rise with the row.

/** Scores of which only the largest is looked at first. */
const BLOCK: i32 = 16;
/** So few keys are sorted by insertion. */
const SHORT: i32 = 12;

/**
 * scores[i] = <rows[i], vector>, in single precision.
 * @param width of rows and vector, a multiple of 4
 */
export function products(rows: usize, count: i32, width: i32, vector: usize, scores: usize): void {
  const stride = (<usize>width) << 2;
  let row = 0;
  for (; row + 3 < count; row += 4) {
    let a = f32x4.splat(0);
    let b = f32x4.splat(0);
    let c = f32x4.splat(0);
    let d = f32x4.splat(0);
    let at = rows;
    for (let from = vector; from < vector + stride; from += 16, at += 16) {
      const value = v128.load(from);
      a = f32x4.add(a, f32x4.mul(value, v128.load(at)));
      b = f32x4.add(b, f32x4.mul(value, v128.load(at + stride)));
      c = f32x4.add(c, f32x4.mul(value, v128.load(at + 2 * stride)));
      d = f32x4.add(d, f32x4.mul(value, v128.load(at + 3 * stride)));
    }
    // Four sums of four lanes, by two rounds of pairwise interleaving.
    const ac = f32x4.add(v128.shuffle<f32>(a, c, 0, 4, 1, 5), v128.shuffle<f32>(a, c, 2, 6, 3, 7));
    const bd = f32x4.add(v128.shuffle<f32>(b, d, 0, 4, 1, 5), v128.shuffle<f32>(b, d, 2, 6, 3, 7));
    const low = v128.shuffle<f32>(ac, bd, 0, 4, 1, 5);
    const high = v128.shuffle<f32>(ac, bd, 2, 6, 3, 7);
    v128.store(scores + ((<usize>row) << 2), f32x4.add(low, high));
    rows += 4 * stride;
  }
  for (; row < count; row++) {
    let sum = f32x4.splat(0);
    for (let at: usize = 0; at < stride; at += 16)
      sum = f32x4.add(sum, f32x4.mul(v128.load(vector + at), v128.load(rows + at)));
    const total =
      f32x4.extract_lane(sum, 0) +
      f32x4.extract_lane(sum, 1) +
      f32x4.extract_lane(sum, 2) +
      f32x4.extract_lane(sum, 3);
    store<f32>(scores + ((<usize>row) << 2), total);
    rows += stride;
  }
}

/**
 * <row, vector> in double precision, by four sums of two lanes.
 * @param row    single precision
 * @param vector double precision
 * @param width  of both, a multiple of 8
 */
export function precise(row: usize, vector: usize, width: i32): f64 {
  let a = f64x2.splat(0);
  let b = f64x2.splat(0);
  let c = f64x2.splat(0);
  let d = f64x2.splat(0);
  for (const end = row + (<usize>width << 2); row < end; row += 32, vector += 64) {
    a = f64x2.add(a, f64x2.mul(v128.load(vector), f64x2.promote_low_f32x4(v128.load64_zero(row))));
    b = f64x2.add(b, f64x2.mul(v128.load(vector, 16), f64x2.promote_low_f32x4(v128.load64_zero(row, 8))));
    c = f64x2.add(c, f64x2.mul(v128.load(vector, 32), f64x2.promote_low_f32x4(v128.load64_zero(row, 16))));
    d = f64x2.add(d, f64x2.mul(v128.load(vector, 48), f64x2.promote_low_f32x4(v128.load64_zero(row, 24))));
  }
  const sum = f64x2.add(f64x2.add(a, b), f64x2.add(c, d));
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/**
 * The rows that may be among the `count` largest when each score is off by up to margin / 2, best first. -Infinity is left out.
 *
 * @param keys  room for size + 1 numbers of 64 bits
 * @param found takes the rows (i32), at most size of them
 * @param best  takes their scores (f32)
 * @returns how many there are
 */
export function select(
  scores: usize,
  size: i32,
  count: i32,
  margin: f32,
  keys: usize,
  found: usize,
  best: usize,
): i32 {
  if (size === 0 || count === 0) return 0;
  const least = floorOf(scores, size, count, keys) - margin;
  let held = collect(scores, size, least, keys);
  if (held > count) {
    const cut = scoreOf(kth(keys, held, count)) - margin;
    let kept = 0;
    for (let i = 0; i < held; i++) {
      const key = load<u64>(keys + ((<usize>i) << 3));
      if (scoreOf(key) < cut) continue;
      store<u64>(keys + ((<usize>kept) << 3), key);
      kept++;
    }
    held = kept;
  }
  sort(keys, 0, held - 1);
  for (let i = 0; i < held; i++) {
    const key = load<u64>(keys + ((<usize>i) << 3));
    store<i32>(found + ((<usize>i) << 2), <i32>~(<u32>key));
    store<f32>(best + ((<usize>i) << 2), scoreOf(key));
  }
  return held;
}

/** A score that at least `count` scores reach: the count-th of the largest of each block; -Infinity where blocks are fewer. */
function floorOf(scores: usize, size: i32, count: i32, keys: usize): f32 {
  const blocks = size / BLOCK;
  if (blocks < count) return -Infinity;
  let at = scores;
  for (let block = 0; block < blocks; block++, at += BLOCK << 2) {
    const first = f32x4.max(v128.load(at), v128.load(at, 16));
    const second = f32x4.max(v128.load(at, 32), v128.load(at, 48));
    const four = f32x4.max(first, second);
    const two = f32x4.max(four, v128.shuffle<f32>(four, four, 2, 3, 0, 1));
    const largest = max(f32x4.extract_lane(two, 0), f32x4.extract_lane(two, 1));
    store<u64>(keys + ((<usize>block) << 3), keyOf(largest, 0));
  }
  return scoreOf(kth(keys, blocks, count));
}

/** Keys of the scores that are not below `least`. */
function collect(scores: usize, size: i32, least: f32, keys: usize): i32 {
  const bound = f32x4.splat(least);
  let held = 0;
  let row = 0;
  for (; row + BLOCK <= size; row += BLOCK) {
    const at = scores + ((<usize>row) << 2);
    const first = f32x4.max(v128.load(at), v128.load(at, 16));
    const second = f32x4.max(v128.load(at, 32), v128.load(at, 48));
    if (!v128.any_true(f32x4.ge(f32x4.max(first, second), bound))) continue;
    for (let lane = 0; lane < BLOCK; lane += 4) {
      let bits = i32x4.bitmask(f32x4.ge(v128.load(at + ((<usize>lane) << 2)), bound));
      for (; bits !== 0; bits &= bits - 1) held = take(scores, row + lane + ctz(bits), keys, held);
    }
  }
  for (; row < size; row++) {
    if (load<f32>(scores + ((<usize>row) << 2)) >= least) held = take(scores, row, keys, held);
  }
  return held;
}

function take(scores: usize, row: i32, keys: usize, held: i32): i32 {
  const score = load<f32>(scores + ((<usize>row) << 2));
  if (score === -Infinity) return held;
  store<u64>(keys + ((<usize>held) << 3), keyOf(score, row));
  return held + 1;
}

function keyOf(score: f32, row: i32): u64 {
  // Adding zero makes one of the two zeros.
  const bits = reinterpret<u32>(score + 0);
  const ordered = bits ^ (bits >> 31 ? <u32>0xffffffff : <u32>0x80000000);
  return ((<u64>ordered) << 32) | <u64>~(<u32>row);
}

function scoreOf(key: u64): f32 {
  const ordered = <u32>(key >> 32);
  return reinterpret<f32>(ordered ^ (ordered >> 31 ? <u32>0x80000000 : <u32>0xffffffff));
}

/** The k-th largest of `length` keys, k from 1; their order changes (Hoare 1961, "Find"). */
function kth(keys: usize, length: i32, k: i32): u64 {
  let low = 0;
  let high = length - 1;
  const wanted = k - 1;
  while (low < high) {
    const pivot = middleOf(keys, low, high);
    let i = low;
    let j = high;
    while (i <= j) {
      while (load<u64>(keys + ((<usize>i) << 3)) > pivot) i++;
      while (load<u64>(keys + ((<usize>j) << 3)) < pivot) j--;
      if (i > j) break;
      swap(keys, i, j);
      i++;
      j--;
    }
    if (wanted <= j) high = j;
    else if (wanted >= i) low = i;
    else break;
  }
  return load<u64>(keys + ((<usize>wanted) << 3));
}

/** Quicksort, largest first. */
function sort(keys: usize, low: i32, high: i32): void {
  while (high - low >= SHORT) {
    const pivot = middleOf(keys, low, high);
    let i = low;
    let j = high;
    while (i <= j) {
      while (load<u64>(keys + ((<usize>i) << 3)) > pivot) i++;
      while (load<u64>(keys + ((<usize>j) << 3)) < pivot) j--;
      if (i > j) break;
      swap(keys, i, j);
      i++;
      j--;
    }
    // The shorter part first, so that the calls in progress stay few.
    if (j - low < high - i) {
      sort(keys, low, j);
      low = i;
    } else {
      sort(keys, i, high);
      high = j;
    }
  }
  for (let at = low + 1; at <= high; at++) {
    const key = load<u64>(keys + ((<usize>at) << 3));
    let to = at;
    for (; to > low; to--) {
      const before = load<u64>(keys + ((<usize>(to - 1)) << 3));
      if (before > key) break;
      store<u64>(keys + ((<usize>to) << 3), before);
    }
    store<u64>(keys + ((<usize>to) << 3), key);
  }
}

function middleOf(keys: usize, low: i32, high: i32): u64 {
  const a = load<u64>(keys + ((<usize>low) << 3));
  const b = load<u64>(keys + ((<usize>((low + high) >> 1)) << 3));
  const c = load<u64>(keys + ((<usize>high) << 3));
  return max(min(a, b), min(max(a, b), c));
}

function swap(keys: usize, i: i32, j: i32): void {
  const key = load<u64>(keys + ((<usize>i) << 3));
  store<u64>(keys + ((<usize>i) << 3), load<u64>(keys + ((<usize>j) << 3)));
  store<u64>(keys + ((<usize>j) << 3), key);
}
