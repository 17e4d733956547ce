import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readMovieLens } from '../../src/files/movielens.ts';
import type { Interactions } from '../../src/ranking/catalogue.ts';
import { sliceByUser } from '../../src/ranking/time-slices.ts';
import { inventedCatalogue } from '../../src/simulation/invented-catalogue.ts';
import { ratingsWorld } from '../../src/simulation/ratings-world.ts';
import { simulateTest } from '../../src/simulation/simulate-test.ts';
import { createTally } from '../../src/simulation/tally.ts';
import type { World } from '../../src/simulation/world.ts';
import { popularRanker, recommenderOf } from './recommenders.ts';

const START = Date.UTC(2026, 9, 1);

function interactionsOf(
  rows: readonly (readonly [user: number, title: number, stars: number])[],
): Interactions {
  return {
    count: rows.length,
    users: Int32Array.from(rows, ([user]) => user),
    titles: Int32Array.from(rows, ([, title]) => title),
    weights: Float32Array.from(rows, ([, , stars]) => stars / 5),
    at: Float64Array.from(rows, (_, row) => row),
    userCount: 2,
  };
}

describe('ratingsWorld', () => {
  const catalogue = inventedCatalogue({ seed: 1, titles: 50 });
  const world = ratingsWorld({
    catalogue,
    userIds: ['one', 'two'],
    known: interactionsOf([
      [0, 1, 5],
      [1, 1, 5],
      [1, 2, 4],
    ]),
    unseen: interactionsOf([
      [0, 10, 5],
      [0, 11, 1],
      [1, 12, 3.5],
    ]),
    seed: 1,
  });

  test('later ratings decide: liked attracts and pleases, disliked is clicked and left, unrated hardly attracts', () => {
    expect(world.attraction(0, 10)).toBeGreaterThan(world.attraction(0, 11));
    expect(world.attraction(0, 11)).toBeGreaterThan(world.attraction(0, 1));
    expect(world.satisfaction(0, 10)).toBeGreaterThan(0.9);
    expect(world.satisfaction(0, 11)).toBeLessThan(0.15);
    expect(world.satisfaction(1, 12)).toBeGreaterThan(world.satisfaction(1, 11));
  });

  test('what was known before says nothing but how popular a title is', () => {
    expect(world.attraction(0, 1)).toBe(world.attraction(1, 1));
    expect(world.attraction(0, 1)).toBe(world.attraction(0, 3));
    expect(world.popularity[1]!).toBeGreaterThan(world.popularity[3]!);
    expect(world.attraction(0, 3)).toBeGreaterThan(0);
    expect(world.popularity.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 10);
  });

  test('a viewer comes for what they will like, or for nothing', () => {
    expect(world.choose(0, 7)).toBe(10);
    expect(world.choose(1, 7)).toBe(-1);
  });
});

const folder = join(process.env.SCREENTEST_SHARED ?? '../shared', 'data', 'ml-latest-small');
const present = existsSync(folder);
if (!present) console.warn(`skipped: the ratings world on MovieLens needs ${folder}`);

describe.skipIf(!present)('ratingsWorld on MovieLens', () => {
  test('knowing the future wins over popularity among 610 real users', async () => {
    const dataset = await readMovieLens(folder);
    const { known, unseen } = sliceByUser(dataset.interactions);
    const world = ratingsWorld({
      catalogue: dataset.catalogue,
      userIds: dataset.userIds,
      known,
      unseen,
      seed: 1,
    });
    expect(world.viewerCount).toBe(610);
    const armOf = (unit: string) => (Number(unit.replace(/\D/g, '')) % 2 === 0 ? 'control' : 'treatment');
    const popular = popularRanker(world);
    const oracle = (of: World) => {
      const futures: number[][] = Array.from({ length: of.viewerCount }, () => []);
      for (let row = 0; row < unseen.count; row++) futures[unseen.users[row]!]!.push(unseen.titles[row]!);
      return (viewer: number, watched: ReadonlySet<number>, input: Parameters<typeof popular>[2]) =>
        [
          ...futures[viewer]!.filter((title) => !watched.has(title)),
          ...popular(viewer, watched, input),
        ].slice(0, 20);
    };
    const recommender = recommenderOf(world, { control: popular, treatment: oracle(world) }, armOf, known);
    const tally = createTally(world.catalogue, armOf);
    const summary = await simulateTest({
      world,
      recommender,
      days: 7,
      startMs: START,
      seed: 1,
      environment: 'test',
      history: known,
      recordWatch: recommender.recordWatch,
      onBatch(_recommendations, outcomes) {
        for (const outcome of outcomes) tally.add(outcome);
      },
    });
    const figures = tally.figures(START + 7 * 86_400_000);
    expect(summary.sessions).toBeGreaterThan(2000);
    expect(figures.get('treatment')!.clickThroughRate).toBeGreaterThan(
      1.5 * figures.get('control')!.clickThroughRate,
    );
    expect(figures.get('treatment')!.sessionMinutes).toBeGreaterThan(figures.get('control')!.sessionMinutes);
  });
});
