import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { countedViewers, createLiveTrends } from '../src/live-trends.ts';
import { createTrendingCounter } from '../src/ranking/trending-counter.ts';
import { createViewers } from '../src/viewers.ts';
import { interactionsOf } from './ranking/fixtures.ts';
import { NOW, smallModels } from './variants/fixtures.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

const trained = smallModels();

/** Lets time pass, and the event loop turn as often as a count has steps. */
async function later(ms: number): Promise<void> {
  for (const part of [0, ms]) {
    vi.advanceTimersByTime(part);
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}

function live() {
  const counter = createTrendingCounter(interactionsOf([]), 40, [], NOW);
  const now = () => NOW;
  const viewers = countedViewers(createViewers(), counter, now);
  const trends = createLiveTrends(trained, counter, now);
  return { viewers, trends, first: () => trends.models().trending.order[0] };
}

test('a watch is known to the viewer at once and to what trends within a minute', async () => {
  const { viewers, trends, first } = live();
  viewers.profile('u', { country: 'NO' });
  trends.follow();
  viewers.watched('u', 39, 1, NOW);
  expect(viewers.get('u').watchCount).toBe(1);
  expect(first()).not.toBe(39);
  await later(60_000);
  expect(first()).toBe(39);
  expect([...trends.models().trending.countries!.get('NO')!]).toEqual([39]);
  // One slate is ranked with one set of models: those handed out do not change.
  const before = trends.models();
  viewers.watched('u', 38, 1, NOW);
  viewers.watched('u', 38, 1, NOW);
  await later(60_000);
  expect([before.trending.order[0], first()]).toEqual([39, 38]);
  expect(trends.models()).toMatchObject({ version: trained.version, ials: trained.ials });
});

test('nothing follows what nobody asked to follow, nor after the end', async () => {
  const { viewers, trends } = live();
  viewers.watched('u', 39, 1, NOW);
  await later(600_000);
  expect(trends.models()).toBe(trained);
  trends.follow();
  await later(0);
  const last = trends.models();
  expect(last).not.toBe(trained);
  trends.close();
  viewers.watched('u', 38, 1, NOW);
  await later(600_000);
  expect(trends.models()).toBe(last);
});

test('a watch that claims to be of tomorrow counts as of now', async () => {
  const { viewers, trends, first } = live();
  viewers.watched('u', 39, 1, NOW + 86_400_000);
  viewers.watched('u', 38, 1, NOW);
  trends.follow();
  await later(0);
  expect(first()).toBe(38);
});
