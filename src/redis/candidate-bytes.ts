import type { CandidateList, CandidateLists } from '../ranking/viewer.ts';

const VERSION = 1;
const HEADER = 9;

/**
 * Candidate lists as bytes, little-endian: version (u8), watchCount (u32), lengths of both lists (u16); then per list
 * titles (i32) and scores (f32).
 *
 * @throws when a list is longer than 65,535
 */
export function encodeLists(lists: CandidateLists): Buffer {
  const both = [lists.ials, lists.content];
  const lengths = both.map((list) => list.titles.length);
  const bytes = Buffer.allocUnsafe(HEADER + 8 * lengths.reduce((sum, length) => sum + length, 0));
  bytes.writeUInt8(VERSION, 0);
  bytes.writeUInt32LE(lists.watchCount, 1);
  lengths.forEach((length, i) => {
    bytes.writeUInt16LE(length, 5 + 2 * i);
  });
  let at = HEADER;
  for (const list of both) {
    for (const title of list.titles) at = bytes.writeInt32LE(title, at);
    for (const score of list.scores) at = bytes.writeFloatLE(score, at);
  }
  return bytes;
}

/** The inverse; undefined for bytes of another version or length. */
export function decodeLists(bytes: Buffer): CandidateLists | undefined {
  if (bytes.length < HEADER || bytes.readUInt8(0) !== VERSION) return undefined;
  const ials = bytes.readUInt16LE(5);
  const content = bytes.readUInt16LE(7);
  if (bytes.length !== HEADER + 8 * (ials + content)) return undefined;
  const list = (from: number, length: number): CandidateList => {
    // The copy also aligns: typed arrays start at multiples of four.
    const part = bytes.buffer.slice(bytes.byteOffset + from, bytes.byteOffset + from + 8 * length);
    return { titles: new Int32Array(part, 0, length), scores: new Float32Array(part, 4 * length, length) };
  };
  return {
    ials: list(HEADER, ials),
    content: list(HEADER + 8 * ials, content),
    watchCount: bytes.readUInt32LE(1),
  };
}
