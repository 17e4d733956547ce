import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { LIKED } from '../../src/files/dataset.ts';
import { readMovieLens } from '../../src/files/movielens.ts';
import type { Catalogue, Interactions } from '../../src/ranking/catalogue.ts';
import { retrieveEase, trainEase } from '../../src/ranking/ease.ts';
import { measureOf, measureSlates, popularOrder, relevantTitles } from '../../src/ranking/evaluate.ts';
import { finishedTitles } from '../../src/ranking/finished-titles.ts';
import { foldIn } from '../../src/ranking/fold-in.ts';
import { historyReader } from '../../src/ranking/history.ts';
import { trainIals } from '../../src/ranking/ials.ts';
import { retrieveItemKnn, trainItemKnn } from '../../src/ranking/item-knn.ts';
import { nearest } from '../../src/ranking/nearest.ts';
import { selectInteractions } from '../../src/ranking/time-slices.ts';
import type { Viewer } from '../../src/ranking/viewer.ts';
import expected from '../cases/ials-parity.json' with { type: 'json' };

const here = dirname(fileURLToPath(import.meta.url));
const ratings = join(process.env.SCREENTEST_SHARED ?? join(here, '../../../shared'), 'data/ml-latest-small');
if (!existsSync(ratings)) console.warn(`skipped: real MovieLens ratings are not at ${ratings}`);

const MEASURED = ['recall10', 'recall20', 'ndcg10', 'ndcg20'] as const;
type Figures = Record<(typeof MEASURED)[number], number>;
const least = LIKED / 5;

describe.skipIf(!existsSync(ratings))('a tenth of each user held out, beside independent numpy code', () => {
  let catalogue: Catalogue;
  let train: Interactions;
  let relevant: Map<number, Set<number>>;
  let viewers: { viewer: Viewer; finished: Set<number> }[];

  beforeAll(async () => {
    const dataset = await readMovieLens(ratings);
    catalogue = dataset.catalogue;
    // Ordered by time, then title, within each user.
    const places = new Int32Array(dataset.interactions.userCount);
    const held = Array.from(dataset.interactions.users, (user) => places[user]!++ % 10 === 9);
    train = selectInteractions(dataset.interactions, (entry) => !held[entry]);
    const { weights } = dataset.interactions;
    relevant = relevantTitles(
      selectInteractions(dataset.interactions, (entry) => held[entry]! && weights[entry]! >= least),
    );
    const read = historyReader(train, []);
    viewers = [...relevant.keys()].map((user) => {
      const viewer = read(user, Number.POSITIVE_INFINITY);
      return { viewer, finished: finishedTitles(viewer, catalogue) };
    });
    expect(relevant.size).toBe(expected.users);
  });

  function figures(slateOf: (viewer: Viewer, finished: Set<number>) => ArrayLike<number>): Figures {
    const slates = viewers.map(({ viewer, finished }) => slateOf(viewer, finished));
    const measures = measureSlates(slates, [...relevant.values()], catalogue, popular());
    const all = [...slates.keys()];
    return Object.fromEntries(MEASURED.map((name) => [name, measureOf(measures, name, all)])) as Figures;
  }
  const popular = (): Int32Array => popularOrder(train, catalogue.size, least);

  test('popularity to the fourth digit', () => {
    const order = popular();
    const found = figures((_, finished) => order.filter((title) => !finished.has(title)).subarray(0, 20));
    for (const name of MEASURED) expect(found[name]).toBeCloseTo(expected.popularity[name], 5);
  });

  test('item-kNN and EASE within .002', () => {
    const knn = trainItemKnn(train, catalogue.size, { least });
    const ease = trainEase(train, catalogue.size, { least });
    const byKnn = figures((viewer, finished) => retrieveItemKnn(knn, viewer, 20, finished).titles);
    const byEase = figures((viewer, finished) => retrieveEase(ease, viewer, 20, finished).titles);
    for (const name of MEASURED) {
      expect(Math.abs(byKnn[name] - expected.itemKnn[name])).toBeLessThan(0.002);
      expect(Math.abs(byEase[name] - expected.ease[name])).toBeLessThan(0.002);
    }
  });

  // Rendle's parametrisation, divided by alpha0.
  test.each(expected.ials)('iALS within .005 of the range, alpha0 $alpha0, nu $nu', (setting) => {
    const { factors, iterations, lambda, alpha0, nu, seeds } = setting;
    const model = trainIals(train, catalogue.size, {
      ...{ factors, iterations, nu, least, binary: true },
      ...{ alpha: 1 / alpha0, regularisation: lambda * alpha0 ** (nu - 1), steps: 3, seed: 1 },
    });
    const found = figures((viewer, finished) => {
      const user = foldIn(model, viewer.watchedTitles, viewer.watchedWeights, viewer.watchCount);
      return nearest(model.items, user, 20, finished).titles;
    });
    for (const name of MEASURED) {
      const range = seeds.map((seed) => seed[name]);
      expect(found[name]).toBeGreaterThan(Math.min(...range) - 0.005);
      expect(found[name]).toBeLessThan(Math.max(...range) + 0.005);
    }
  });
});
