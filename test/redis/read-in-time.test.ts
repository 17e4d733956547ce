import { expect, it } from 'vitest';
import { createMemoryCandidateStore } from '../../src/ranking/candidate-store.ts';
import type { CandidateStore } from '../../src/ranking/viewer.ts';
import { readInTime } from '../../src/redis/read-in-time.ts';

it('gives up on a store that hangs, leaves it alone for a while, and asks it again', async () => {
  let asked = 0;
  let hangs = true;
  const memory = createMemoryCandidateStore();
  const store: CandidateStore = {
    ...memory,
    getMany(version, users) {
      asked++;
      return hangs ? new Promise(() => {}) : memory.getMany(version, users);
    },
  };
  const read = () => readable.getMany('v', ['u']);
  const readable = readInTime(store, 10, 50);
  await expect(read()).rejects.toThrow('did not answer within 10 ms');
  await expect(read()).rejects.toThrow('failed a moment ago');
  expect(asked).toBe(1);
  hangs = false;
  await expect.poll(() => read().catch(() => 'resting')).toEqual([undefined]);
  expect(asked).toBe(2);
});
