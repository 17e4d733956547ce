import type { Redis } from 'ioredis';
import { packLists, unpackLists } from '../ranking/candidate-bytes.ts';
import type { PackedCandidateStore, PackedLists } from '../ranking/viewer.ts';
import { candidateKey, escapeGlob } from './candidate-keys.ts';

/** Keys of one MGET or MSET: large enough to save round trips, small enough not to block the server. */
const CHUNK = 500;
const SCAN = 1_000;

/**
 * Candidate lists in Redis, one binary value per user (see `packLists`) under `prefix:candidates:{models version}:user`. A value that
 * cannot be read counts as absent: retrieval then computes the lists from the viewer's history.
 *
 * @param redis  not closed by `close`: its owner does
 * @param prefix keeps environments and tests apart
 */
export function createRedisCandidateStore(redis: Redis, prefix: string): PackedCandidateStore {
  async function putPacked(modelsVersion: string, users: readonly string[], packed: PackedLists) {
    const { bytes, ends } = packed;
    const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const sent: Promise<unknown>[] = [];
    for (let first = 0; first < users.length; first += CHUNK) {
      const values: (string | Buffer)[] = [];
      for (let i = first; i < Math.min(users.length, first + CHUNK); i++)
        values.push(
          candidateKey(prefix, modelsVersion, users[i]!),
          all.subarray(i === 0 ? 0 : ends[i - 1]!, ends[i]!),
        );
      sent.push(redis.mset(...values));
    }
    await Promise.all(sent);
  }

  return {
    async getMany(modelsVersion, users) {
      const chunks: Promise<(Buffer | null)[]>[] = [];
      for (let first = 0; first < users.length; first += CHUNK)
        chunks.push(
          redis.mgetBuffer(
            users.slice(first, first + CHUNK).map((user) => candidateKey(prefix, modelsVersion, user)),
          ),
        );
      const values = (await Promise.all(chunks)).flat();
      return values.map((bytes) => (bytes ? unpackLists(bytes) : undefined));
    },
    putMany: (modelsVersion, entries) =>
      putPacked(
        modelsVersion,
        entries.map(([user]) => user),
        packLists(entries.map(([, lists]) => lists)),
      ),
    putPacked,
    async drop(modelsVersion) {
      const match = `${escapeGlob(candidateKey(prefix, modelsVersion, ''))}*`;
      for await (const keys of redis.scanStream({ match, count: SCAN })) {
        if ((keys as string[]).length > 0) await redis.unlink(...(keys as string[]));
      }
    },
    async close() {},
  };
}
