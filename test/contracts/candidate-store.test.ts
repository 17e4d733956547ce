import { describe, expect, test } from 'vitest';
import { createMemoryCandidateStore } from '../../src/ranking/candidate-store.ts';
import type { CandidateLists, CandidateStore } from '../../src/ranking/viewer.ts';
import { createRedisCandidateStore } from '../../src/redis/candidate-store.ts';
import { realRedisUrl, testRedis } from '../support/redis.ts';

function lists(seed: number, length = 3): CandidateLists {
  return {
    ials: {
      titles: Int32Array.from({ length }, (_, i) => seed * 10 + i),
      scores: Float32Array.from({ length }, (_, i) => seed - i / 8),
    },
    content: { titles: Int32Array.of(seed), scores: Float32Array.of(-0.5) },
    // Every other viewer's models have EASE, whose list may be empty.
    ...(seed % 2 === 0 && {
      ease: { titles: new Int32Array(seed), scores: new Float32Array(seed).fill(0.25) },
    }),
    watchCount: seed,
  };
}

const url = await realRedisUrl();
const stores: [string, boolean, () => { store: CandidateStore; end: () => Promise<void> }][] = [
  [
    'memory',
    false,
    () => {
      const store = createMemoryCandidateStore();
      return { store, end: () => store.close() };
    },
  ],
  [
    'Redis',
    url === undefined,
    () => {
      const { redis, prefix, close } = testRedis(url as string);
      return { store: createRedisCandidateStore(redis, `${prefix}:[odd]*`), end: close };
    },
  ],
];

for (const [name, skipped, open] of stores) {
  describe.skipIf(skipped)(`candidate store in ${name}`, () => {
    const withStore = (work: (store: CandidateStore) => Promise<void>) => async () => {
      const { store, end } = open();
      try {
        await work(store);
      } finally {
        await end();
      }
    };

    test(
      'returns what was put, in the order asked, undefined where nothing is',
      withStore(async (store) => {
        await store.putMany('v1', [
          ['a', lists(1)],
          ['ü:b 🎬', lists(2, 200)],
          ['__proto__', lists(3, 0)],
        ]);
        expect(await store.getMany('v1', ['ü:b 🎬', 'nobody', 'a', '__proto__', 'constructor'])).toEqual([
          lists(2, 200),
          undefined,
          lists(1),
          lists(3, 0),
          undefined,
        ]);
      }),
    );

    test(
      'asks and puts nothing at all',
      withStore(async (store) => {
        await store.putMany('v1', []);
        expect(await store.getMany('v1', [])).toEqual([]);
      }),
    );

    test(
      'a later put replaces',
      withStore(async (store) => {
        await store.putMany('v1', [['a', lists(1)]]);
        await store.putMany('v1', [['a', lists(7)]]);
        expect(await store.getMany('v1', ['a'])).toEqual([lists(7)]);
      }),
    );

    test(
      'versions are apart, and dropping one leaves the others',
      withStore(async (store) => {
        await store.putMany('v1', [['a', lists(1)]]);
        await store.putMany('v10', [['a', lists(2)]]);
        await store.drop('v1');
        expect(await store.getMany('v1', ['a'])).toEqual([undefined]);
        expect(await store.getMany('v10', ['a'])).toEqual([lists(2)]);
        await store.drop('unknown');
      }),
    );

    test(
      'thousands at once',
      withStore(async (store) => {
        const users = Array.from({ length: 2_500 }, (_, i) => `u-${i}`);
        await store.putMany(
          'v1',
          users.map((user, i) => [user, lists(i)]),
        );
        const found = await store.getMany('v1', users);
        expect(found.map((entry) => entry?.watchCount)).toEqual(users.map((_, i) => i));
      }),
    );
  });
}

describe.skipIf(url === undefined)('candidate store in Redis', () => {
  test.each([
    ['cut off', Buffer.from([1, 0, 0, 0, 0, 9, 0, 0, 0])],
    ['of another version', Buffer.alloc(9, 7)],
    ['empty', Buffer.alloc(0)],
  ])('a value that is %s counts as absent', async (_, bytes) => {
    const { redis, prefix, close } = testRedis(url as string);
    await redis.set(`${prefix}:candidates:v1:a`, bytes);
    expect(await createRedisCandidateStore(redis, prefix).getMany('v1', ['a'])).toEqual([undefined]);
    await close();
  });
});
