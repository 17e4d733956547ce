import type { Redis } from 'ioredis';
import type { CandidateLists, CandidateStore } from '../ranking/viewer.ts';
import { decodeLists, encodeLists } from './candidate-bytes.ts';

/** Keys of one MGET or one pipeline: large enough to save round trips, small enough not to block the server. */
const CHUNK = 500;
const SCAN = 1_000;

/**
 * Candidate lists in Redis, one binary value per user under `prefix:candidates:{models version}:user`. A value that
 * cannot be read counts as absent: retrieval then computes the lists from the viewer's history.
 *
 * @param redis  not closed by `close`: its owner does
 * @param prefix keeps environments and tests apart
 */
export function createRedisCandidateStore(redis: Redis, prefix: string): CandidateStore {
  const key = (version: string, user: string) => `${prefix}:candidates:${version}:${user}`;
  return {
    async getMany(modelsVersion, users) {
      const chunks = chunksOf(users).map((part) =>
        redis.mgetBuffer(part.map((user) => key(modelsVersion, user))),
      );
      const values = (await Promise.all(chunks)).flat();
      return values.map((bytes) => (bytes ? decodeLists(bytes) : undefined));
    },
    async putMany(modelsVersion, entries) {
      for (const part of chunksOf(entries)) {
        const values = part.flatMap(([user, lists]: readonly [string, CandidateLists]) => [
          key(modelsVersion, user),
          encodeLists(lists),
        ]);
        await redis.mset(...values);
      }
    },
    async drop(modelsVersion) {
      const match = `${escapeGlob(key(modelsVersion, ''))}*`;
      for await (const keys of redis.scanStream({ match, count: SCAN })) {
        if ((keys as string[]).length > 0) await redis.unlink(...(keys as string[]));
      }
    },
    async close() {},
  };
}

function chunksOf<T>(list: readonly T[]): T[][] {
  const chunks: T[][] = [];
  for (let at = 0; at < list.length; at += CHUNK) chunks.push(list.slice(at, at + CHUNK));
  return chunks;
}

function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&');
}
