import { Redis } from 'ioredis';

/** @throws an error that names the place and the mend when it cannot be reached */
export async function connectRedis(url: string): Promise<Redis> {
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 2, connectTimeout: 5_000 });
  // Later failures are met by the calls that suffer them; without a listener they would end the process.
  redis.on('error', () => {});
  try {
    await redis.connect();
    return redis;
  } catch (error) {
    redis.disconnect();
    const { host, port } = redis.options;
    throw new Error(
      `cannot reach Redis at ${host}:${port} (${error instanceof Error ? error.message : String(error)}): start it, or unset REDIS_URL to run without`,
    );
  }
}
