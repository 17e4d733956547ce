import { describe, expect, test } from 'vitest';
import { easeOrder, retrieveEase, scoreEase, trainEase } from '../../src/ranking/ease.ts';
import { invertPositiveDefinite } from '../../src/ranking/inverse.ts';
import { retrieveItemKnn, scoreItemKnn, trainItemKnn } from '../../src/ranking/item-knn.ts';
import vectors from '../cases/item-models.json' with { type: 'json' };
import { interactionsOf, viewerOf } from './fixtures.ts';

/** Models are single precision. */
const SINGLE = 5e-7;

/** Relative to the value, or to `scale` where that is larger: sums of weights of both signs cancel. */
function expectNear(actual: number, expected: number, tolerance: number, scale = 1e-3): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(tolerance * Math.max(scale, Math.abs(expected)));
}

describe('inverse of a positive definite matrix', () => {
  test.each(vectors.inverses)('of order $order', ({ order, entries }) => {
    const matrix = new Float64Array(order * order);
    for (let i = 0; i < order; i++) {
      // Only the lower triangle is read.
      for (let j = 0; j < order; j++)
        matrix[i * order + j] =
          j > i ? Number.NaN : 1 / (1 + i - j) + Math.cos(i + 1) * Math.cos(j + 1) + (i === j ? 0.25 : 0);
    }
    invertPositiveDefinite(matrix, order);
    for (const [row, column, expected] of entries) {
      expectNear(matrix[row! * order + column!]!, expected!, 1e-10);
      expect(matrix[column! * order + row!]).toBe(matrix[row! * order + column!]);
    }
  });

  test('is refused where there is none', () => {
    expect(() => invertPositiveDefinite(Float64Array.of(1, 2, 2, 1), 2)).toThrow(
      'row 1 of the matrix is not positive definite',
    );
  });
});

describe.each(vectors.cases)('$name', (given) => {
  const pairs = given.histories.flatMap((titles, user) => titles.map((title) => [user, title] as const));
  const interactions = interactionsOf(pairs);
  const knn = trainItemKnn(interactions, given.titles, given);
  const ease = trainEase(interactions, given.titles, { lambda: given.lambda });

  test.each(given.nearest)('neighbours of title $title', ({ title, titles, similarities }) => {
    // The model lists by the other side: who counts a title among their nearest.
    const found: { row: number; similarity: number }[] = [];
    for (let row = 0; row < given.titles; row++)
      for (let entry = knn.starts[row]!; entry < knn.starts[row + 1]!; entry++)
        if (knn.titles[entry] === title) found.push({ row, similarity: knn.similarities[entry]! });
    found.sort((a, b) => b.similarity - a.similarity || a.row - b.row);
    expect(found.map(({ row }) => row)).toEqual(titles);
    for (const [place, similarity] of similarities.entries())
      expectNear(found[place]!.similarity, similarity, SINGLE);
  });

  test('weights of EASE', () => {
    const order = ease.rows.length;
    for (const [i, j, expected] of given.weights) {
      const [from, to] = [ease.rows.indexOf(i!), ease.rows.indexOf(j!)];
      expectNear(from < 0 || to < 0 ? 0 : ease.weights[from * order + to]!, expected!, SINGLE);
    }
  });

  test.each(given.viewers)('scores and best titles of user $user', (expected) => {
    const history = given.histories[expected.user]!;
    const viewer = viewerOf(history);
    const byKnn = scoreItemKnn(knn, viewer);
    const byEase = scoreEase(ease, viewer);
    for (let title = 0; title < given.titles; title++) {
      expectNear(byKnn[title]!, expected.itemKnn[title]!, SINGLE, 0.1);
      expectNear(byEase[title]!, expected.ease[title]!, SINGLE, 0.1);
    }
    const best = retrieveEase(ease, viewer, 10, new Set(history));
    expect([...best.titles]).toEqual(expected.bestByEase);
    expect([...best.scores]).toEqual([...best.titles].map((title) => byEase[title]));
  });

  test('the matrix to invert is the smaller one', () => {
    const watched = new Set(given.histories.flat()).size;
    expect(easeOrder(interactions, given.titles, 0)).toBe(Math.min(watched, given.histories.length));
  });
});

describe('what counts', () => {
  const interactions = interactionsOf([
    [0, 0, 1],
    [0, 1, 0.8],
    [0, 2, 0.4],
    [1, 0, 1],
    [1, 1, 1],
    [1, 1, 1],
    [2, 2, 0.9],
    [2, 3, 0.9],
  ]);
  const least = 0.8;

  test.each([
    ['item-kNN', scoreItemKnn(trainItemKnn(interactions, 5, { least, shrink: 0 }), viewerOf([0]))],
    ['EASE', scoreEase(trainEase(interactions, 5, { least, lambda: 1 }), viewerOf([0]))],
  ])('%s: pairs of enough weight, each once, and no title without a watch', (_, scores) => {
    expect(scores[1]).toBeGreaterThan(0);
    expect([scores[2], scores[3], scores[4]].map((score) => Math.abs(score!))).toEqual([0, 0, 0]);
  });

  test('two titles always watched together have cosine 1, and half as much with a shrink of 2', () => {
    expect(scoreItemKnn(trainItemKnn(interactions, 5, { least, shrink: 0 }), viewerOf([0]))[1]).toBe(1);
    expect(scoreItemKnn(trainItemKnn(interactions, 5, { least, shrink: 2 }), viewerOf([0]))[1]).toBe(0.5);
  });

  test('a history below the least weight says nothing, onboarding picks do, unknown rows are ignored', () => {
    const knn = trainItemKnn(interactions, 5, { least, shrink: 0 });
    const ease = trainEase(interactions, 5, { least, lambda: 1 });
    const low = viewerOf([0], { watchedWeights: Float32Array.of(0.5) });
    expect(retrieveItemKnn(knn, low, 5, new Set()).titles).toHaveLength(0);
    expect(retrieveEase(ease, low, 5, new Set()).titles).toHaveLength(0);
    const picker = viewerOf([], { picks: [0, -1, 99] });
    expect([...retrieveItemKnn(knn, picker, 5, new Set([0])).titles]).toEqual([1]);
    expect(retrieveEase(ease, picker, 1, new Set([0])).titles[0]).toBe(1);
  });

  test('a catalogue too large for EASE is refused with what to do', () => {
    const many = interactionsOf(Array.from({ length: 20_001 }, (_, title) => [0, title] as const));
    expect(() => trainEase(many, 30_000)).toThrow(
      'EASE weighs every title against every other and takes up to 20,000 watched titles, not 20,001; use item-kNN',
    );
    expect(() => trainEase(interactions, 5, { lambda: 0 })).toThrow(
      'EASE: lambda is 0; it is a number above 0',
    );
  });
});
