import { expect, test } from 'vitest';
import { retrieveMany } from '../../src/onnx/retrieve.ts';
import { buildContent, contentVector } from '../../src/ranking/content.ts';
import { trainEase } from '../../src/ranking/ease.ts';
import { finishedTitles } from '../../src/ranking/finished-titles.ts';
import { generator } from '../../src/ranking/generator.ts';
import { trainIals } from '../../src/ranking/ials.ts';
import { trainItemKnn } from '../../src/ranking/item-knn.ts';
import { nearest } from '../../src/ranking/nearest.ts';
import { collaborativeVector, retrieveLists } from '../../src/ranking/retrieve.ts';
import type { CandidateLists } from '../../src/ranking/viewer.ts';
import { catalogueOf, twoCommunities, viewerOf } from '../ranking/fixtures.ts';

const TITLES = 300;
const random = generator(11);
const catalogue = catalogueOf(
  Array.from({ length: TITLES }, (_, row) => ({
    genres: [`g${row % 7}`],
    year: 1950 + (row % 60),
    text: `word${Math.floor(random() * 40)} word${Math.floor(random() * 40)}`,
  })),
);
const models = {
  catalogue,
  ials: trainIals(twoCommunities(80, TITLES, random), TITLES, { factors: 8 }),
  content: buildContent(catalogue, { dims: 8 }),
};
const rich = {
  ...models,
  itemKnn: trainItemKnn(twoCommunities(80, TITLES, random), TITLES),
  ease: trainEase(twoCommunities(80, TITLES, random), TITLES),
};
const histories = Array.from({ length: 300 }, () =>
  Array.from({ length: Math.floor(random() ** 3 * 120) }, () => Math.floor(random() * TITLES)),
);
const viewers = [
  ...histories.map((titles, user) => viewerOf(titles, { id: `u-${user}` })),
  viewerOf([], { id: 'picks', picks: [3, 5] }),
  viewerOf([...Array(TITLES).keys()], { id: 'everything' }),
];

test('many users at once get the lists that each gets alone', async () => {
  const found = new Map<string, CandidateLists>();
  const progress: number[] = [];
  await retrieveMany(models, viewers, 50, (entries, done) => {
    for (const [user, lists] of entries) found.set(user, lists);
    progress.push(done);
  });
  expect(progress).toEqual([256, viewers.length]);
  expect(found.size).toBe(viewers.length);
  for (const viewer of viewers) {
    const lists = found.get(viewer.id)!;
    const plain = retrieveLists(models, viewer, 50);
    const finished = finishedTitles(viewer, catalogue);
    const factors = collaborativeVector(models.ials, viewer);
    const taste = contentVector(models.content, viewer);
    expect(lists).toEqual(plain);
    expect(lists.ials.titles).toEqual(nearest(models.ials.items, factors, 50, finished).titles);
    expect(lists.content.titles).toEqual(nearest(models.content.vectors, taste, 50, finished).titles);
  }
  expect(found.get('everything')!.ials.titles).toHaveLength(0);
});

test('no users, no call', async () => {
  await retrieveMany(models, [], 50, () => {
    throw new Error('called');
  });
});

test('the lists of item models are there where the models are', async () => {
  await retrieveMany(rich, viewers.slice(-40), 50, (entries) => {
    for (const [user, lists] of entries) {
      const plain = retrieveLists(rich, viewers.find(({ id }) => id === user)!, 50);
      expect(lists.itemKnn).toEqual(plain.itemKnn);
      expect(lists.ease).toEqual(plain.ease);
    }
  });
  expect(retrieveLists(models, viewers[0]!, 50)).not.toHaveProperty('ease');
});
