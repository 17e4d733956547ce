import { join } from 'node:path';
import { connect, type Database } from './db/connect.ts';
import { migrate } from './db/migrate.ts';
import { startEmbeddedPostgres } from './embedded/postgres.ts';
import { createMemoryCandidateStore } from './ranking/candidate-store.ts';
import type { PackedCandidateStore } from './ranking/viewer.ts';
import { createRedisCandidateStore } from './redis/candidate-store.ts';
import { connectRedis } from './redis/connect.ts';

export interface StoreSettings {
  /** Absent: Postgres is embedded under `cacheFolder`. */
  readonly databaseUrl: string | undefined;
  /** Absent: candidates live in process and BullMQ runs on Postgres. */
  readonly redisUrl: string | undefined;
  readonly cacheFolder: string;
  /** Absent: the first process of a server, which starts and migrates what others then use. */
  readonly worker?: { readonly databaseUrl: string } | undefined;
  /** Prefix of all keys in Redis. */
  readonly keyPrefix: string;
}

/** Composition root of the stores: the embedded or the real ones, behind the same interfaces. */
export interface Stores {
  readonly databaseUrl: string;
  readonly redisUrl: string | undefined;
  readonly db: Database;
  readonly candidates: PackedCandidateStore;
  /** What was opened, for people. */
  readonly description: string;
  close(): Promise<void>;
}

/** Opens and migrates. Rejects with the store's name and the mend when one cannot be reached; what was opened is closed again. */
export async function openStores(settings: StoreSettings): Promise<Stores> {
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.reverse()) await closer();
    closers.length = 0;
  };

  try {
    let databaseUrl = settings.worker?.databaseUrl ?? settings.databaseUrl;
    if (databaseUrl === undefined) {
      const embedded = await startEmbeddedPostgres(join(settings.cacheFolder, 'postgres'));
      closers.push(() => embedded.stop());
      databaseUrl = embedded.url;
    }
    const db = connect(databaseUrl);
    closers.push(() => db.close());
    await reach(db, databaseUrl);
    if (settings.worker === undefined) await migrate(db);

    let candidates: PackedCandidateStore = createMemoryCandidateStore();
    if (settings.redisUrl !== undefined) {
      const redis = await connectRedis(settings.redisUrl);
      closers.push(async () => redis.disconnect());
      candidates = createRedisCandidateStore(redis, settings.keyPrefix);
    }
    return {
      databaseUrl,
      redisUrl: settings.redisUrl,
      db,
      candidates,
      description: `${settings.databaseUrl === undefined ? 'embedded Postgres' : 'Postgres at DATABASE_URL'}, ${settings.redisUrl === undefined ? 'candidates in process, jobs on Postgres' : 'candidates and jobs on Redis'}`,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function reach(db: Database, url: string): Promise<void> {
  try {
    await db.pool.query('select 1');
  } catch (error) {
    const { hostname, port, pathname } = new URL(url);
    throw new Error(
      `cannot reach Postgres at ${hostname}:${port || 5432}${pathname} (${error instanceof Error ? error.message : String(error)}): start it and check user, password and database in DATABASE_URL, or unset DATABASE_URL to run on the embedded one`,
    );
  }
}
