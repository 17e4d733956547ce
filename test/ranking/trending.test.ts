import { expect, test } from 'vitest';
import { buildTrending } from '../../src/ranking/trending.ts';
import { interactionsOf } from './fixtures.ts';

const DAY = 86_400_000;
const NOW = 100 * DAY;

test('recent watches count 0.5^(age / 2 days), older than 7 days not, later ones are unknown', () => {
  const model = buildTrending(
    interactionsOf([
      [0, 2, 1, NOW - 50 * DAY],
      [1, 2, 1, NOW - 50 * DAY],
      [2, 2, 1, NOW - 50 * DAY],
      [0, 0, 1, NOW - 4 * DAY],
      [1, 0, 1, NOW - 4 * DAY],
      [0, 1, 1, NOW - 2 * DAY],
      [3, 1, 1, NOW],
      [4, 3, 1, NOW + 1],
    ]),
    4,
    NOW,
  );
  // 2 x 0.25 = 0.5 against 0.5 + 1 = 1.5
  expect([...model.score]).toEqual([expect.closeTo(0.5 / 1.5, 6), 1, 0, 0]);
  expect([...model.order]).toEqual([1, 0, 2, 3]);
  // log(3)/log(4), log(3)/log(4), 1, 0
  expect([...model.popularity]).toEqual([expect.closeTo(0.792481, 5), expect.closeTo(0.792481, 5), 1, 0]);
});

test('quality is the weight above the average, as if five more watches had been average', () => {
  const { quality } = buildTrending(
    interactionsOf([
      [0, 0, 1, NOW - DAY],
      [1, 0, 1, NOW - 90 * DAY],
      [2, 0, 1, NOW - DAY],
      [0, 1, 0.2, NOW - DAY],
      [1, 1, 0.3, NOW + 1],
    ]),
    3,
    NOW,
  );
  // Average 3.2 / 4 = 0.8: 3 x 0.2 / 8 above it, 0.6 / 6 below it, and nothing known.
  const expected = [0.075, -0.1, 0];
  quality.forEach((value, title) => {
    expect(value).toBeCloseTo(expected[title]!, 6);
  });
});

test('without interactions every title is listed in row order with score 0', () => {
  const model = buildTrending(interactionsOf([]), 3, NOW);
  expect([...model.order]).toEqual([0, 1, 2]);
  expect([...model.score]).toEqual([0, 0, 0]);
  expect([...model.quality]).toEqual([0, 0, 0]);
});
