import { describe, expect, it } from 'vitest';
import { createBatcher } from '../../src/http/batcher.ts';
import { createRecentRequests } from '../../src/http/recent-requests.ts';

describe('batcher', () => {
  const doubling = (limit?: number) => {
    const batches: number[][] = [];
    const batcher = createBatcher(async (inputs: readonly number[]) => {
      batches.push([...inputs]);
      if (inputs.includes(13)) throw new Error('thirteen');
      return inputs.map((input) => input * 2);
    }, limit);
    return { batches, batcher };
  };

  it('runs what is submitted in one turn together, in order', async () => {
    const { batches, batcher } = doubling();
    expect(await Promise.all([1, 2, 3].map(batcher.submit))).toEqual([2, 4, 6]);
    expect(await batcher.submit(4)).toBe(8);
    expect(batches).toEqual([[1, 2, 3], [4]]);
  });

  it('splits at its limit', async () => {
    const { batches, batcher } = doubling(2);
    expect(await Promise.all([1, 2, 3, 4, 5].map(batcher.submit))).toEqual([2, 4, 6, 8, 10]);
    expect(batches).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('fails only the input that fails', async () => {
    const { batches, batcher } = doubling();
    const settled = await Promise.allSettled([1, 13, 3].map(batcher.submit));
    expect(settled.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.message))).toEqual([
      2,
      'thirteen',
      6,
    ]);
    expect(batches).toEqual([[1, 13, 3], [1], [13], [3]]);
  });
});

describe('recent requests', () => {
  it('knows the last ones and forgets the rest', () => {
    const ids = createRecentRequests(10);
    for (let n = 0; n < 100; n++) ids.add(`id-${n}`, 'home');
    for (let n = 90; n < 100; n++) expect(ids.surfaceOf(`id-${n}`)).toBe('home');
    let known = 0;
    for (let n = 0; n < 100; n++) known += Number(ids.surfaceOf(`id-${n}`) !== undefined);
    expect(known).toBeLessThanOrEqual(20);
  });
});
