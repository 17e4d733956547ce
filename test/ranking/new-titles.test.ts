import { expect, test } from 'vitest';
import type { ContentModel } from '../../src/ranking/models.ts';
import { newTitles } from '../../src/ranking/new-titles.ts';
import type { Viewer } from '../../src/ranking/viewer.ts';
import { catalogueOf, viewerOf } from './fixtures.ts';

const DAY = 86_400_000;
const NOW = 100 * DAY;

// Title 0 is what the viewer watched; by title: days since it arrived, cosine with title 0.
const titles = [
  { age: Number.NaN, cosine: 1 }, // arrival unknown
  { age: 0, cosine: 0 },
  { age: 2, cosine: 0.8 },
  { age: 1, cosine: 0.2 },
  { age: 7, cosine: 1 }, // the window is over
  { age: -1, cosine: 1 }, // not here yet
  { age: 6.9, cosine: 0.81 },
];
const catalogue = {
  ...catalogueOf(titles.map(() => ({}))),
  addedAt: Float64Array.from(titles, ({ age }) => (Number.isNaN(age) ? 0 : NOW - age * DAY)),
};
const content: ContentModel = {
  dims: 2,
  vectors: Float32Array.from(titles.flatMap(({ cosine }) => [cosine, Math.sqrt(1 - cosine ** 2)])),
};

test.each<[string, Viewer, number, number, number[]]>([
  ['the best match first, the newer of two that match about as well', viewerOf([0]), NOW, 7, [2, 6, 3, 1]],
  ['a shorter window', viewerOf([0]), NOW, 2, [3, 1]],
  ['a viewer of whom nothing is known: the newest first', viewerOf([]), NOW, 7, [1, 3, 2, 6]],
  ['onboarding picks are a taste', viewerOf([], { picks: [0] }), NOW, 7, [2, 6, 3, 1]],
  ['a day later', viewerOf([0]), NOW + DAY, 7, [5, 2, 3, 1]],
  ['before the first arrival', viewerOf([0]), NOW - 50 * DAY, 7, []],
])('%s', (_, viewer, at, days, expected) => {
  expect([...newTitles({ catalogue, content }, viewer, at, days)]).toEqual(expected);
});
