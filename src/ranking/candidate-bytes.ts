import {
  type CandidateLists,
  LISTED_SOURCES,
  type ListedSource,
  type PackedLists,
  type TitleList,
} from './viewer.ts';

const VERSION = 3;
/** version, sources, bytes of a title, 0, watchCount. */
const HEADER = 8;
const LONGEST = 65_535;
const NARROW = 65_536;
const MOST_ROWS = 2 ** 24;

/**
 * Candidate lists as bytes, little-endian: version (u8), which sources there are (u8, bit by place in `LISTED_SOURCES`), bytes of
 * a title (u8: 2, or 3 where a row is 65,536 or more), 0 (u8), watchCount (u32), the length of each list that is there (u16), then the
 * titles of one list after the other: 810 bytes for two lists of 200.
 *
 * @throws RangeError for a list longer than 65,535 or a row of 2^24 or more
 */
export function packLists(users: readonly CandidateLists[]): PackedLists {
  const ends = new Uint32Array(users.length);
  const widths = new Uint8Array(users.length);
  let end = 0;
  users.forEach((lists, user) => {
    let rows = 0;
    let largest = 0;
    end += HEADER;
    for (const source of LISTED_SOURCES) {
      const titles = lists[source]?.titles;
      if (titles === undefined) continue;
      if (titles.length > LONGEST)
        throw new RangeError(`a list of ${titles.length} titles; at most ${LONGEST}`);
      end += 2;
      rows += titles.length;
      for (let i = 0; i < titles.length; i++) largest = Math.max(largest, titles[i]!);
    }
    if (largest >= MOST_ROWS)
      throw new RangeError(`title row ${largest}; at most ${MOST_ROWS - 1} can be stored`);
    widths[user] = largest < NARROW ? 2 : 3;
    end += rows * widths[user]!;
    ends[user] = end;
  });
  const bytes = new Uint8Array(end);
  users.forEach((lists, user) => {
    write(bytes, user === 0 ? 0 : ends[user - 1]!, lists, widths[user]!);
  });
  return { bytes, ends };
}

function write(bytes: Uint8Array, from: number, lists: CandidateLists, width: number): void {
  let present = 0;
  let at = from + HEADER;
  LISTED_SOURCES.forEach((source, bit) => {
    const titles = lists[source]?.titles;
    if (titles === undefined) return;
    present |= 1 << bit;
    bytes[at++] = titles.length;
    bytes[at++] = titles.length >> 8;
  });
  bytes[from] = VERSION;
  bytes[from + 1] = present;
  bytes[from + 2] = width;
  for (let byte = 0; byte < 4; byte++) bytes[from + 4 + byte] = lists.watchCount >>> (8 * byte);
  for (const source of LISTED_SOURCES) {
    const titles = lists[source]?.titles;
    if (titles === undefined) continue;
    for (let i = 0; i < titles.length; i++) {
      const title = titles[i]!;
      bytes[at++] = title;
      bytes[at++] = title >> 8;
      if (width === 3) bytes[at++] = title >> 16;
    }
  }
}

/** The lists of one user; undefined for bytes of another version or length. */
export function unpackLists(bytes: Uint8Array, from = 0, end = bytes.length): CandidateLists | undefined {
  if (end - from < HEADER || bytes[from] !== VERSION) return undefined;
  const present = bytes[from + 1]!;
  const width = bytes[from + 2]!;
  if (present >= 1 << LISTED_SOURCES.length || (width !== 2 && width !== 3)) return undefined;
  let at = from + HEADER;
  for (let bit = 0; bit < LISTED_SOURCES.length; bit++) if (present & (1 << bit)) at += 2;
  if (at > end) return undefined;
  const lists: { [source in ListedSource]?: TitleList } = {};
  let lengthAt = from + HEADER;
  for (let bit = 0; bit < LISTED_SOURCES.length; bit++) {
    if ((present & (1 << bit)) === 0) continue;
    const length = bytes[lengthAt]! | (bytes[lengthAt + 1]! << 8);
    lengthAt += 2;
    if (at + width * length > end) return undefined;
    const titles = new Int32Array(length);
    if (width === 2) {
      for (let i = 0; i < length; i++, at += 2) titles[i] = bytes[at]! | (bytes[at + 1]! << 8);
    } else {
      for (let i = 0; i < length; i++, at += 3)
        titles[i] = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
    }
    lists[LISTED_SOURCES[bit]!] = { titles };
  }
  if (at !== end) return undefined;
  const { ials, content, ...rest } = lists;
  if (ials === undefined || content === undefined) return undefined;
  const count = from + 4;
  const watchCount =
    (bytes[count]! | (bytes[count + 1]! << 8) | (bytes[count + 2]! << 16) | (bytes[count + 3]! << 24)) >>> 0;
  return { ials, content, ...rest, watchCount };
}
