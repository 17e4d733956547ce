import { expect, test } from 'vitest';
import { continuation, finishedTitles } from '../../src/ranking/continuation.ts';
import { catalogueOf, viewerOf } from './fixtures.ts';

const catalogue = catalogueOf([{ episodes: 1 }, { episodes: 3 }, { episodes: 2 }, { episodes: 8 }]);

test.each<[string, number[], number[], number[]]>([
  ['nothing watched', [], [], []],
  ['a film', [0], [], [0]],
  ['series in progress, most recent first', [3, 1, 1], [1, 3], []],
  ['a later episode moves a series up', [3, 1, 3], [3, 1], []],
  ['a series watched to its end', [2, 3, 2], [3], [2]],
  ['more watches than episodes', [0, 0, 2, 2, 2], [], [0, 2]],
])('%s', (_, watched, inProgress, finished) => {
  expect([...continuation(viewerOf(watched), catalogue)]).toEqual(inProgress);
  expect([...finishedTitles(viewerOf(watched), catalogue)]).toEqual(finished);
});
