// Features of one viewer and many titles, column by column. Addresses are bytes.

/** A mask of genres is looked up in parts of so many bits. */
const PART_BITS: i32 = 6;
const PART: i32 = 1 << PART_BITS;
/** Genres a title may have at most in practice. */
const MANY_GENRES: f64 = 4;

/**
 * For each part of a mask, what its genres add up to: their share of the taste (`tastes`, double precision), and which of the
 * latest watches have one of them, as bits (`watches`, bytes).
 *
 * @param genres share of the taste by genre
 * @param recent genre masks of the latest watches, at most 8
 */
export function sumGenres(
  genres: usize,
  count: i32,
  recent: usize,
  recentCount: i32,
  tastes: usize,
  watches: usize,
): void {
  const parts = (count + PART_BITS - 1) / PART_BITS;
  for (let part = 0; part < parts; part++, tastes += PART << 3, watches += PART) {
    store<f64>(tastes, 0);
    store<u8>(watches, 0);
    for (let mask = 1; mask < PART; mask++) {
      const genre = part * PART_BITS + ctz(mask);
      const others = mask & (mask - 1);
      let watched: i32 = 0;
      if (others === 0) {
        for (let watch = 0; watch < recentCount; watch++)
          watched |= ((load<i32>(recent + ((<usize>watch) << 2)) >>> genre) & 1) << watch;
      } else {
        watched = <i32>load<u8>(watches + others) | <i32>load<u8>(watches + (mask & -mask));
      }
      const own = genre < count ? <f64>load<f32>(genres + ((<usize>genre) << 2)) : 0;
      store<f64>(tastes + ((<usize>mask) << 3), load<f64>(tastes + ((<usize>others) << 3)) + own);
      store<u8>(watches + mask, <u8>watched);
    }
  }
}

/**
 * Twelve columns, `stride` apart, of `count` titles; the rest of each column is 0.
 *
 * @param facts   16 bytes a title: genre mask, trend, popularity, and 1 for a series among the latest watches, else 0
 * @param genres  how many there are
 * @param scores  four columns `room` apart: collaborative, content, EASE, item-kNN
 * @param mean    popularity of what was watched; negative: nothing was
 */
export function pairColumns(
  titles: usize,
  count: i32,
  facts: usize,
  tastes: usize,
  watches: usize,
  genres: i32,
  scores: usize,
  room: usize,
  activity: f32,
  scale: f32,
  mean: f64,
  perRecent: f64,
  perRoot: f32,
  out: usize,
  stride: usize,
): void {
  const parts = (genres + PART_BITS - 1) / PART_BITS;
  const end = (<usize>count) << 2;
  for (let at: usize = 0; at < end; at += 4) {
    const fact = facts + ((<usize>load<i32>(titles + at)) << 4);
    const mask = load<u32>(fact);
    let affinity: f64 = 0;
    let shared: i32 = 0;
    let entry: i32 = 0;
    let rest = mask;
    for (let part = 0; part < parts; part++, entry += PART, rest >>>= PART_BITS) {
      const place = <usize>(entry + <i32>(rest & (PART - 1)));
      affinity += load<f64>(tastes + (place << 3));
      shared |= <i32>load<u8>(watches + place);
    }
    const share = mask === 0 ? 0 : MANY_GENRES / <f64>popcnt(mask);
    const popularity = load<f32>(fact, 8);
    const to = out + at;
    store<f32>(to + 3 * stride, <f32>(affinity * share));
    store<f32>(to + 4 * stride, <f32>(<f64>popcnt(shared) * perRecent));
    store<f32>(to + 5 * stride, load<f32>(fact, 4));
    store<f32>(to + 6 * stride, popularity);
    store<f32>(to + 7 * stride, <f32>load<u32>(fact, 12));
    store<f32>(to + 9 * stride, mean < 0 ? 0 : <f32>abs(<f64>popularity - mean));
  }
  const content = scores + room;
  scaled(out, scores, 1, end);
  scaled(out + stride, scores, activity, end);
  scaled(out + 2 * stride, content, 1, end);
  scaled(out + 8 * stride, scores, scale, end);
  scaled(out + 10 * stride, content + room, 1, end);
  scaled(out + 11 * stride, content + 2 * room, perRoot, end);
  for (let column = 0; column < 12; column++)
    memory.fill(out + <usize>column * stride + end, 0, stride - end);
}

/** out = by column, of `bytes` bytes. */
function scaled(out: usize, column: usize, by: f32, bytes: usize): void {
  const factor = f32x4.splat(by);
  let at: usize = 0;
  for (; at + 15 < bytes; at += 16) v128.store(out + at, f32x4.mul(factor, v128.load(column + at)));
  for (; at < bytes; at += 4) store<f32>(out + at, by * load<f32>(column + at));
}
