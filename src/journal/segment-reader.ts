import { type FileHandle, open } from 'node:fs/promises';
import { FRAME_HEADER, MAX_PAYLOAD } from './frame.ts';
import { segmentPath } from './segments.ts';

/** Reads one segment after the other. A file stays open while it is read: each round would open it anew. */
export interface SegmentReader {
  /** About `bytes` of what stands between two places of a segment, at least one whole record. */
  read(segment: number, from: number, to: number, bytes: number): Promise<Buffer>;
  /** Lets go of the segment; reading may go on. */
  close(): Promise<void>;
}

export function createSegmentReader(folder: string): SegmentReader {
  let opened: { readonly segment: number; readonly file: FileHandle } | undefined;

  async function close(): Promise<void> {
    const before = opened;
    opened = undefined;
    await before?.file.close();
  }

  return {
    async read(segment, from, to, bytes) {
      if (opened?.segment !== segment) {
        await close();
        opened = { segment, file: await open(segmentPath(folder, segment), 'r') };
      }
      return readPart(opened.file, from, to, bytes);
    },
    close,
  };
}

async function readPart(file: FileHandle, from: number, to: number, bytes: number): Promise<Buffer> {
  const length = Math.min(to - from, Math.max(bytes, FRAME_HEADER));
  const part = Buffer.allocUnsafe(length);
  const { bytesRead } = await file.read(part, 0, length, from);
  if (bytesRead < FRAME_HEADER) return part.subarray(0, bytesRead);
  const first = FRAME_HEADER + Math.min(MAX_PAYLOAD, part.readUInt32LE(0));
  const isCut = bytesRead === length && length < first && length < to - from;
  return isCut ? readPart(file, from, to, first) : part.subarray(0, bytesRead);
}
