import { expect, test } from 'vitest';
import { finishedTitles } from '../../src/ranking/finished-titles.ts';
import { catalogueOf, viewerOf } from './fixtures.ts';

const catalogue = catalogueOf([{ episodes: 1 }, { episodes: 3 }, { episodes: 2 }, { episodes: 8 }]);

test.each<[string, number[], number[]]>([
  ['nothing watched', [], []],
  ['a film', [0], [0]],
  ['series in progress', [3, 1, 1], []],
  ['a series watched to its end', [2, 3, 2], [2]],
  ['more watches than episodes', [0, 0, 2, 2, 2], [0, 2]],
])('%s', (_, watched, finished) => {
  expect([...finishedTitles(viewerOf(watched), catalogue)]).toEqual(finished);
});
