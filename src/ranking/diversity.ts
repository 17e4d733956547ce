/** `Catalogue.primaryGenre` of a title without genres, which no cap counts. */
export const NO_GENRE = 255;

const CLOSED = Number.NEGATIVE_INFINITY;
const LOWEST = -Number.MAX_VALUE;
const HIGHEST = Number.MAX_VALUE;
/** Keys of which one maximum is kept, so that finding the best means to look at the maxima and into one block: 2^BLOCK. */
const BLOCK = 4;

/**
 * The titles that may still fill a slot, with at most `limit` of one primary genre taken. Genres are a partition of the
 * titles, so taking the best open one never leads into a corner: only when every open genre is used up does the cap
 * fall, for then no order of these titles would have kept it.
 */
export interface OpenTitles {
  /** How many may fill the next slot; 0 when all are taken. */
  readonly open: number;
  /** Titles taken after the cap fell, each one more of its genre than the cap allows. */
  readonly relaxed: number;
  /** Key by index, finite where the title is open, else -Infinity. To be read only, and only the first `count`. */
  readonly keys: Float64Array;
  /** Index of the open title with the highest key, the first among equals. */
  best(): number;
  /** The highest key of the other open titles, -Infinity where there is none. */
  rival(index: number): number;
  /** Index of the nth open title, from 0 in the order given. */
  nth(n: number): number;
  /** Gives a title another key. */
  rekey(index: number, key: number): void;
  /** Takes an open title. */
  take(index: number): void;
}

/**
 * Reusable: each call of the returned function starts over with other titles, and its result holds until the next call.
 * A key that is no number sorts last, and infinite ones count as the largest numbers there are.
 * @returns (titles, keys, count, primary genre by catalogue row, limit of one genre)
 */
export function createOpenTitles(): (
  titles: Int32Array,
  keys: Float32Array | Float64Array,
  count: number,
  primaryGenre: Uint8Array,
  limit: number,
) => OpenTitles {
  const used = new Uint16Array(256);
  /** Genre by index, and titles of one genre as a list: the first by genre, the next by index, -1 after the last. */
  let genres = new Uint8Array(0);
  const firsts = new Int32Array(256);
  let nexts = new Int32Array(0);
  let size = 0;
  let cap = 0;
  let open = 0;
  let relaxed = 0;
  let dropped = false;
  let taken = new Uint8Array(0);
  /** Key of every title, open or not. */
  let values = new Float64Array(0);
  /** The same of an open title, CLOSED of others. */
  let keys = new Float64Array(0);
  let maxima = new Float64Array(0);
  let blocks = 0;

  function readBlock(block: number): void {
    const end = Math.min(size, (block + 1) << BLOCK);
    let top = CLOSED;
    for (let i = block << BLOCK; i < end; i++) if (keys[i]! > top) top = keys[i]!;
    maxima[block] = top;
  }

  function readBlocks(): void {
    for (let block = 0; block < blocks; block++) readBlock(block);
  }

  function closeGenre(genre: number): void {
    for (let i = firsts[genre]!; i >= 0; i = nexts[i]!) {
      if (keys[i] === CLOSED) continue;
      keys[i] = CLOSED;
      open--;
    }
    readBlocks();
  }

  function dropCap(): void {
    cap = Number.POSITIVE_INFINITY;
    dropped = true;
    for (let i = 0; i < size; i++) {
      if (taken[i] === 1) continue;
      keys[i] = values[i]!;
      open++;
    }
    readBlocks();
  }

  const view: OpenTitles = {
    get open() {
      return open;
    },
    get relaxed() {
      return relaxed;
    },
    get keys() {
      return keys;
    },
    best() {
      let block = 0;
      for (let i = 1; i < blocks; i++) if (maxima[i]! > maxima[block]!) block = i;
      const top = maxima[block]!;
      let best = block << BLOCK;
      while (keys[best]! < top) best++;
      return best;
    },
    rival(index) {
      const own = index >> BLOCK;
      let top = CLOSED;
      for (let i = 0; i < blocks; i++) if (i !== own && maxima[i]! > top) top = maxima[i]!;
      const end = Math.min(size, (own + 1) << BLOCK);
      for (let i = own << BLOCK; i < end; i++) if (i !== index && keys[i]! > top) top = keys[i]!;
      return top;
    },
    nth(n) {
      let left = n;
      for (let i = 0; i < size; i++) if (keys[i]! > CLOSED && left-- === 0) return i;
      throw new RangeError(`title ${n} of ${open} open ones`);
    },
    rekey(index, key) {
      values[index] = key;
      if (keys[index] === CLOSED) return;
      keys[index] = key;
      readBlock(index >> BLOCK);
    },
    take(index) {
      taken[index] = 1;
      keys[index] = CLOSED;
      open--;
      readBlock(index >> BLOCK);
      const genre = genres[index]!;
      if (genre !== NO_GENRE && ++used[genre]! === cap) closeGenre(genre);
      if (dropped) relaxed++;
      if (open === 0 && !dropped) dropCap();
    },
  };

  return (titles, given, count, primaryGenre, limit) => {
    if (keys.length < count) {
      keys = new Float64Array(count);
      values = new Float64Array(count);
      taken = new Uint8Array(count);
      genres = new Uint8Array(count);
      nexts = new Int32Array(count);
      maxima = new Float64Array((count >> BLOCK) + 1);
    }
    size = count;
    blocks = (count + (1 << BLOCK) - 1) >> BLOCK;
    cap = limit;
    open = count;
    relaxed = 0;
    dropped = false;
    used.fill(0);
    taken.fill(0, 0, count);
    for (let i = 0; i < count; i++) genres[i] = primaryGenre[titles[i]!]!;
    listGenres(firsts, nexts, genres, count);
    readKeys(values, given, count);
    keys.set(values);
    readBlocks();
    return view;
  };
}

function listGenres(firsts: Int32Array, nexts: Int32Array, genres: Uint8Array, count: number): void {
  firsts.fill(-1);
  for (let i = 0; i < count; i++) {
    const genre = genres[i]!;
    nexts[i] = firsts[genre]!;
    firsts[genre] = i;
  }
}

function readKeys(out: Float64Array, given: Float32Array | Float64Array, count: number): void {
  for (let i = 0; i < count; i++) {
    const key = given[i]!;
    out[i] = key > LOWEST ? Math.min(key, HIGHEST) : LOWEST;
  }
}
