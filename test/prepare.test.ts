import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Prepared, prepare } from '../src/prepare.ts';
import { groupTitles } from '../src/ranking/demographics.ts';
import { HOUR_BANDS } from '../src/ranking/trending-counter.ts';
import { DEMO_START } from '../src/simulation/invented-catalogue.ts';

const cacheFolder = mkdtempSync(join(tmpdir(), 'screentest-prepare-'));
const options = { dataFolder: undefined, cacheFolder, viewers: 120, titles: 200, seed: 3 };
let cold: Prepared;
let warm: Prepared;
beforeAll(async () => {
  cold = await prepare(options);
  warm = await prepare(options);
}, 60_000);
afterAll(() => rmSync(cacheFolder, { recursive: true }));

test('models know what trends by country and hour, and what is popular among whom', () => {
  const { trending, demographics, catalogue } = cold.models;
  const countries = new Set(cold.traits.map(({ country }) => country));
  expect([...countries]).toEqual(expect.arrayContaining([...trending.countries!.keys()]));
  expect(trending.countries!.get('US')!.length).toBeGreaterThan(20);
  expect(trending.hours).toHaveLength(HOUR_BANDS);
  expect(demographics!.countries.get('US')).toHaveLength(catalogue.size);
  expect(groupTitles(demographics!, 'US', '25-34').length).toBeGreaterThan(20);
});

test('a warm start has the same, and a counter that goes on from there', () => {
  expect(warm.models.trending).toEqual(cold.models.trending);
  expect(warm.models.demographics).toEqual(cold.models.demographics);
  const { trending } = warm.models;
  expect(warm.trends.model(trending, DEMO_START).order).toEqual(trending.order);
  const last = trending.order.at(-1)!;
  for (let i = 0; i < 1000; i++) warm.trends.watched(last, 'US', DEMO_START);
  expect(warm.trends.model(trending, DEMO_START).order[0]).toBe(last);
});
