import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Dataset, LIKED } from '../../src/files/dataset.ts';
import { readMovieLens } from '../../src/files/movielens.ts';
import { retrieveEase, trainEase } from '../../src/ranking/ease.ts';
import { measureOf, measureSlates, popularOrder, relevantTitles } from '../../src/ranking/evaluate.ts';
import { finishedTitles } from '../../src/ranking/finished-titles.ts';
import { historyReader } from '../../src/ranking/history.ts';
import { retrieveItemKnn, trainItemKnn } from '../../src/ranking/item-knn.ts';
import { splitBy } from '../../src/ranking/protocols.ts';
import vectors from '../cases/movielens-sources.json' with { type: 'json' };

const here = dirname(fileURLToPath(import.meta.url));
const ratings = join(process.env.SCREENTEST_SHARED ?? join(here, '../../../shared'), 'data/ml-latest-small');
if (!existsSync(ratings)) console.warn(`skipped: real MovieLens ratings are not at ${ratings}`);

const MEASURED = ['recall10', 'recall20', 'ndcg10', 'ndcg20'] as const;
const least = LIKED / 5;

describe.skipIf(!existsSync(ratings))('the real ml-latest-small beside independent numpy code', () => {
  let dataset: Dataset;
  beforeAll(async () => {
    dataset = await readMovieLens(ratings);
  });

  test.each(vectors.protocols)('$protocol', ({ protocol, users, popularity, itemKnn, ease }) => {
    const { catalogue, interactions } = dataset;
    const { known, history, heldOut } = splitBy(protocol as 'leave-last', interactions, least);
    const relevant = relevantTitles(heldOut);
    expect(relevant.size).toBe(users);
    const read = historyReader(history, []);
    const popular = popularOrder(known, catalogue.size, least);
    const knn = trainItemKnn(known, catalogue.size, { least });
    const linear = trainEase(known, catalogue.size, { least });
    const viewers = [...relevant.keys()].map((user) => {
      const viewer = read(user, Number.POSITIVE_INFINITY);
      return { viewer, finished: finishedTitles(viewer, catalogue) };
    });
    const judge = (
      slates: ArrayLike<number>[],
      expected: Record<(typeof MEASURED)[number], number>,
    ): void => {
      const measures = measureSlates(slates, [...relevant.values()], catalogue, popular);
      for (const name of MEASURED)
        expect(measureOf(measures, name, [...slates.keys()])).toBeCloseTo(expected[name], 4);
    };
    judge(
      viewers.map(({ finished }) => popular.filter((title) => !finished.has(title)).subarray(0, 20)),
      popularity,
    );
    judge(
      viewers.map(({ viewer, finished }) => retrieveItemKnn(knn, viewer, 20, finished).titles),
      itemKnn,
    );
    judge(
      viewers.map(({ viewer, finished }) => retrieveEase(linear, viewer, 20, finished).titles),
      ease,
    );
  });
});
