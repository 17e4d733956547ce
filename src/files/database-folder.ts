import { createHash } from 'node:crypto';
import { join } from 'node:path';

/**
 * Where what belongs to one database lies in the cache: what was acknowledged or decided for one must never reach another. Records
 * name their environment, so that a start with other declarations finds what was left before it.
 *
 * @param kind of what lies there, as `journal`
 * @param databaseUrl absent: the embedded one; user and password may change
 */
export function databaseFolder(cacheFolder: string, kind: string, databaseUrl: string | undefined): string {
  if (databaseUrl === undefined) return join(cacheFolder, kind, 'embedded');
  const { host, pathname, search } = new URL(databaseUrl);
  const name = createHash('sha256').update(`${host}${pathname}${search}`).digest('hex').slice(0, 12);
  return join(cacheFolder, kind, name);
}
