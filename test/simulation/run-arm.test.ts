import { describe, expect, test } from 'vitest';
import { CALIBRATED } from '../../src/simulation/calibrated.ts';
import { positionBased } from '../../src/simulation/click-model.ts';
import { inventedWorld } from '../../src/simulation/invented-world.ts';
import { rowsOf } from '../../src/simulation/lives.ts';
import { figure, unitTerms } from '../../src/simulation/population.ts';
import { prePeriod } from '../../src/simulation/pre-period.ts';
import { runArm } from '../../src/simulation/run-arm.ts';
import { simulateTest } from '../../src/simulation/simulate-test.ts';
import { createTally } from '../../src/simulation/tally.ts';
import { noisyRanker, popularRanker, type Ranker, recommenderOf } from './recommenders.ts';

const START = Date.UTC(2026, 9, 1);
const DAY = 86_400_000;
const DAYS = 15;

describe('runArm', () => {
  const world = inventedWorld({ seed: 11, viewers: 600, titles: 1500 });
  const history = prePeriod(world, { days: 28, endMs: START }).interactions;

  function lived(ranker: Ranker, viewers: Int32Array, batchSize?: number) {
    const recommender = recommenderOf(world, { all: ranker }, () => 'all', history);
    return runArm({
      world,
      viewers,
      days: DAYS,
      observeDays: 30,
      startMs: START,
      seed: 1,
      behaviour: CALIBRATED.behaviour,
      clickModel: positionBased,
      history,
      slates: async (inputs) =>
        (await recommender.recommend(inputs)).map(({ request }) => request.slate.titles),
      recordWatch: (viewer, title) => recommender.recordWatch(world.unitIds[viewer]!, title),
      ...(batchSize && { batchSize }),
    });
  }

  test('gives every viewer the sessions of a test in which they were assigned the arm', async () => {
    const ranker = noisyRanker(world, 0.8, 5, 80);
    const { days } = await lived(ranker, rowsOf(world));
    const recommender = recommenderOf(world, { all: ranker }, () => 'all', history);
    const tally = createTally(world.catalogue, () => 'all');
    await simulateTest({
      world,
      recommender,
      days: DAYS,
      observeDays: 30,
      startMs: START,
      seed: 1,
      environment: 'test',
      history,
      recordWatch: recommender.recordWatch,
      onBatch(_recommendations, outcomes) {
        for (const outcome of outcomes) tally.add(outcome);
      },
    });
    const at = tally.figures(START + DAYS * DAY).get('all')!;
    const later = tally.figures(START + (DAYS + 30) * DAY).get('all')!;
    const terms = unitTerms(days, START + DAYS * DAY);
    // The tally looks at whole blocks: the last one may hold what came after the cut-off.
    expect(figure(terms.session_minutes) / at.sessionMinutes).toBeCloseTo(1, 1);
    expect(figure(terms.click_through_rate) / at.clickThroughRate).toBeCloseTo(1, 1);
    expect(figure(terms.watch_hours_per_week)).toBeCloseTo(at.watchHoursPerWeek, 8);
    expect(figure(terms.sessions_per_week)).toBeCloseTo(at.sessionsPerWeek, 8);
    expect(figure(terms.genres_per_week)).toBeCloseTo(at.genresPerWeek, 8);
    expect(figure(terms.retention_7d)).toBeCloseTo(later.retention7d!, 10);
    expect(figure(terms.retention_30d)).toBeCloseTo(later.retention30d!, 10);
  });

  test('no viewer depends on who else is lived through, nor on batches', async () => {
    const ranker = popularRanker(world, history);
    const all = (await lived(ranker, rowsOf(world))).days;
    const some = Int32Array.from([17, 4, 599, 250]);
    const few = (await lived(ranker, some, 3)).days;
    some.forEach((viewer, place) => {
      const of = (column: ArrayLike<number>, row: number) =>
        Array.from({ length: DAYS }, (_, day) => column[row * DAYS + day]);
      for (const column of ['watch', 'sessions', 'clicks', 'viewed', 'genres'] as const)
        expect(of(few[column], place)).toEqual(of(all[column], viewer));
      expect(few.returned[place]).toBe(all.returned[viewer]);
      expect(few.firstAt[place]).toBe(all.firstAt[viewer]);
    });
    expect(few.sessions.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(10);
  });
});
