import { open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/** A place in the journal: everything before it was handed on. */
export interface Position {
  readonly segment: number;
  readonly offset: number;
}

const SEGMENT = /^(\d{10})\.journal$/;
const CURSOR = 'cursor.json';

export const segmentPath = (folder: string, segment: number): string =>
  join(folder, `${String(segment).padStart(10, '0')}.journal`);

/** Numbers of the segments of a folder, ascending. */
export async function segmentsOf(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names
    .flatMap((name) => SEGMENT.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/** The position written last; the beginning where there is none or it is damaged: records are then handed on again. */
export async function readCursor(folder: string): Promise<Position> {
  try {
    const { segment, offset, check } = JSON.parse(await readFile(join(folder, CURSOR), 'utf8'));
    if (check === checkOf({ segment, offset })) return { segment, offset };
  } catch {}
  return { segment: 0, offset: 0 };
}

/**
 * Not synced: a power cut may leave an older cursor, or none that can be read. Records are then handed on again, which changes
 * nothing, while each sync would keep the disk from those that answers wait for.
 */
export async function writeCursor(folder: string, position: Position): Promise<void> {
  const path = join(folder, CURSOR);
  await writeFile(`${path}.new`, JSON.stringify({ ...position, check: checkOf(position) }));
  await rename(`${path}.new`, path);
}

/** A wrong place would skip records that were never handed on. */
const checkOf = ({ segment, offset }: Position): number => crc32(`${segment} ${offset}`);

/** Names of files are durable only when their folder is. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function removeSegment(folder: string, segment: number): Promise<void> {
  await rm(segmentPath(folder, segment), { force: true });
}
