import { describe, expect, test } from 'vitest';
import { inventedCatalogue } from '../../src/simulation/invented-catalogue.ts';
import { inventedWorld } from '../../src/simulation/invented-world.ts';
import { prePeriod } from '../../src/simulation/pre-period.ts';

const START = Date.UTC(2026, 9, 1);
const DAY = 86_400_000;

describe('inventedCatalogue', () => {
  const catalogue = inventedCatalogue({ seed: 7, titles: 15_000 });

  test('is the same for the same seed and another for another', () => {
    const again = inventedCatalogue({ seed: 7, titles: 15_000 });
    expect(again.names).toEqual(catalogue.names);
    expect(again.text).toEqual(catalogue.text);
    expect(again.genreMask).toEqual(catalogue.genreMask);
    expect(inventedCatalogue({ seed: 8, titles: 100 }).names).not.toEqual(catalogue.names.slice(0, 100));
  });

  test('names every title differently and fills every column', () => {
    expect(new Set(catalogue.names).size).toBe(15_000);
    expect(catalogue.rowOf.get('t-14999')).toBe(14_999);
    expect(catalogue.genres).toHaveLength(18);
    expect(catalogue.genreMask.every((mask, row) => (mask & (1 << catalogue.primaryGenre[row]!)) !== 0)).toBe(
      true,
    );
    expect(catalogue.minutes.every((minutes) => minutes >= 22)).toBe(true);
    expect(catalogue.addedAt.every((at) => at <= START)).toBe(true);
    expect(catalogue.year.every((year) => year > 1900)).toBe(true);
    expect(catalogue.episodes.some((count) => count > 20)).toBe(true);
    expect(catalogue.addedAt.some((at) => at > START - 7 * DAY)).toBe(true);
  });

  test('says what a title without titles would be', () => {
    expect(() => inventedCatalogue({ seed: 1, titles: 0 })).toThrow('whole number of at least 1');
  });
});

describe('inventedWorld', () => {
  const world = inventedWorld({ seed: 3, viewers: 3000, titles: 5000 });

  test('relevance is a pure function of viewer and title', () => {
    const other = inventedWorld({ seed: 3, viewers: 3000, titles: 5000 });
    for (let k = 0; k < 500; k++) {
      const title = (k * 7919) % 5000;
      const attraction = world.attraction(k, title);
      expect(attraction).toBeGreaterThan(0);
      expect(attraction).toBeLessThan(1);
      expect(other.attraction(k, title)).toBe(attraction);
      expect(other.satisfaction(k, title)).toBe(world.satisfaction(k, title));
      expect(other.choose(k, 5)).toBe(world.choose(k, 5));
    }
  });

  test('what a viewer chooses attracts and pleases more than a random title', () => {
    let chosen = 0;
    let random = 0;
    for (let viewer = 0; viewer < 3000; viewer++) {
      chosen +=
        world.attraction(viewer, world.choose(viewer, 1)) +
        world.satisfaction(viewer, world.choose(viewer, 1));
      random +=
        world.attraction(viewer, (viewer * 31) % 5000) + world.satisfaction(viewer, (viewer * 31) % 5000);
    }
    expect(chosen).toBeGreaterThan(1.2 * random);
  });

  test('the head of popularity is poor in genres, what follows is not', () => {
    const { primaryGenre, size } = world.catalogue;
    const order = Array.from({ length: size }, (_, row) => row);
    order.sort((a, b) => world.popularity[b]! - world.popularity[a]!);
    const genres = (from: number, to: number) =>
      new Set(order.slice(from, to).map((row) => primaryGenre[row]!)).size;
    expect(genres(0, 20)).toBeLessThanOrEqual(5);
    expect(genres(400, 420)).toBeGreaterThan(genres(0, 20));
    expect(genres(0, size)).toBe(world.catalogue.genres.length);
  });

  test('activity is skewed: a high mean beside a third who hardly come', () => {
    const rates = Array.from({ length: 3000 }, (_, viewer) => world.traits(viewer).sessionsPerWeek);
    rates.sort((a, b) => a - b);
    const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
    expect(mean).toBeGreaterThan(8);
    expect(mean).toBeLessThan(17);
    expect(rates[1500]!).toBeLessThan(0.65 * mean);
    expect(rates[750]!).toBeLessThan(1.5);
    expect(rates[2700]!).toBeGreaterThan(2 * mean);
  });
});

describe('prePeriod', () => {
  const world = inventedWorld({ seed: 3, viewers: 2000, titles: 5000 });
  const { interactions, impressions } = prePeriod(world, { days: 28, endMs: START });

  test('is ordered by time, inside its days, and repeats no pair', () => {
    const pairs = new Set<number>();
    // Ordered to the second.
    expect(interactions.at.every((at, row, all) => row === 0 || at + 1000 > all[row - 1]!)).toBe(true);
    expect(interactions.weights.every((weight) => weight > 0)).toBe(true);
    for (let row = 0; row < interactions.count; row++) {
      pairs.add(interactions.users[row]! * 5000 + interactions.titles[row]!);
    }
    expect(pairs.size).toBe(interactions.count);
    expect(interactions.at[0]).toBeGreaterThanOrEqual(START - (1460 + 28) * DAY);
    expect(interactions.at[interactions.count - 1]).toBeLessThan(START);
    expect(impressions.at[0]).toBeGreaterThanOrEqual(START - 7 * DAY);
    expect(impressions.at[impressions.count - 1]).toBeLessThan(START);
  });

  test('no impression is of a title that the viewer had watched before, and a watched one is known from then on', () => {
    const firstAt = new Map<number, number>();
    for (let row = 0; row < interactions.count; row++)
      firstAt.set(interactions.users[row]! * 5000 + interactions.titles[row]!, interactions.at[row]!);
    let watched = 0;
    for (let row = 0; row < impressions.count; row++) {
      const at = firstAt.get(impressions.users[row]! * 5000 + impressions.titles[row]!);
      expect(at ?? Infinity).toBeGreaterThanOrEqual(impressions.at[row]!);
      if (impressions.labels[row] === 0) continue;
      expect(at).toBe(impressions.at[row]);
      watched++;
    }
    expect(watched).toBeGreaterThan(100);
  });

  test('older watches are known of viewers who came rarely, and most of them are no strangers', () => {
    const recent = new Int32Array(world.viewerCount);
    const older = new Int32Array(world.viewerCount);
    for (let row = 0; row < interactions.count; row++) {
      const counts = interactions.at[row]! < START - 28 * DAY ? older : recent;
      counts[interactions.users[row]!]!++;
    }
    let strangers = 0;
    let rarely = 0;
    older.forEach((count, viewer) => {
      const often = world.traits(viewer).sessionsPerWeek > 10;
      if (often) expect(count).toBe(0);
      if (world.traits(viewer).sessionsPerWeek < 0.5 && count > 0) rarely++;
      if (recent[viewer]! + count < 5) strangers++;
    });
    expect(rarely).toBeGreaterThan(100);
    expect(strangers / world.viewerCount).toBeGreaterThan(0.05);
    expect(strangers / world.viewerCount).toBeLessThan(0.3);
  });

  test('part of the viewers have the past that they have among all', () => {
    const part = prePeriod(world, { days: 28, endMs: START, viewers: [500, 900] });
    const rows = (of: typeof part.interactions) =>
      Array.from({ length: of.count }, (_, row) => [of.users[row], of.titles[row], of.at[row]])
        .filter(([user]) => user! >= 500 && user! < 900)
        .map(String)
        .sort();
    expect(part.interactions.count).toBeGreaterThan(1000);
    expect(rows(part.interactions)).toEqual(rows(interactions));
  });

  test('a small head has most watches, and there is enough to learn from', () => {
    expect(interactions.count / world.viewerCount).toBeGreaterThan(15);
    expect(interactions.count / world.viewerCount).toBeLessThan(70);
    const watches = new Int32Array(5000);
    for (const title of interactions.titles) watches[title]!++;
    watches.sort().reverse();
    const head = watches.subarray(0, 1250).reduce((sum, count) => sum + count, 0);
    expect(head / interactions.count).toBeGreaterThan(0.6);
  });

  test('labels follow the world: watched titles please more than skipped ones', () => {
    const sums = [0, 0];
    const counts = [0, 0];
    for (let row = 0; row < impressions.count; row++) {
      const label = impressions.labels[row]!;
      sums[label]! += world.satisfaction(impressions.users[row]!, impressions.titles[row]!);
      counts[label]!++;
    }
    expect(counts[1]! / impressions.count).toBeGreaterThan(0.03);
    expect(sums[1]! / counts[1]!).toBeGreaterThan(sums[0]! / counts[0]! + 0.08);
  });
});
