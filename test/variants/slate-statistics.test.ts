import { describe, expect, it } from 'vitest';
import { longTailSlots, simpsonMicro } from '../../src/variants/slate-statistics.ts';
import { catalogueOf } from '../ranking/fixtures.ts';

/** Titles 0 to 2 of one genre, 3 and 4 of others, 5 and 6 of none. */
const genres = ['drama', 'drama', 'drama', 'comedy', 'horror'].map((genre) => ({ genres: [genre] }));
const catalogue = {
  ...catalogueOf([...genres, {}, {}]),
  longTail: Uint8Array.of(0, 1, 0, 1, 0, 1, 0),
};

describe('simpsonMicro', () => {
  it.each([
    ['one genre', [0, 1, 2], 0],
    ['all of different genres', [0, 3, 4], Math.round(1e6 * (1 - 3 / 9))],
    ['two of three alike', [0, 1, 3], Math.round(1e6 * (1 - 5 / 9))],
    ['titles without a genre are left out', [0, 1, 3, 5, 6], Math.round(1e6 * (1 - 5 / 9))],
    ['nothing but titles without a genre', [5, 6], 0],
    ['an empty slate', [], 0],
  ])('%s', (_, titles, expected) => {
    // Twice: the counts of one slate are gone before the next.
    for (let time = 0; time < 2; time++)
      expect(simpsonMicro(Int32Array.from(titles), catalogue)).toBe(expected);
  });
});

describe('longTailSlots', () => {
  it.each([
    [[0, 1, 2, 3], 2],
    [[], 0],
    [[5], 1],
  ])('%j: %i', (titles, expected) => {
    expect(longTailSlots(Int32Array.from(titles), catalogue)).toBe(expected);
  });
});
