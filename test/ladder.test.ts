import { describe, expect, it } from 'vitest';
import type { Surface } from '../src/declarations.ts';
import type { RecommendationInput } from '../src/recommend.ts';
import { createRecommender } from '../src/recommender.ts';
import { createPipeline } from '../src/variants/pipeline.ts';
import { createViewers } from '../src/viewers.ts';
import {
  broken,
  declarationsOf,
  experimentOf,
  fakePipelines,
  fakeStore,
  from,
  modelsOf,
  NOW,
  uuid,
} from './http/fixtures.ts';

/** The steps below a pipeline, and slates that are given again. */

const ab = experimentOf(
  'ab',
  [
    { key: 'a', pipeline: from(6) },
    { key: 'b', pipeline: from(6) },
  ],
  {
    surface: 'homepage',
  },
);

function setUp(surface: Partial<Surface> = {}, pipelines: 'fake' | 'real' = 'fake') {
  const shape = declarationsOf(ab);
  const declarations = {
    ...shape,
    surfaces: shape.surfaces.map((one) => (one.name === 'homepage' ? { ...one, ...surface } : one)),
  };
  const viewers = createViewers();
  const failures: string[] = [];
  const batches: number[] = [];
  const fake = fakePipelines(batches);
  const world = { now: 0, failing: false, step: 0 };
  const recommender = createRecommender({
    declarations: () => declarations,
    models: () => modelsOf(),
    viewers,
    candidates: fakeStore(),
    environment: 'test',
    states: () => new Map(),
    micros: () => (world.now += world.step),
    createPipeline: (stages, micros) => {
      if (pipelines === 'real' && stages[0]!.stage === 'candidates') return createPipeline(stages, micros);
      const [working, failing] = [fake(stages), fake(broken)];
      return { ...working, run: (...batch) => (world.failing ? failing : working).run(...batch) };
    },
    onFailure: (error, place) => failures.push(`${place}: ${(error as Error).message}`),
  });
  const one = async (n: number, more: Partial<RecommendationInput> = {}) =>
    (
      await recommender.recommend([
        { requestId: uuid(n), userId: 'u-1', surface: 'homepage', device: 'tv', at: NOW, ...more },
      ])
    )[0]!;
  return { world, one, recommender, viewers, failures, batches };
}

describe('the cached step', () => {
  it('answers for a pipeline that fails with what it made before, logged as a request and exposure of its own', async () => {
    const { world, one, recommender } = setUp();
    const before = await one(1);
    world.failing = true;
    const { request, exposures } = await one(2, { at: NOW + 1_000 });
    expect(request.slate).toEqual(before.request.slate);
    expect(request).toMatchObject({
      id: uuid(2),
      at: NOW + 1_000,
      pipeline: before.request.pipeline,
      fallback: 'cached',
      error: true,
    });
    expect(request.stages.at(-1)!.stage).toBe('fallback');
    expect(exposures).toMatchObject([{ experiment: 'ab', unit: 'u-1', requestId: uuid(2) }]);
    expect(recommender.slateCaches().get('homepage')!.fallbacks).toEqual({ hits: 1, misses: 0 });
  });

  it('gives way to popularity where nothing is kept, or it is too old', async () => {
    const { world, one } = setUp({ cache: { repeatMs: 0, fallbackMs: 1_000, slates: 10 } });
    await one(1);
    world.failing = true;
    expect((await one(2, { at: NOW + 999 })).request.fallback).toBe('cached');
    expect((await one(3, { at: NOW + 1_000 })).request.fallback).toBe('popularity');
    expect((await one(4, { userId: 'u-2' })).request.fallback).toBe('popularity');
  });

  it('does not keep what a lower step made', async () => {
    const { world, one } = setUp();
    world.failing = true;
    expect((await one(1)).request.fallback).toBe('popularity');
    expect((await one(2)).request.fallback).toBe('popularity');
  });
});

describe('slates that are given again', () => {
  const cache = { repeatMs: 60_000, fallbackMs: 0, slates: 10 };

  it('spare the pipeline, with ids, exposures and times of their own', async () => {
    const { one, batches, recommender } = setUp({ cache });
    const first = await one(1);
    const second = await one(2, { at: NOW + 59_999 });
    expect(batches).toEqual([1]);
    expect(second.request).toMatchObject({ id: uuid(2), at: NOW + 59_999, fallback: 'none', error: false });
    expect(second.request.slate).toEqual(first.request.slate);
    expect(second.request.simpsonMicro).toBe(first.request.simpsonMicro);
    expect(second.request.stages.map(({ stage }) => stage)).toEqual(['assign', 'cache']);
    expect(second.exposures).toMatchObject([{ requestId: uuid(2) }]);
    await one(3, { at: NOW + 60_000 });
    expect(batches).toEqual([1, 1]);
    expect(recommender.slateCaches().get('homepage')!.repeats).toEqual({ hits: 1, misses: 2 });
  });

  it('feel a watch', async () => {
    const { one, viewers, batches } = setUp({ cache });
    await one(1);
    viewers.watched('u-1', 9, 1, NOW);
    await one(2);
    expect(batches).toEqual([1, 1]);
  });

  it('are mixed with new ones in one batch, in order', async () => {
    const { one, recommender, batches } = setUp({ cache });
    await one(1);
    const inputs = ['u-2', 'u-1', 'u-3'].map((userId, n) => ({
      requestId: uuid(10 + n),
      userId,
      surface: 'homepage',
      device: 'tv' as const,
      at: NOW,
    }));
    const answers = await recommender.recommend(inputs);
    expect(answers.map(({ request }) => [request.id, request.unit])).toEqual(
      inputs.map(({ requestId, userId }) => [requestId, userId]),
    );
    expect(answers.map(({ request }) => request.stages.some(({ stage }) => stage === 'cache'))).toEqual([
      false,
      true,
      false,
    ]);
    expect(batches.reduce((sum, size) => sum + size, 0)).toBe(3);
  });

  it('are not, without a declared lifetime', async () => {
    const { one, batches } = setUp();
    await one(1);
    await one(2);
    expect(batches).toEqual([1, 1]);
  });
});

describe('a deadline', () => {
  const pipeline = [
    { stage: 'candidates', parameters: { sources: [{ trending: 6 }] } },
    { stage: 'boost', parameters: { newTitles: 0.2, days: 7, onFailure: 'skip' } },
    { stage: 'fill', parameters: { take: 4 } },
  ];
  /** Users of no experiment get the surface's pipeline. */
  const outside = { forced: {}, at: NOW - 3.6e6 - 1 };

  it('that has passed when the ranking would begin leads to the next step', async () => {
    const { world, one, failures } = setUp({ deadlineMs: 100, pipeline }, 'real');
    expect((await one(1, { ...outside, arrivedMicros: 0 })).request.fallback).toBe('none');
    world.now = 100_000;
    expect((await one(2, { ...outside, arrivedMicros: 0 })).request).toMatchObject({
      fallback: 'cached',
      error: true,
    });
    expect((await one(3, { ...outside, userId: 'u-2', arrivedMicros: 0 })).request.fallback).toBe(
      'popularity',
    );
    expect(failures[0]).toMatch(/^pipeline default: it was not begun: the deadline/);
  });

  it('that passes on the way leaves out the rest of the middle stages, and says so', async () => {
    const { world, one } = setUp({ deadlineMs: 10, pipeline }, 'real');
    world.now = 4_000;
    // Every look at the clock is a millisecond: it passes between the first stage and the next.
    world.step = 1_000;
    const { request } = await one(1, { ...outside, arrivedMicros: 0 });
    expect(request).toMatchObject({
      fallback: 'none',
      error: true,
      skipped: [{ stage: 'boost', reason: 'late' }],
    });
    expect(request.slate.titles.length).toBe(4);
  });

  it('is none for requests that do not say when they came', async () => {
    const { world, one } = setUp({ deadlineMs: 1, pipeline }, 'real');
    world.now = 1e9;
    expect((await one(1, outside)).request).toMatchObject({ fallback: 'none', skipped: [] });
  });
});
