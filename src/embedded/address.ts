import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Address of the embedded Postgres that runs below a cache folder; undefined where none was started there. */
export async function embeddedAddress(cacheFolder: string): Promise<string | undefined> {
  const folder = join(cacheFolder, 'postgres');
  try {
    const password = (await readFile(join(folder, 'password'), 'utf8')).trim();
    const port = (await readFile(join(folder, 'data', 'postmaster.pid'), 'utf8')).split('\n')[3];
    return `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/screentest`;
  } catch {
    return undefined;
  }
}
