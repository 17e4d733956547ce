import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { absent, listens } from './databases.ts';

/** A connection and a key prefix of its own; every key under it is deleted on close. */
export interface TestRedis {
  readonly redis: Redis;
  readonly url: string;
  readonly prefix: string;
  close(): Promise<void>;
}

/** `REDIS_URL`, or a Redis found on 127.0.0.1:6379; undefined where there is neither. */
export async function realRedisUrl(): Promise<string | undefined> {
  const url = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379';
  const { hostname, port } = new URL(url);
  if (await listens(hostname, Number(port || 6379))) return url;
  return absent('Redis', 'REDIS_URL or 127.0.0.1:6379');
}

export function testRedis(url: string): TestRedis {
  const redis = new Redis(url);
  const prefix = `test:${randomBytes(6).toString('hex')}`;
  return {
    redis,
    url,
    prefix,
    async close() {
      for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1_000 })) {
        if (keys.length > 0) await redis.unlink(...(keys as string[]));
      }
      await redis.quit();
    },
  };
}
