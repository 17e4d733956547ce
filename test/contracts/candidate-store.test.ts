import { describe, expect, test } from 'vitest';
import { packLists } from '../../src/ranking/candidate-bytes.ts';
import { createMemoryCandidateStore } from '../../src/ranking/candidate-store.ts';
import type { CandidateLists, PackedCandidateStore } from '../../src/ranking/viewer.ts';
import { createRedisCandidateStore } from '../../src/redis/candidate-store.ts';
import { realRedisUrl, testRedis } from '../support/redis.ts';

function lists(seed: number, length = 3): CandidateLists {
  return {
    // Some rows need more than 16 bits.
    ials: { titles: Int32Array.from({ length }, (_, i) => seed * (seed % 3 === 0 ? 10 : 30_011) + i) },
    content: { titles: Int32Array.of(seed) },
    // Every other viewer's models have EASE, whose list may be empty.
    ...(seed % 2 === 0 && { ease: { titles: new Int32Array(seed % 300) } }),
    watchCount: seed * 1_000_003,
  };
}

const bytesOf = (one: CandidateLists): Buffer => Buffer.from(packLists([one]).bytes);

const url = await realRedisUrl();
const stores: [string, boolean, () => { store: PackedCandidateStore; end: () => Promise<void> }][] = [
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
    const withStore = (work: (store: PackedCandidateStore) => Promise<void>) => async () => {
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
      'takes what is packed, beside and in place of what is not',
      withStore(async (store) => {
        await store.putMany('v1', [['b', lists(9)]]);
        const packed = packLists([lists(3), lists(4, 0), lists(5, 200)]);
        await store.putPacked('v1', ['a', 'b', 'c'], packed);
        await store.putMany('v1', [['c', lists(6)]]);
        expect(await store.getMany('v1', ['a', 'b', 'c'])).toEqual([lists(3), lists(4, 0), lists(6)]);
      }),
    );

    test(
      'thousands at once',
      withStore(async (store) => {
        const users = Array.from({ length: 2_500 }, (_, i) => `u-${i}`);
        await store.putMany(
          'v1',
          users.map((user, i) => [user, lists(i % 40)]),
        );
        const found = await store.getMany('v1', users);
        expect(found).toEqual(users.map((_, i) => lists(i % 40)));
      }),
    );
  });
}

describe.skipIf(url === undefined)('candidate store in Redis', () => {
  test.each([
    ['cut off', bytesOf(lists(2)).subarray(0, -1)],
    ['too long', Buffer.concat([bytesOf(lists(2)), Buffer.of(0)])],
    ['of the version before', Buffer.concat([Buffer.of(2), bytesOf(lists(2)).subarray(1)])],
    ['of another version', Buffer.alloc(9, 7)],
    ['empty', Buffer.alloc(0)],
  ])('a value that is %s counts as absent', async (_, bytes) => {
    const { redis, prefix, close } = testRedis(url as string);
    await redis.set(`${prefix}:candidates:v1:a`, bytes);
    expect(await createRedisCandidateStore(redis, prefix).getMany('v1', ['a'])).toEqual([undefined]);
    await close();
  });
});
