import { describe, expect, test } from 'vitest';
import type { OutcomeRecord } from '../../src/events/records.ts';
import { CALIBRATED } from '../../src/simulation/calibrated.ts';
import { inventedWorld } from '../../src/simulation/invented-world.ts';
import { prePeriod } from '../../src/simulation/pre-period.ts';
import { hash } from '../../src/simulation/random.ts';
import { type SimulationOptions, simulateTest } from '../../src/simulation/simulate-test.ts';
import { createTally } from '../../src/simulation/tally.ts';
import type { World } from '../../src/simulation/world.ts';
import { noisyRanker, popularRanker, type Ranker, recommenderOf, shuffled } from './recommenders.ts';

const START = Date.UTC(2026, 9, 1);
const DAY = 86_400_000;

const half = (salt: number) => (unit: string) =>
  hash(salt, Number(unit.slice(2)), 0, 0) % 2 === 0 ? 'control' : 'treatment';

/** Runs a test and returns clicks and views of every unit by arm, beside summary and figures. */
async function run(
  world: World,
  arms: Record<string, Ranker>,
  armOf: (unit: string) => string,
  options: Partial<SimulationOptions> = {},
) {
  const recommender = recommenderOf(world, arms, armOf, options.history);
  const tally = createTally(world.catalogue, armOf);
  const units = new Map<string, { clicks: number; viewed: number; seconds: number }>();
  const outcomes: OutcomeRecord[] = [];
  const requested: string[] = [];
  const summary = await simulateTest({
    world,
    recommender,
    days: 7,
    startMs: START,
    seed: 1,
    environment: 'test',
    recordWatch: recommender.recordWatch,
    onBatch(recommendations, batch) {
      for (const { request } of recommendations) requested.push(request.id);
      for (const outcome of batch) {
        outcomes.push(outcome);
        tally.add(outcome);
        const unit = units.get(outcome.unit) ?? { clicks: 0, viewed: 0, seconds: 0 };
        units.set(outcome.unit, unit);
        for (const item of outcome.items) {
          if (item.name === 'click') unit.clicks += item.value;
          else if (item.name === 'impressions') unit.viewed += item.value;
          else if (item.name === 'watch') unit.seconds += item.value;
        }
      }
    },
    ...options,
  });
  return { summary, units, outcomes, requested, figures: tally.figures(START + (options.days ?? 7) * DAY) };
}

/** z of the difference of click-through rates, clustered by unit (delta method). */
function clickThroughZ(
  units: Map<string, { clicks: number; viewed: number }>,
  armOf: (unit: string) => string,
): number {
  const arm = (key: string) => {
    const members = [...units].filter(([unit]) => armOf(unit) === key).map(([, counts]) => counts);
    const viewed = members.reduce((sum, unit) => sum + unit.viewed, 0);
    const rate = members.reduce((sum, unit) => sum + unit.clicks, 0) / viewed;
    const variance =
      members.reduce((sum, unit) => sum + (unit.clicks - rate * unit.viewed) ** 2, 0) / viewed ** 2;
    return { rate, variance };
  };
  const [control, treatment] = [arm('control'), arm('treatment')];
  return (treatment.rate - control.rate) / Math.sqrt(control.variance + treatment.variance);
}

describe('simulateTest', () => {
  const world = inventedWorld({ seed: 11, viewers: 400, titles: 1500 });
  const arms = { control: popularRanker(world), treatment: noisyRanker(world, 0.8, 5, 80) };

  test('is the same for the same seed, whatever the batches and however slow the writes', async () => {
    const first = await run(world, arms, half(1));
    const again = await run(world, arms, half(1), { batchSize: 7 });
    const slow = await run(world, arms, half(1), {
      onBatch: () => new Promise<void>((resolve) => setImmediate(resolve)),
    });
    expect(first.summary.sessions).toBeGreaterThan(1000);
    expect(again.summary).toEqual(first.summary);
    expect(slow.summary).toEqual(first.summary);
    expect(again.outcomes).toEqual(first.outcomes);
    const other = inventedWorld({ seed: 12, viewers: 400, titles: 1500 });
    const others = await run(
      other,
      { control: popularRanker(other), treatment: popularRanker(other) },
      half(1),
    );
    expect(others.summary.digest).not.toBe(first.summary.digest);
  });

  test('records are unique, in their order of time, inside the test, and outcomes name their request', async () => {
    const { outcomes, requested, summary, units } = await run(world, arms, half(1));
    const ids = new Set([...requested, ...outcomes.map((outcome) => outcome.id)]);
    expect(ids.size).toBe(requested.length + outcomes.length);
    expect(requested).toHaveLength(summary.requests);
    const asked = new Set(requested);
    expect(outcomes.every((outcome) => asked.has(outcome.requestId!))).toBe(true);
    expect(outcomes.every((outcome, row) => row === 0 || outcome.at >= outcomes[row - 1]!.at)).toBe(true);
    expect(outcomes.every((outcome) => outcome.at >= START && outcome.at < START + 7 * DAY)).toBe(true);
    expect(summary.requests / summary.sessions).toBeGreaterThan(1.1);
    expect(summary.requests / summary.sessions).toBeLessThan(1.2);
    expect(units.size).toBe(400);
  });

  test('an arm is a name: exchanging the names exchanges the figures', async () => {
    const straight = await run(world, { control: arms.control, treatment: arms.treatment }, half(1));
    const swapped = await run(world, { control: arms.treatment, treatment: arms.control }, (unit) =>
      half(1)(unit) === 'control' ? 'treatment' : 'control',
    );
    expect(swapped.summary).toEqual(straight.summary);
    expect(swapped.figures.get('control')).toEqual(straight.figures.get('treatment'));
    expect(swapped.figures.get('treatment')).toEqual(straight.figures.get('control'));
  });

  test('a few viewers make most sessions', async () => {
    const { units } = await run(world, arms, half(1));
    const seconds = [...units.values()].map((unit) => unit.seconds).sort((a, b) => b - a);
    const total = seconds.reduce((sum, value) => sum + value, 0);
    const head = seconds.slice(0, 100).reduce((sum, value) => sum + value, 0);
    expect(head / total).toBeGreaterThan(0.5);
  });

  test('observation goes on with session starts alone', async () => {
    const { outcomes } = await run(world, arms, half(1), { days: 3, observeDays: 4 });
    const late = outcomes.filter((outcome) => outcome.at >= START + 3 * DAY);
    expect(late.length).toBeGreaterThan(100);
    for (const outcome of late) {
      expect(outcome.requestId).toBeUndefined();
      expect(outcome.items.map((item) => item.name)).toEqual(['session_start']);
    }
  });

  test('calls the hook of each day before its sessions, when everything earlier is written', async () => {
    const seen: { day: number; outcomes: number }[] = [];
    let written = 0;
    let lastAt = 0;
    await run(world, arms, half(1), {
      days: 3,
      async onBatch(_recommendations, batch) {
        await new Promise<void>((resolve) => setImmediate(resolve));
        written += batch.length;
        lastAt = batch.at(-1)!.at;
      },
      onDay(day, at) {
        expect(at).toBe(START + day * DAY);
        expect(lastAt).toBeLessThan(at);
        seen.push({ day, outcomes: written });
      },
    });
    expect(seen.map(({ day }) => day)).toEqual([0, 1, 2]);
    expect(seen[0]!.outcomes).toBe(0);
    expect(seen[1]!.outcomes).toBeGreaterThan(0);
    expect(written).toBeGreaterThan(seen[2]!.outcomes);
  });

  test('never has more than eight batches being written, and stops where a write fails or it is told to', async () => {
    let writing = 0;
    let most = 0;
    await run(world, arms, half(1), {
      days: 2,
      async onBatch() {
        most = Math.max(most, ++writing);
        await new Promise<void>((resolve) => setImmediate(resolve));
        writing--;
      },
    });
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(8);
    await expect(
      run(world, arms, half(1), { days: 2, onBatch: () => Promise.reject(new Error('disk full')) }),
    ).rejects.toThrow('disk full');
    const stop = new AbortController();
    let batches = 0;
    await expect(
      run(world, arms, half(1), {
        signal: stop.signal,
        onBatch() {
          if (++batches === 3) stop.abort(new Error('stopped by hand'));
        },
      }),
    ).rejects.toThrow('stopped by hand');
    expect(batches).toBeLessThan(6);
  });
});

describe('relevance decides', () => {
  test('a shuffled ranker loses against a real one', async () => {
    // Clicks by taste more than in the calibrated world, so that few viewers tell.
    const attraction = { ...CALIBRATED.attraction, affinity: 0.7 };
    const parameters = { ...CALIBRATED, attraction };
    const world = inventedWorld({ seed: 21, viewers: 800, titles: 1500, parameters });
    const real = noisyRanker(world, 0.05, 5, 80);
    const { units, figures } = await run(world, { control: real, treatment: shuffled(real, 9) }, half(2));
    expect(clickThroughZ(units, half(2))).toBeLessThan(-4);
    expect(figures.get('treatment')!.sessionMinutes).toBeLessThan(figures.get('control')!.sessionMinutes);
  });

  test('an A/A comparison does not win: 12 splits, at most 3 beyond |z| = 1.96, none beyond 4', async () => {
    // With a true rate of 5 %, more than 3 of 12 come by chance with probability 0.2 %, one beyond 4 with under 0.1 %.
    const world = inventedWorld({ seed: 31, viewers: 800, titles: 1500 });
    const ranker = popularRanker(world);
    const { units } = await run(world, { control: ranker, treatment: ranker }, half(3));
    const z = Array.from({ length: 12 }, (_, salt) => Math.abs(clickThroughZ(units, half(100 + salt))));
    expect(z.filter((value) => value > 1.96).length).toBeLessThanOrEqual(3);
    expect(Math.max(...z)).toBeLessThan(4);
  });

  test('popularity comes near the published control, and a decent ranker raises what was published to rise', async () => {
    const world = inventedWorld({ seed: 41, viewers: 1000, titles: 15_000 });
    const past = prePeriod(world, { days: 28, endMs: START });
    const arms = { control: popularRanker(world, past.interactions), treatment: noisyRanker(world, 0.3) };
    const { figures } = await run(world, arms, half(4), { days: 15, history: past.interactions });
    const [control, treatment] = [figures.get('control')!, figures.get('treatment')!];
    // The exact calibration is another matter: here the right neighbourhood is enough.
    expect(control.clickThroughRate).toBeGreaterThan(0.14);
    expect(control.clickThroughRate).toBeLessThan(0.22);
    expect(control.sessionMinutes).toBeGreaterThan(34);
    expect(control.sessionMinutes).toBeLessThan(50);
    expect(control.sessionsPerWeek).toBeGreaterThan(9);
    expect(control.sessionsPerWeek).toBeLessThan(16);
    expect(control.genresPerWeek).toBeGreaterThan(1.7);
    expect(control.genresPerWeek).toBeLessThan(3);
    expect(control.retention7d).toBeGreaterThan(0.6);
    expect(control.retention7d).toBeLessThan(0.82);
    expect(treatment.clickThroughRate).toBeGreaterThan(1.1 * control.clickThroughRate);
    expect(treatment.sessionMinutes).toBeGreaterThan(1.05 * control.sessionMinutes);
    expect(treatment.genresPerWeek).toBeGreaterThan(1.05 * control.genresPerWeek);
  });
});

describe('a part of the viewers', () => {
  const world = inventedWorld({ seed: 5, viewers: 60, titles: 400 });
  const arms = { control: popularRanker(world), treatment: noisyRanker(world, 0.5, 5, 60) };
  const past = prePeriod(world, { days: 28, endMs: START }).interactions;
  const ofUnit = (outcomes: readonly OutcomeRecord[]) => {
    const byUnit = new Map<string, OutcomeRecord[]>();
    for (const outcome of outcomes) byUnit.set(outcome.unit, [...(byUnit.get(outcome.unit) ?? []), outcome]);
    return byUnit;
  };

  test('live as they do among all', async () => {
    const whole = await run(world, arms, half(1), { days: 4, history: past });
    const part = await run(world, arms, half(1), {
      days: 4,
      viewers: [20, 45],
      history: prePeriod(world, { days: 28, endMs: START, viewers: [20, 45] }).interactions,
    });
    const [all, own] = [ofUnit(whole.outcomes), ofUnit(part.outcomes)];
    expect(part.summary.viewers).toBe(25);
    expect([...own.keys()].sort()).toEqual(
      [...all.keys()].filter((unit) => Number(unit.slice(2)) >= 20 && Number(unit.slice(2)) < 45).sort(),
    );
    for (const [unit, outcomes] of own) expect(outcomes).toEqual(all.get(unit));
  });

  test('are observed until their own windows are over, and followed for so many sessions', async () => {
    const { outcomes } = await run(world, arms, half(1), { days: 4, observeDays: 30, windowDays: 8 });
    for (const own of ofUnit(outcomes).values()) {
      const first = own[0]!.at;
      for (const { at } of own) expect(at).toBeLessThan(Math.max(START + 4 * DAY, first + 8 * DAY));
    }
    expect(outcomes.some(({ at }) => at >= START + 4 * DAY)).toBe(true);
    const short = await run(world, arms, half(1), { days: 4, sessionsEach: 2 });
    const sessions = [...ofUnit(short.outcomes).values()].map(
      (own) => own.filter(({ items }) => items[0]?.name === 'session_start').length,
    );
    expect(Math.max(...sessions)).toBe(2);
  });
});
