import { createHash } from 'node:crypto';
import { join } from 'node:path';

/**
 * Where the journals of a database lie. Their records name their environment, so that a start with other declarations hands on
 * what was left before it; but what was acknowledged for one database must never reach another.
 *
 * @param databaseUrl absent: the embedded one; user and password may change
 */
export function journalFolder(cacheFolder: string, databaseUrl: string | undefined): string {
  if (databaseUrl === undefined) return join(cacheFolder, 'journal', 'embedded');
  const { host, pathname, search } = new URL(databaseUrl);
  const name = createHash('sha256').update(`${host}${pathname}${search}`).digest('hex').slice(0, 12);
  return join(cacheFolder, 'journal', name);
}
