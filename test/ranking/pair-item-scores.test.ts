import { describe, expect, test } from 'vitest';
import { scoreEase, trainEase } from '../../src/ranking/ease.ts';
import { generator } from '../../src/ranking/generator.ts';
import { scoreItemKnn, trainItemKnn } from '../../src/ranking/item-knn.ts';
import { easeScores, itemKnnScores } from '../../src/ranking/pair-item-scores.ts';
import { interactionsOf, viewerOf } from './fixtures.ts';

const TITLES = 40;
const random = generator(5);
// The last titles are watched by nobody.
const interactions = interactionsOf(
  Array.from(
    { length: 300 },
    () => [Math.floor(random() * 25), Math.floor(random() * (TITLES - 5))] as const,
  ),
);
const ease = trainEase(interactions, TITLES, { lambda: 5 });
const knn = trainItemKnn(interactions, TITLES, { shrink: 1, neighbours: 8 });
const titles = Int32Array.of(39, 3, 17, 0, 22, 38, 9, 9);

describe.each([
  ['a history', viewerOf([2, 3, 17, 30, 2])],
  ['titles that nobody watched', viewerOf([38, 39])],
  ['onboarding picks', viewerOf([], { picks: [4, 8] })],
  ['nothing', viewerOf([])],
])('scores of some titles from %s equal those of the whole catalogue', (_, viewer) => {
  test.each([
    ['EASE', scoreEase(ease, viewer), (out: Float32Array) => easeScores(out, ease, viewer, titles, 7)],
    [
      'item-kNN',
      scoreItemKnn(knn, viewer),
      (out: Float32Array) => itemKnnScores(out, knn, viewer, titles, 7),
    ],
  ])('%s', (_name, all, write) => {
    const out = new Float32Array(8).fill(9);
    // Twice: nothing stays behind.
    write(out);
    write(out);
    for (let i = 0; i < 7; i++) expect(out[i]).toBeCloseTo(all[titles[i]!]!, 6);
    expect(out[7]).toBe(9);
  });
});
