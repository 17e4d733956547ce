import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Name, size and time of change of the files of a folder; empty where there is none, which its reader will explain. */
export async function fingerprint(folder: string, without: readonly string[] = []): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return Promise.all(
    names
      .filter((name) => !without.includes(name))
      .sort()
      .map(async (name) => {
        const { size, mtimeMs } = await stat(join(folder, name));
        return `${name} ${size} ${Math.floor(mtimeMs)}`;
      }),
  );
}
