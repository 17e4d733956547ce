import type { CandidateList, CandidateLists } from '../ranking/viewer.ts';

const VERSION = 2;
const LISTS = ['ials', 'content', 'itemKnn', 'ease'] as const;
const HEADER = 6 + 2 * LISTS.length;

/**
 * Candidate lists as bytes, little-endian: version (u8), watchCount (u32), which lists there are (u8, bit by list: iALS,
 * content, item-kNN, EASE), their lengths (u16 each); then per list titles (i32) and scores (f32).
 *
 * @throws when a list is longer than 65,535
 */
export function encodeLists(lists: CandidateLists): Buffer {
  const all = LISTS.map((name) => lists[name]);
  const total = all.reduce((sum, list) => sum + (list?.titles.length ?? 0), 0);
  const bytes = Buffer.allocUnsafe(HEADER + 8 * total);
  bytes.writeUInt8(VERSION, 0);
  bytes.writeUInt32LE(lists.watchCount, 1);
  bytes.writeUInt8(
    all.reduce((bits, list, i) => bits | (list ? 1 << i : 0), 0),
    5,
  );
  let at = HEADER;
  all.forEach((list, i) => {
    bytes.writeUInt16LE(list?.titles.length ?? 0, 6 + 2 * i);
    if (list === undefined) return;
    for (const title of list.titles) at = bytes.writeInt32LE(title, at);
    for (const score of list.scores) at = bytes.writeFloatLE(score, at);
  });
  return bytes;
}

/** The inverse; undefined for bytes of another version or length. */
export function decodeLists(bytes: Buffer): CandidateLists | undefined {
  if (bytes.length < HEADER || bytes.readUInt8(0) !== VERSION) return undefined;
  const present = bytes.readUInt8(5);
  const lengths = LISTS.map((_, i) => bytes.readUInt16LE(6 + 2 * i));
  if (bytes.length !== HEADER + 8 * lengths.reduce((sum, length) => sum + length, 0)) return undefined;
  const lists: { [name in (typeof LISTS)[number]]?: CandidateList } = {};
  let from = HEADER;
  LISTS.forEach((name, i) => {
    const length = lengths[i]!;
    // The copy also aligns: typed arrays start at multiples of four.
    const part = bytes.buffer.slice(bytes.byteOffset + from, bytes.byteOffset + from + 8 * length);
    from += 8 * length;
    if ((present & (1 << i)) === 0) return;
    lists[name] = {
      titles: new Int32Array(part, 0, length),
      scores: new Float32Array(part, 4 * length, length),
    };
  });
  const { ials, content, ...rest } = lists;
  if (ials === undefined || content === undefined) return undefined;
  return { ials, content, ...rest, watchCount: bytes.readUInt32LE(1) };
}
