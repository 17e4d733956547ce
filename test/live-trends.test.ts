import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { countedViewers, createLiveTrends } from '../src/live-trends.ts';
import { createTrendingCounter } from '../src/ranking/trending-counter.ts';
import { createViewers } from '../src/viewers.ts';
import { interactionsOf } from './ranking/fixtures.ts';
import { NOW, smallModels } from './variants/fixtures.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const trained = smallModels();

function live() {
  const counter = createTrendingCounter(interactionsOf([]), 40, [], NOW);
  const now = () => NOW;
  const viewers = countedViewers(createViewers(), counter, now);
  const trends = createLiveTrends(trained, counter, now);
  return { viewers, trends, first: () => trends.models().trending.order[0] };
}

test('a watch is known to the viewer at once and to what trends within a minute', () => {
  const { viewers, trends, first } = live();
  viewers.profile('u', { country: 'NO' });
  trends.follow();
  viewers.watched('u', 39, 1, NOW);
  expect(viewers.get('u').watchCount).toBe(1);
  expect(first()).not.toBe(39);
  vi.advanceTimersByTime(60_000);
  expect(first()).toBe(39);
  expect([...trends.models().trending.countries!.get('NO')!]).toEqual([39]);
  // One slate is ranked with one set of models: those handed out do not change.
  const before = trends.models();
  viewers.watched('u', 38, 1, NOW);
  viewers.watched('u', 38, 1, NOW);
  vi.advanceTimersByTime(60_000);
  expect([before.trending.order[0], first()]).toEqual([39, 38]);
  expect(trends.models()).toMatchObject({ version: trained.version, ials: trained.ials });
});

test('nothing follows what nobody asked to follow, nor after the end', () => {
  const { viewers, trends } = live();
  viewers.watched('u', 39, 1, NOW);
  vi.advanceTimersByTime(600_000);
  expect(trends.models()).toBe(trained);
  trends.follow();
  trends.close();
  const last = trends.models();
  vi.advanceTimersByTime(600_000);
  expect(trends.models()).toBe(last);
});

test('a watch that claims to be of tomorrow counts as of now', () => {
  const { viewers, trends, first } = live();
  viewers.watched('u', 39, 1, NOW + 86_400_000);
  viewers.watched('u', 38, 1, NOW);
  trends.follow();
  expect(first()).not.toBe(39);
});
