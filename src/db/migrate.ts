import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PoolClient } from 'pg';
import type { Database } from './connect.ts';

/** `migrations/` of this package, from the sources as well as from `dist/`. */
const FOLDER = fileURLToPath(new URL('../../migrations', import.meta.url));
/** Any constant: two processes that migrate the same database wait for each other on it. */
const LOCK = 7_265_412_390;

/**
 * Applies the numbered files that are not applied yet, each in a transaction, in order.
 *
 * @returns names of the files applied now
 * @throws when a file fails (named, nothing of it is kept), or an applied one was changed or is missing
 */
export async function migrate(db: Database, folder: string = FOLDER): Promise<readonly string[]> {
  const files = (await readdir(folder)).filter((name) => /^\d{4}_.*\.sql$/.test(name)).sort();
  const client = await db.pool.connect();
  let failure: Error | undefined;
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    await client.query(
      'create table if not exists schema_migration (name text primary key, checksum text not null)',
    );
    const { rows } = await client.query<{ name: string; checksum: string }>(
      'select name, checksum from schema_migration',
    );
    const applied = new Map(rows.map((row) => [row.name, row.checksum]));
    for (const name of applied.keys()) {
      if (!files.includes(name)) {
        throw new Error(
          `migration ${name} is applied but missing from ${folder}; the database is newer than this program`,
        );
      }
    }
    const done: string[] = [];
    for (const name of files) {
      const sql = await readFile(join(folder, name), 'utf8');
      const checksum = createHash('sha256').update(sql.replaceAll('\r\n', '\n')).digest('hex');
      if (applied.get(name) === checksum) continue;
      if (applied.has(name)) {
        throw new Error(
          `migration ${name} changed after it was applied; restore it and add a new numbered file instead`,
        );
      }
      await apply(client, name, sql, checksum);
      done.push(name);
    }
    return done;
  } catch (error) {
    failure = error as Error;
    throw error;
  } finally {
    // A failed connection is thrown away: its lock goes with it.
    if (!failure) await client.query('select pg_advisory_unlock($1)', [LOCK]);
    client.release(failure);
  }
}

async function apply(client: PoolClient, name: string, sql: string, checksum: string): Promise<void> {
  try {
    await client.query('begin');
    await client.query(sql);
    await client.query('insert into schema_migration values ($1, $2)', [name, checksum]);
    await client.query('commit');
  } catch (cause) {
    await client.query('rollback').catch(() => {});
    throw new Error(`migration ${name} failed: ${(cause as Error).message}`, { cause });
  }
}
