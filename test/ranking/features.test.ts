import { describe, expect, it } from 'vitest';
import { AGE_GROUPS, DEVICES } from '../../src/ranking/catalogue.ts';
import {
  FEATURE_SCHEMA,
  ITEM_WIDTH,
  itemFeatures,
  KNOWN_COUNTRIES,
  type Moment,
  PAIR_WIDTH,
  USER_WIDTH,
  writeUserFeatures,
} from '../../src/ranking/features.ts';
import type { Scorer } from '../../src/ranking/models.ts';
import { writePairFeatures } from '../../src/ranking/pair-features.ts';
import type { PairScores } from '../../src/ranking/score-pairs.ts';
import { createTaste, readTaste } from '../../src/ranking/taste.ts';
import { createExampleBuilder } from '../../src/ranking/tower-examples.ts';
import type { Viewer } from '../../src/ranking/viewer.ts';
import { createPipeline } from '../../src/variants/pipeline.ts';
import { createWork } from '../../src/variants/work.ts';
import { NOW, requestOf, smallModels, smallModelsWithItems } from '../variants/fixtures.ts';
import { inColumns, rowDot, viewerOf } from './fixtures.ts';

const models = smallModels();

/** Pair scores of one title. */
const scoresOf = (collaborative: number, content = 0, ease = 0, itemKnn = 0): PairScores => ({
  collaborative: Float32Array.of(collaborative),
  content: Float32Array.of(content),
  ease: Float32Array.of(ease),
  itemKnn: Float32Array.of(itemKnn),
});
const moment: Moment = { country: 'DE', device: 'mobile', at: Date.UTC(2026, 9, 3, 6, 30) };

function userFeatures(viewer: Viewer, at: Moment = moment): Float32Array {
  const taste = createTaste(models);
  readTaste(taste, models, viewer);
  const out = new Float32Array(USER_WIDTH + 2).fill(-9);
  writeUserFeatures(out, 1, viewer, at, taste);
  expect([out[0], out[USER_WIDTH + 1]]).toEqual([-9, -9]);
  return out.subarray(1, USER_WIDTH + 1);
}

describe('features', () => {
  it('have a schema that names its version and layout', () => {
    expect(FEATURE_SCHEMA).toMatch(/^two-tower-features\/\d+:[0-9a-f]{8}$/);
  });

  it.each([
    ['with EASE and item-kNN', smallModelsWithItems()],
    ['without', models],
  ])('are the same in training and in serving, %s', async (_, models) => {
    const viewers = [
      viewerOf([2, 4, 8, 16], { country: 'DE', ageGroup: '25-34' }),
      viewerOf([], { country: '', picks: [3, 5] }),
      viewerOf(Array.from({ length: 90 }, (_, i) => (7 * i) % 12)),
    ];
    const served = { users: new Float32Array(0), titles: new Int32Array(0), pairs: new Float32Array(0) };
    const spy: Scorer = {
      name: 'two-tower@1',
      featureSchema: FEATURE_SCHEMA,
      async score(batch, slots, users, titles, pairs) {
        Object.assign(served, { users: users.slice(), titles: titles.slice(), pairs: pairs.slice() });
        return new Float32Array(batch * slots);
      },
    };
    const serving = { ...models, scorers: new Map([['two-tower', spy]]) };
    const pipeline = createPipeline(
      [
        { stage: 'candidates', parameters: { sources: [{ ials: 10 }, { trending: 10 }] } },
        { stage: 'score', parameters: { model: 'two-tower', onFailure: 'fail' } },
        { stage: 'fill', parameters: {} },
      ],
      () => 0,
    );
    const requests = viewers.map((viewer) => requestOf({ viewer, country: viewer.country }));
    await pipeline.run(requests.map(createWork), serving);

    const builder = createExampleBuilder(models);
    requests.forEach((request, row) => {
      const { viewer, country, device, at } = request;
      const shown = served.titles.slice(row * 20, (row + 1) * 20);
      builder.add(viewer, { country, device, at }, shown, new Uint8Array(20).fill(1));
    });
    const trained = builder.examples();
    expect(trained.count).toBe(60);
    expect(trained.users).toEqual(served.users);
    expect(inColumns(trained.pairs, 20, PAIR_WIDTH)).toEqual(served.pairs);
    expect(trained.itemSources).toEqual(models.ease ? ['itemKnn', 'ease'] : []);
    // Scores of EASE and item-kNN: of the first viewer some, of the second, who only picked titles, by the picks.
    const itemScores = [10, 11].map((feature) => trained.pairs.filter((_, i) => i % PAIR_WIDTH === feature));
    for (const column of itemScores)
      expect(column.some((score) => score !== 0)).toBe(models.ease !== undefined);
    expect([...trained.userRows]).toEqual(Array.from({ length: 60 }, (_, i) => Math.floor(i / 20)));
  });

  it('keep what was collected when they grow', () => {
    const builder = createExampleBuilder(models);
    for (let i = 0; i < 700; i++) {
      const shown = Int32Array.of(i % 40, (i + 1) % 40, (i + 2) % 40);
      builder.add(
        viewerOf([i % 40], { id: `u${i % 7}` }),
        moment,
        shown,
        shown.map((title) => (title % 2 === 0 ? 1 : 0)),
      );
    }
    const { count, users, titles, labels, userRows, viewers } = builder.examples();
    expect(count).toBe(2100);
    expect(users.subarray(3 * USER_WIDTH, 4 * USER_WIDTH)).toEqual(userFeatures(viewerOf([3])));
    expect([titles[30], labels[30], userRows[30]]).toEqual([10, 1, 10]);
    // By the viewer whatever the moment.
    expect([30, 51, 2099].map((example) => viewers[example])).toEqual([3, 3, 6]);
  });

  it('encode country, age, device, hour and weekday one at a time', () => {
    const base = userFeatures(viewerOf([], { ageGroup: '55+' }));
    const hot = (from: number, size: number) => base.subarray(from, from + size).indexOf(1);
    const country = 3 + 32;
    const age = country + KNOWN_COUNTRIES.length + 2;
    const device = age + AGE_GROUPS.length;
    const hour = device + DEVICES.length;
    expect(hot(country, 10)).toBe(KNOWN_COUNTRIES.indexOf('DE'));
    expect(hot(age, 7)).toBe(AGE_GROUPS.indexOf('55+'));
    expect(hot(device, 5)).toBe(DEVICES.indexOf('mobile'));
    // 6 o'clock: a quarter of the daily wave, half of the half-daily one.
    expect([...base.subarray(hour, hour + 4)].map((x) => Math.round(x * 1e6) / 1e6 + 0)).toEqual([
      1, 0, 0, -1,
    ]);
    // 3 October 2026 is a Saturday, two days after a Thursday as the epoch was.
    expect(hot(hour + 4, 7)).toBe(2);
    const elsewhere = (name: string) => userFeatures(viewerOf([]), { ...moment, country: name });
    expect(elsewhere('AT')[country + 8]).toBe(1);
    expect(elsewhere('')[country + 9]).toBe(1);
  });

  it('hold the genre taste of what was watched', () => {
    const taste = userFeatures(viewerOf([0, 5, 1, 2])).subarray(3, 35);
    expect([...taste.subarray(0, 6)]).toEqual([0.5, 0.25, 0.25, 0, 0, 0]);
  });

  it('look back 50 watches only', () => {
    const recent = Array.from({ length: 50 }, (_, i) => i % 3);
    const [long, short] = [[4, 9, 14, ...recent], recent].map((titles) => userFeatures(viewerOf(titles)));
    expect(long!.subarray(3, 35)).toEqual(short!.subarray(3, 35));
    expect(long![0]).toBeGreaterThan(short![0]!);
  });

  it('describe titles by genre, age and popularity', () => {
    const items = itemFeatures(models);
    const of = (title: number) => items.subarray(title * ITEM_WIDTH, (title + 1) * ITEM_WIDTH);
    expect(of(7).indexOf(1)).toBe(2);
    expect(of(7)[32]).toBeCloseTo(Math.exp(-100 / 30), 5);
    expect([of(7)[33], of(37)[33]]).toEqual([0, 1]);
    expect(of(7)[36]).toBe(models.trending.popularity[7]);
    expect([of(8)[39], of(7)[39]]).toEqual([1, 0]);
    expect(models.trending.asOf).toBe(NOW);
    expect(items.every(Number.isFinite)).toBe(true);
  });

  it('count collaborative scores in units of their root mean square over all titles', () => {
    const taste = createTaste(models);
    readTaste(taste, models, viewerOf([8, 5, 1]));
    const { size } = models.catalogue;
    const out = new Float32Array(PAIR_WIDTH);
    let squares = 0;
    for (let title = 0; title < size; title++) {
      const score = rowDot(taste.collaborative, models.ials.items, title);
      writePairFeatures(
        out,
        0,
        1,
        models,
        viewerOf([8, 5, 1]),
        taste,
        Int32Array.of(title),
        1,
        scoresOf(score),
      );
      squares += out[8]! ** 2;
    }
    expect(squares / size).toBeCloseTo(1, 4);
    readTaste(taste, models, viewerOf([]));
    expect(taste.collaborativeScale).toBe(0);
  });

  it('describe a pair by affinity, recent genres and progress', () => {
    const viewer = viewerOf([8, 5, 1]);
    const taste = createTaste(models);
    readTaste(taste, models, viewer);
    const pair = (title: number) => {
      const out = new Float32Array(PAIR_WIDTH);
      writePairFeatures(
        out,
        0,
        1,
        models,
        viewer,
        taste,
        Int32Array.of(title),
        1,
        scoresOf(0.25, 0.75, 0.5, 0.3),
      );
      return [...out];
    };
    const [collaborative, byActivity, content, affinity, recent, , , progress] = pair(8);
    expect([collaborative, content, progress]).toEqual([0.25, 0.75, 1]);
    expect(byActivity).toBeCloseTo((0.25 * Math.log(4)) / Math.log(201), 6);
    expect(affinity).toBeCloseTo(4 / 3, 5);
    expect(recent).toBeCloseTo(1 / 3, 6);
    const { popularity } = models.trending;
    const mean = (popularity[8]! + popularity[5]! + popularity[1]!) / 3;
    expect(pair(2)[9]).toBeCloseTo(Math.abs(popularity[2]! - mean), 6);
    expect(pair(2).slice(10)).toEqual(
      [0.5, Math.fround(0.3 / Math.sqrt(3))].map((x) => expect.closeTo(x, 6)),
    );
    expect(pair(2)[3]).toBe(0);
    expect(pair(16)[7]).toBe(0);
  });
});
