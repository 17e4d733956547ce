import { describe, expect, test } from 'vitest';
import { coverage, genresOf, gini, ndcgAt, recallAt, reciprocalRank } from '../../src/ranking/offline.ts';

describe('of one list', () => {
  // By hand. NDCG: 1/log2(2) = 1, 1/log2(3) = 0.63093, 1/log2(4) = 0.5, 1/log2(5) = 0.43068.
  test.each<[string, number[], number[], number, number, number, number]>([
    // list, relevant, k, recall, ndcg, reciprocal rank
    ['all found on top', [1, 2, 3, 4], [1, 2], 3, 1, 1, 1],
    ['second and fourth', [9, 1, 8, 2], [1, 2], 4, 1, (0.63093 + 0.43068) / 1.63093, 0.5],
    ['beyond k is not seen by recall', [9, 8, 1], [1], 2, 0, 0, 1 / 3],
    ['more relevant than k', [1, 2], [1, 2, 3, 4], 2, 0.5, 1, 1],
    ['a short list', [1], [1, 2], 20, 0.5, 1 / 1.63093, 1],
    ['nothing found', [7, 8], [1], 2, 0, 0, 0],
    ['an empty list', [], [1], 2, 0, 0, 0],
  ])('%s', (_, list, relevant, k, recall, ndcg, rank) => {
    const set = new Set(relevant);
    expect(recallAt(k, list, set)).toBeCloseTo(recall, 5);
    expect(ndcgAt(k, list, set)).toBeCloseTo(ndcg, 4);
    expect(reciprocalRank(list, set)).toBeCloseTo(rank, 9);
  });

  test('without relevant titles there is no value', () => {
    for (const measure of [
      recallAt(5, [1], new Set()),
      ndcgAt(5, [1], new Set()),
      reciprocalRank([1], new Set()),
    ])
      expect(measure).toBeNaN();
  });
});

describe('of many lists', () => {
  test('coverage counts distinct titles over the catalogue', () => {
    expect(
      coverage(
        [
          [0, 1],
          [1, 2],
        ],
        6,
      ),
    ).toBe(0.5);
    expect(coverage([], 6)).toBe(0);
  });

  // By the definition sum |c_i - c_j| / (2 n^2 mean), computed with
  // python3 -c "c=[1,2,3,10];n=len(c);print(sum(abs(a-b) for a in c for b in c)/(2*n*sum(c)))"
  test.each<[number[], number]>([
    [[5, 5, 5, 5], 0],
    [[0, 0, 0, 7], 0.75],
    [[10, 1, 3, 2], 0.4375],
  ])('Gini of %j', (counts, expected) => expect(gini(counts)).toBeCloseTo(expected, 12));

  test('Gini of nothing recommended has no value', () => expect(gini([0, 0])).toBeNaN());

  test('genres of a slate are counted once each', () => {
    const masks = Uint32Array.of(0b011, 0b110, 0, 0x80000000);
    expect(genresOf([0, 1, 2], masks)).toBe(3);
    expect(genresOf([3], masks)).toBe(1);
    expect(genresOf([2], masks)).toBe(0);
  });
});
