import { describe, expect, test } from 'vitest';
import { CALIBRATED } from '../../src/simulation/calibrated.ts';
import { positionBased } from '../../src/simulation/click-model.ts';
import { inventedWorld } from '../../src/simulation/invented-world.ts';
import { rowsOf } from '../../src/simulation/lives.ts';
import { createMemory } from '../../src/simulation/memory.ts';
import { moodAfter, nextVisit, SHORTEST_GAP_MS } from '../../src/simulation/return.ts';
import { outcomesOf, planVisit, playSession } from '../../src/simulation/session.ts';
import { createSessionLog } from '../../src/simulation/session-log.ts';
import type { World } from '../../src/simulation/world.ts';

const BEHAVIOUR = CALIBRATED.behaviour;
const START = Date.UTC(2026, 9, 1);
const world = inventedWorld({ seed: 3, viewers: 300, titles: 2000 });

/** A session of one viewer before a slate of the first twenty titles. */
function sessionOf(viewer: number, session: number, titles: number[], of: World = world) {
  const visit = planVisit(of, BEHAVIOUR, viewer, viewer, session, START);
  const page = { requestId: `r-${viewer}-${session}`, surface: 'homepage', titles: Int32Array.from(titles) };
  const parts = {
    world: of,
    behaviour: BEHAVIOUR,
    clickModel: positionBased,
    memory: createMemory(of, rowsOf(of)),
  };
  const log = createSessionLog();
  const result = playSession(parts, visit, [page], log);
  return { ...result, outcomes: outcomesOf(of, 'test', visit, [page], log) };
}

const firstTwenty = Array.from({ length: 20 }, (_, row) => row);

describe('playSession', () => {
  test('is a pure function of world, visit and slate', () => {
    for (let viewer = 0; viewer < 50; viewer++)
      expect(sessionOf(viewer, 2, firstTwenty)).toEqual(sessionOf(viewer, 2, firstTwenty));
  });

  test('packs everything of a page into one record whose parts agree', () => {
    for (let viewer = 0; viewer < 300; viewer++) {
      const result = sessionOf(viewer, 0, firstTwenty);
      expect(result.outcomes).toHaveLength(1);
      const { items, id } = result.outcomes[0]!;
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(Number.parseInt(id.replace('-', '').slice(0, 12), 16)).toBe(START);
      const sum = (name: string) =>
        items.filter((item) => item.name === name).reduce((total, item) => total + item.value, 0);
      expect(sum('session_start')).toBe(1);
      expect(sum('impressions')).toBe(result.viewed);
      expect(sum('click')).toBe(result.clicks);
      expect(sum('play')).toBe(result.plays.length);
      expect(sum('watch')).toBe(result.watchSeconds);
      expect(sum('bounce')).toBe(result.plays.length === 0 ? 1 : 0);
      expect(items.every((item) => Number.isInteger(item.value) && item.afterMs >= 0)).toBe(true);
      expect(items.filter((item) => item.name === 'click').every((item) => item.title < 20)).toBe(true);
      for (let row = 1; row < items.length; row++)
        expect(items[row]!.afterMs).toBeGreaterThanOrEqual(items[row - 1]!.afterMs);
    }
  });

  test('better slates give more clicks, more watching and a higher utility', () => {
    let gain = { clicks: 0, watchSeconds: 0, utility: 0 };
    for (let viewer = 0; viewer < 300; viewer++) {
      const attraction = Array.from({ length: 2000 }, (_, row) => world.attraction(viewer, row));
      const rows = attraction.map((_, row) => row).sort((a, b) => attraction[b]! - attraction[a]!);
      for (let session = 0; session < 5; session++) {
        const good = sessionOf(viewer, session, rows.slice(0, 20));
        const poor = sessionOf(viewer, session, rows.slice(1000, 1020));
        gain = {
          clicks: gain.clicks + good.clicks - poor.clicks,
          watchSeconds: gain.watchSeconds + good.watchSeconds - poor.watchSeconds,
          utility: gain.utility + good.utility - poor.utility,
        };
      }
    }
    expect(gain.clicks / 1500).toBeGreaterThan(0.3);
    expect(gain.watchSeconds / 1500).toBeGreaterThan(600);
    expect(gain.utility / 1500).toBeGreaterThan(0.1);
  });
});

describe('createMemory', () => {
  test('a genre sates with every play of it, and appetite comes back in days', () => {
    const memory = createMemory(world, rowsOf(world));
    const { primaryGenre } = world.catalogue;
    const other = firstTwenty.find((title) => primaryGenre[title] !== primaryGenre[0])!;
    const day = 86_400_000;
    expect(memory.sated(1, 0, START)).toBe(0);
    memory.watched(1, 0, true, START);
    expect(memory.sated(1, 0, START)).toBeCloseTo(1 / 3, 6);
    memory.watched(1, 0, true, START);
    expect(memory.sated(1, 0, START)).toBeCloseTo(1 / 2, 6);
    expect(memory.sated(1, 0, START + 2 * day)).toBeCloseTo(1 / 3, 6);
    memory.watched(1, other, true, START + 2 * day);
    expect(memory.sated(1, 0, START + 4 * day)).toBeCloseTo(0.5 / 2.5, 6);
    expect(memory.sated(1, 0, START + 30 * day)).toBeLessThan(0.001);
    expect(memory.sated(2, 0, START)).toBe(0);
  });
});

describe('nextVisit', () => {
  test('comes sooner after a pleasing session, and never within the shortest gap', () => {
    let pleased = 0;
    let bored = 0;
    for (let viewer = 0; viewer < 300; viewer++) {
      for (let session = 0; session < 20; session++) {
        const visit = { at: START, endAt: START + 60_000, mood: BEHAVIOUR.moodReference };
        const mood = (utility: number) => moodAfter(BEHAVIOUR, visit.mood, utility);
        const good = nextVisit(world, BEHAVIOUR, viewer, session, {
          ...visit,
          utility: 0.9,
          mood: mood(0.9),
        });
        const poor = nextVisit(world, BEHAVIOUR, viewer, session, { ...visit, utility: 0, mood: mood(0) });
        expect(good).toBeLessThanOrEqual(poor);
        expect(good - START).toBeGreaterThanOrEqual(SHORTEST_GAP_MS);
        if (good - START < 7 * 86_400_000) pleased++;
        if (poor - START < 7 * 86_400_000) bored++;
      }
    }
    expect(pleased).toBeGreaterThan(1.1 * bored);
  });
});
