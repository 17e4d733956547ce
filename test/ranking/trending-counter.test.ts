import { describe, expect, it } from 'vitest';
import { generator } from '../../src/ranking/generator.ts';
import { buildTrending } from '../../src/ranking/trending.ts';
import { createTrendingCounter, HOUR_BANDS, hourBand } from '../../src/ranking/trending-counter.ts';
import { interactionsOf } from './fixtures.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = 100 * DAY;
const nobody: { country: string; ageGroup: 'unknown' }[] = [];
const users = ['US', 'US', 'NO', ''].map((country) => ({ country, ageGroup: 'unknown' as const }));

/** Watches of the last ten days by four users of twelve titles. */
function past(watches = 400) {
  const random = generator(5);
  const rows = Array.from({ length: watches }, () => {
    const user = Math.floor(random() * 4);
    return [user, Math.floor(random() ** 2 * 12), 1, NOW - Math.floor(random() * 10 * DAY)] as const;
  });
  return interactionsOf(rows.sort((a, b) => a[3] - b[3]));
}

describe('the counter of what trends', () => {
  const interactions = past();
  const base = buildTrending(interactions, 12, NOW);

  it('begins with what buildTrending counts', () => {
    const { score, order } = createTrendingCounter(interactions, 12, nobody, NOW).model(base, NOW);
    score.forEach((value, title) => {
      expect(value).toBeCloseTo(base.score[title]!, 5);
    });
    expect(order).toEqual(base.order);
  });

  it('counts what comes like what was there, in any order', () => {
    const live = createTrendingCounter(interactionsOf([]), 12, nobody, NOW - 7 * DAY);
    for (let entry = interactions.count - 1; entry >= 0; entry--)
      if (interactions.at[entry]! > NOW - 7 * DAY)
        live.watched(interactions.titles[entry]!, '', interactions.at[entry]!);
    const { score } = live.model(base, NOW);
    score.forEach((value, title) => {
      expect(value).toBeCloseTo(base.score[title]!, 5);
    });
  });

  it('lets a rush overtake, and fade again', () => {
    const counter = createTrendingCounter(interactions, 12, users, NOW);
    expect(base.order[0]).not.toBe(11);
    for (let i = 0; i < 100; i++) counter.watched(11, 'US', NOW);
    expect(counter.model(base, NOW).order[0]).toBe(11);
    for (let i = 0; i < 20; i++) counter.watched(3, '', NOW + 30 * DAY);
    expect(counter.model(base, NOW + 30 * DAY).order[0]).toBe(3);
  });

  it('told a moment long before what it has seen, tells what trended then', () => {
    const counter = createTrendingCounter(interactions, 12, users, NOW);
    const { score, order, countries } = counter.model(base, NOW - 600 * DAY);
    expect(score).toEqual(counter.model(base, NOW).score);
    expect(order).toEqual(base.order);
    expect(countries!.get('US')).toEqual(counter.model(base, NOW).countries!.get('US'));
  });

  it('keeps its figures over years', () => {
    const counter = createTrendingCounter(interactions, 12, users, NOW);
    const later = NOW + 3000 * DAY;
    counter.watched(4, 'NO', later);
    counter.watched(4, 'NO', later + 1200 * DAY);
    const { score, order, countries } = counter.model(base, later + 1200 * DAY);
    expect([order[0], score[4], countries!.get('NO')![0]]).toEqual([4, 1, 4]);
    expect(score.every(Number.isFinite)).toBe(true);
  });

  it('leaves popularity and quality to training', () => {
    const { asOf, popularity, quality } = createTrendingCounter(interactions, 12, users, NOW).model(base, 1);
    expect(asOf).toBe(1);
    expect(popularity).toBe(base.popularity);
    expect(quality).toBe(base.quality);
  });
});

describe('by country', () => {
  const counter = createTrendingCounter(interactionsOf([]), 30, [], NOW);
  const watch = (title: number, country: string, times: number) => {
    for (let i = 0; i < times; i++) counter.watched(title, country, NOW);
  };
  watch(0, 'US', 1000);
  watch(1, 'US', 600);
  watch(2, 'US', 10);
  watch(0, 'NO', 40);
  watch(2, 'NO', 60);
  watch(2, 'IS', 1);
  const base = buildTrending(interactionsOf([]), 30, NOW);
  const { countries, order } = counter.model(base, NOW);

  it.each([
    ['everyone', order.slice(0, 3), [0, 1, 2]],
    // Title 2: 71 of everyone; its lift in NO is (60 + 5) / (71 x 100 / 1711 + 5) = 7.1, that of title 1 is 5 / (35 + 5) = 0.12.
    ['one that differs', countries!.get('NO')!, [0, 2, 1]],
    // One watch is no ground to leave everyone: title 1 has a lift of 5 / 5.35, title 2 of 6 / 5.04.
    ['one with a single watch', countries!.get('IS')!, [0, 1, 2]],
  ])('%s', (_, found, expected) => expect([...found]).toEqual(expected));

  it('keeps at most 64 countries, those of the past first', () => {
    const many = createTrendingCounter(
      interactionsOf([[0, 5, 1, NOW - DAY]]),
      30,
      [{ country: 'FJ', ageGroup: 'unknown' }],
      NOW,
    );
    for (let i = 0; i < 100; i++) many.watched(1, `${i}`, NOW);
    const kept = many.model(base, NOW).countries!;
    expect(kept.size).toBe(64);
    expect([...kept.keys()][0]).toBe('FJ');
  });
});

it('by hour tells evening from morning', () => {
  const counter = createTrendingCounter(interactionsOf([]), 5, [], NOW);
  for (let day = 1; day <= 3; day++)
    for (let i = 0; i < 50; i++) {
      counter.watched(0, '', NOW - day * DAY + 20 * HOUR);
      counter.watched(1, '', NOW - day * DAY + 7 * HOUR);
      counter.watched(2, '', NOW - day * DAY + (i % 24) * HOUR);
    }
  const { hours } = counter.model(buildTrending(interactionsOf([]), 5, NOW), NOW);
  expect(hours).toHaveLength(HOUR_BANDS);
  expect(hours![hourBand(NOW + 22 * HOUR)]![0]).toBe(0);
  expect(hours![hourBand(NOW + 5 * HOUR)]![0]).toBe(1);
});
