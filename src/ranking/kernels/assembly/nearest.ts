// The largest of a row of single-precision scores. Addresses are bytes; a key has a row below an integer that falls as its score
// rises, so that the best score is the least key.

/** Scores of which only the largest is looked at first. */
const BLOCK: i32 = 16;

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
  for (const end = row + ((<usize>width) << 2); row < end; row += 32, vector += 64) {
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
 * No step branches on how two scores compare: the processor could not foresee it.
 *
 * @param keys  room for size numbers of 64 bits
 * @param spare the same
 * @param tally room for 1,024 numbers of 32 bits
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
  spare: usize,
  tally: usize,
  found: usize,
  best: usize,
): i32 {
  if (size === 0 || count === 0) return 0;
  const least = floorOf(scores, size, count, spare) - margin;
  const held = collect(scores, size, least, spare, keys);
  const sorted = sort(keys, spare, held, tally);
  let kept = held;
  if (held > count) {
    const cut = scoreOf(load<u64>(sorted + ((<usize>(count - 1)) << 3))) - margin;
    kept = count;
    while (kept < held && scoreOf(load<u64>(sorted + ((<usize>kept) << 3))) >= cut) kept++;
  }
  for (let i = 0; i < kept; i++) {
    const key = load<u64>(sorted + ((<usize>i) << 3));
    store<i32>(found + ((<usize>i) << 2), <i32>(<u32>key));
    store<f32>(best + ((<usize>i) << 2), scoreOf(key));
  }
  return kept;
}

/**
 * A score that at least `count` scores reach and not many more: of the largest of each block, into `largest`, one that `count` of
 * them reach, by halving. -Infinity where blocks are fewer.
 */
function floorOf(scores: usize, size: i32, count: i32, largest: usize): f32 {
  const blocks = size / BLOCK;
  let least = f32x4.splat(Infinity);
  let most = f32x4.splat(-Infinity);
  let at = scores;
  for (let block = 0; block < blocks; block++, at += BLOCK << 2) {
    const first = f32x4.max(v128.load(at), v128.load(at, 16));
    const second = f32x4.max(v128.load(at, 32), v128.load(at, 48));
    const four = f32x4.max(first, second);
    const two = f32x4.max(four, v128.shuffle<f32>(four, four, 2, 3, 0, 1));
    const one = f32x4.max(two, v128.shuffle<f32>(two, two, 1, 0, 3, 2));
    least = f32x4.min(least, one);
    most = f32x4.max(most, one);
    store<f32>(largest + ((<usize>block) << 2), f32x4.extract_lane(one, 0));
  }
  for (let block = blocks; block < blocks + 3; block++)
    store<f32>(largest + ((<usize>block) << 2), -Infinity);
  if (blocks < count) return -Infinity;
  // At least `count` blocks reach `low`, fewer reach `high`.
  let low = orderOf(f32x4.extract_lane(least, 0));
  let high = orderOf(f32x4.extract_lane(most, 0)) + 1;
  const enough = count + (count >> 3);
  while (high - low > 1) {
    const middle = low + ((high - low) >> 1);
    const bound = f32x4.splat(ofOrder(middle));
    let reached = i32x4.splat(0);
    for (let block = 0; block < blocks; block += 4)
      reached = i32x4.sub(reached, f32x4.ge(v128.load(largest + ((<usize>block) << 2)), bound));
    const number =
      i32x4.extract_lane(reached, 0) +
      i32x4.extract_lane(reached, 1) +
      i32x4.extract_lane(reached, 2) +
      i32x4.extract_lane(reached, 3);
    if (number >= count) {
      low = middle;
      if (number <= enough) break;
    } else {
      high = middle;
    }
  }
  return ofOrder(low);
}

/** Keys of the scores that are not below `least`, in the order of their rows. */
function collect(scores: usize, size: i32, least: f32, largest: usize, keys: usize): i32 {
  const bound = f32x4.splat(least);
  const blocks = size / BLOCK;
  let held = 0;
  for (let block = 0; block < blocks; block += 4) {
    let wanted = i32x4.bitmask(f32x4.ge(v128.load(largest + ((<usize>block) << 2)), bound));
    for (; wanted !== 0; wanted &= wanted - 1) {
      const row = (block + ctz(wanted)) * BLOCK;
      if (row >= blocks * BLOCK) break;
      const at = scores + ((<usize>row) << 2);
      let bits =
        i32x4.bitmask(f32x4.ge(v128.load(at), bound)) |
        (i32x4.bitmask(f32x4.ge(v128.load(at, 16), bound)) << 4) |
        (i32x4.bitmask(f32x4.ge(v128.load(at, 32), bound)) << 8) |
        (i32x4.bitmask(f32x4.ge(v128.load(at, 48), bound)) << 12);
      for (; bits !== 0; bits &= bits - 1) held = take(scores, row + ctz(bits), keys, held);
    }
  }
  for (let row = blocks * BLOCK; row < size; row++) {
    if (load<f32>(scores + ((<usize>row) << 2)) >= least) held = take(scores, row, keys, held);
  }
  return held;
}

function take(scores: usize, row: i32, keys: usize, held: i32): i32 {
  // Adding zero makes one of the two zeros.
  const score = load<f32>(scores + ((<usize>row) << 2)) + 0;
  if (score === -Infinity) return held;
  store<u64>(keys + ((<usize>held) << 3), ((<u64>~orderOf(score)) << 32) | <u64>row);
  return held + 1;
}

/** Integers in the order of single-precision numbers. */
function orderOf(score: f32): u32 {
  const bits = reinterpret<u32>(score);
  return bits ^ (<u32>(<i32>bits >> 31) | <u32>0x80000000);
}

function ofOrder(order: u32): f32 {
  return reinterpret<f32>(order ^ (~(<u32>(<i32>order >> 31)) | <u32>0x80000000));
}

function scoreOf(key: u64): f32 {
  return ofOrder(~(<u32>(key >> 32)));
}

/** Sorts by the upper half, byte by byte from the lowest, equal ones in their order; returns which of the two holds the result. */
function sort(keys: usize, spare: usize, length: i32, tally: usize): usize {
  memory.fill(tally, 0, 4096);
  for (let i = 0; i < length; i++) {
    const order = <u32>(load<u64>(keys + ((<usize>i) << 3)) >> 32);
    count(tally, order & 255);
    count(tally + 1024, (order >> 8) & 255);
    count(tally + 2048, (order >> 16) & 255);
    count(tally + 3072, order >> 24);
  }
  for (let byte = 0; byte < 4; byte++, tally += 1024) {
    const shift = <u64>(32 + 8 * byte);
    const any = <u32>(load<u64>(keys) >> shift) & 255;
    // All alike: nothing to sort.
    if (load<i32>(tally + ((<usize>any) << 2)) === length) continue;
    let before = 0;
    for (let at = tally; at < tally + 1024; at += 4) {
      const own = load<i32>(at);
      store<i32>(at, before);
      before += own;
    }
    for (let i = 0; i < length; i++) {
      const key = load<u64>(keys + ((<usize>i) << 3));
      const bucket = tally + ((<usize>((key >> shift) & 255)) << 2);
      const to = load<i32>(bucket);
      store<i32>(bucket, to + 1);
      store<u64>(spare + ((<usize>to) << 3), key);
    }
    const sorted = spare;
    spare = keys;
    keys = sorted;
  }
  return keys;
}

function count(tally: usize, byte: u32): void {
  const at = tally + ((<usize>byte) << 2);
  store<i32>(at, load<i32>(at) + 1);
}
