import { crc32 } from 'node:zlib';

/** Bytes before each payload: its length and its CRC-32, both unsigned, little-endian. */
export const FRAME_HEADER = 8;

/** Largest payload; a length above it is damage, not a record. */
export const MAX_PAYLOAD = 64 * 2 ** 20;

/** A payload as it stands in a segment. */
export function frame(payload: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEADER + payload.byteLength);
  bytes.writeUInt32LE(payload.byteLength, 0);
  bytes.writeUInt32LE(checksum(payload), 4);
  bytes.set(payload, FRAME_HEADER);
  return bytes;
}

/**
 * The whole and undamaged frames of a segment from `offset` on, up to about `limit` bytes of them. It ends at the first frame
 * that is cut off or damaged: nothing after it can be told from noise.
 */
export function readFrames(
  segment: Buffer,
  offset: number,
  limit = Number.POSITIVE_INFINITY,
): { readonly payloads: readonly Buffer[]; readonly end: number } {
  const payloads: Buffer[] = [];
  let end = offset;
  while (end + FRAME_HEADER <= segment.byteLength && end - offset < limit) {
    const length = segment.readUInt32LE(end);
    const from = end + FRAME_HEADER;
    if (length > MAX_PAYLOAD || from + length > segment.byteLength) break;
    const payload = segment.subarray(from, from + length);
    if (checksum(payload) !== segment.readUInt32LE(end + 4)) break;
    payloads.push(payload);
    end = from + length;
  }
  return { payloads, end };
}

/** Never 0 for an empty payload, so that a hole of zeros is no record. */
function checksum(payload: Uint8Array): number {
  return crc32(payload, 0x53637265);
}
