import { randomFillSync } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';

const RANDOM = 16;
/** Ids for which random bytes are asked of the system at once. */
const AHEAD = 512;

/**
 * UUIDv7s for requests.
 * @param now epoch ms
 */
export function createRequestIds(now: () => number): () => string {
  const pool = Buffer.alloc(RANDOM * AHEAD);
  const random = new Uint8Array(RANDOM);
  let at = pool.length;
  return () => {
    if (at === pool.length) {
      randomFillSync(pool);
      at = 0;
    }
    for (let i = 0; i < RANDOM; i++) random[i] = pool[at++]!;
    return uuidv7({ msecs: now(), random });
  };
}
