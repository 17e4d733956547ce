import { createHash } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Writes a text with its checksum so that a crash at any moment leaves the file that was there before, or this one whole: temporary
 * file, sync, rename, sync of the folder. The folder must exist.
 */
export async function writeSealed(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  const file = await open(temporary, 'w');
  try {
    await file.writeFile(`${checksum(text)}\n${text}`);
    await file.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

/** What `writeSealed` wrote; undefined where the file is missing, cut off or changed. */
export async function readSealed(path: string): Promise<string | undefined> {
  const content = await readFile(path, 'utf8').catch(() => undefined);
  if (content === undefined) return undefined;
  const end = content.indexOf('\n');
  const text = content.slice(end + 1);
  return end > 0 && content.slice(0, end) === checksum(text) ? text : undefined;
}

/** Names of files are durable only when their folder is. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const checksum = (text: string): string => createHash('sha256').update(text).digest('hex');
