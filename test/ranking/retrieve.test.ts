import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildContent } from '../../src/ranking/content.ts';
import { generator } from '../../src/ranking/generator.ts';
import { trainIals } from '../../src/ranking/ials.ts';
import { nearest } from '../../src/ranking/nearest.ts';
import { retrieveLists } from '../../src/ranking/retrieve.ts';
import { catalogueOf, twoCommunities, viewerOf } from './fixtures.ts';

describe('nearest', () => {
  test('equals sorting every row by score, then row', () => {
    const scores = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(
        scores,
        fc.integer({ min: 0, max: 70 }),
        fc.uniqueArray(fc.nat(60)),
        (values, count, left) => {
          const without = new Set(left);
          const expected = values
            .map((value, row) => ({ value, row }))
            .filter(({ row }) => !without.has(row))
            .sort((a, b) => b.value - a.value || a.row - b.row)
            .slice(0, count);
          const list = nearest(Float32Array.from(values), Float32Array.of(1), count, without);
          expect([...list.titles]).toEqual(expected.map(({ row }) => row));
          expect([...list.scores]).toEqual(expected.map(({ value }) => value));
        },
      ),
    );
  });

  test('the zero vector has no neighbours', () => {
    expect(nearest(Float32Array.of(1, 2), Float32Array.of(0), 5, new Set()).titles).toHaveLength(0);
  });
});

describe('retrieveLists', () => {
  const catalogue = catalogueOf(
    Array.from({ length: 40 }, (_, row) => ({
      genres: [row % 2 === 0 ? 'Even' : 'Odd'],
      episodes: row === 4 ? 3 : 1,
    })),
  );
  const models = {
    catalogue,
    ials: trainIals(twoCommunities(60, 40, generator(5)), 40, { factors: 4 }),
    content: buildContent(catalogue, { dims: 4 }),
  };

  test('lists are as long as asked and without finished titles; a series in progress stays', () => {
    const lists = retrieveLists(models, viewerOf([0, 2, 4]), 10);
    for (const list of [lists.ials, lists.content]) {
      expect(list.titles).toHaveLength(10);
      expect([...list.titles].every((title) => title % 2 === 0)).toBe(true);
      expect(list.titles).not.toContain(0);
      expect(list.titles).not.toContain(2);
    }
    expect(lists.content.titles).toContain(4);
    expect(lists.watchCount).toBe(3);
  });

  test('a user who watched every title to the end gets empty lists', () => {
    const everything = [...Array(40).keys(), 4, 4];
    const lists = retrieveLists(models, viewerOf(everything), 10);
    expect(lists.ials.titles).toHaveLength(0);
    expect(lists.content.titles).toHaveLength(0);
  });

  test('onboarding picks stand in before the first watch; without them there is nothing to go by', () => {
    const picked = retrieveLists(models, viewerOf([], { picks: [1, 3] }), 5);
    expect([...picked.ials.titles].every((title) => title % 2 === 1)).toBe(true);
    expect(picked.content.titles).toHaveLength(5);
    expect(retrieveLists(models, viewerOf([]), 5).ials.titles).toHaveLength(0);
  });
});
