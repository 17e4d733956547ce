import { describe, expect, it } from 'vitest';
import type { ExperimentState } from '../src/assignment/assign.ts';
import type { Declarations } from '../src/declarations.ts';
import type { RecommendationInput } from '../src/recommend.ts';
import { createRecommender } from '../src/recommender.ts';
import { SOURCES } from '../src/variants/stage.ts';
import { createViewers } from '../src/viewers.ts';
import {
  broken,
  declarationsOf,
  empty,
  experimentOf,
  fakePipelines,
  fakeStore,
  from,
  modelsOf,
  NOW,
  START,
  skipping,
  uuid,
} from './http/fixtures.ts';

const ab = experimentOf('ab', [{ key: 'control' }, { key: 'treatment', pipeline: from(6) }], {
  surface: 'homepage',
});
const aa = experimentOf('aa', [{ key: 'one' }, { key: 'two' }]);
const mixed = experimentOf(
  'mixed',
  [
    { key: 'low', pipeline: from(0) },
    { key: 'high', pipeline: from(4) },
  ],
  { design: 'interleaving', surface: 'browse' },
);
const standard = declarationsOf(ab, aa, mixed);

function setUp(declarations: Declarations = standard, size = 12) {
  const viewers = createViewers();
  const candidates = fakeStore();
  const states = new Map<string, ExperimentState>();
  const failures: string[] = [];
  const batches: number[] = [];
  let compiled = 0;
  let clock = 0;
  const current = { declarations, models: modelsOf(size) };
  const pipelines = fakePipelines(batches);
  const recommender = createRecommender({
    declarations: () => current.declarations,
    models: () => current.models,
    viewers,
    candidates,
    environment: 'test',
    states: () => states,
    micros: () => (clock += 10),
    createPipeline: (stages) => {
      compiled++;
      return pipelines(stages);
    },
    onFailure: (error, place) => failures.push(`${place}: ${(error as Error).message}`),
  });
  const one = async (input: RecommendationInput) => (await recommender.recommend([input]))[0]!;
  return {
    recommender,
    one,
    viewers,
    candidates,
    states,
    failures,
    batches,
    current,
    compiled: () => compiled,
  };
}

const input = (n: number, more: Partial<RecommendationInput> = {}): RecommendationInput => ({
  requestId: uuid(n),
  userId: `u-${n}`,
  surface: 'homepage',
  device: 'tv',
  at: NOW,
  ...more,
});

const titles = (recommendation: { request: { slate: { titles: Int32Array } } }) => [
  ...recommendation.request.slate.titles,
];

describe('routing', () => {
  it('ranks with the pipeline of the assigned variant and says so', async () => {
    const { recommender } = setUp();
    const answers = await recommender.recommend(Array.from({ length: 50 }, (_, n) => input(n)));
    const seen = new Set<string>();
    for (const [n, answer] of answers.entries()) {
      const { variant, reason } = answer.assignments.find(({ experiment }) => experiment === 'ab')!;
      seen.add(variant!);
      expect(reason).toBe('assigned');
      expect(answer.request.id).toBe(uuid(n));
      expect(answer.request.pipeline).toBe(`ab/${variant}`);
      expect(titles(answer)).toEqual(variant === 'treatment' ? [6, 7, 8, 9] : [0, 1, 2, 3]);
    }
    expect(seen).toEqual(new Set(['control', 'treatment']));
  });

  it('gives the default pipeline before an experiment starts, and of another surface', async () => {
    const { one } = setUp(declarationsOf(ab));
    const early = await one(input(1, { at: START - 1 }));
    expect(early.assignments[0]).toMatchObject({ variant: null, reason: 'not-started' });
    expect(early.request.pipeline).toBe('default');
    expect(early.exposures).toEqual([]);
    const elsewhere = await one(input(1, { surface: 'browse' }));
    expect(elsewhere.request.pipeline).toBe('default');
    expect(titles(elsewhere)).toEqual([2, 3, 4, 5]);
  });

  it('runs requests of one ranker together and answers in order', async () => {
    const { recommender, batches } = setUp(declarationsOf(ab));
    const inputs = Array.from({ length: 20 }, (_, n) => input(n));
    const answers = await recommender.recommend(inputs);
    expect(answers.map(({ request }) => request.id)).toEqual(inputs.map(({ requestId }) => requestId));
    expect(batches.length).toBe(2);
    expect(batches[0]! + batches[1]!).toBe(20);
  });

  it('makes every pipeline once per version of the declarations', async () => {
    const { one, current, compiled } = setUp(declarationsOf(ab));
    await one(input(1));
    await one(input(2));
    expect(compiled()).toBe(4);
    current.declarations = declarationsOf(aa);
    await one(input(3));
    expect(compiled()).toBe(6);
  });

  it('lets a forced experiment of the surface rank before an assigned one', async () => {
    const rival = experimentOf('rival', [{ key: 'a', pipeline: from(3) }, { key: 'b' }], {
      surface: 'homepage',
    });
    const { one } = setUp(declarationsOf(ab, rival));
    const answer = await one(input(1, { forced: { rival: 'a' } }));
    expect(answer.request.pipeline).toBe('rival/a');
    expect(answer.exposures.map(({ experiment, forced }) => [experiment, forced])).toEqual([['rival', true]]);
  });

  it('names a surface that is not declared', async () => {
    const { one } = setUp();
    await expect(one(input(1, { surface: 'kiosk' }))).rejects.toThrow(
      'surface "kiosk" is not declared; declared are homepage, browse',
    );
  });
});

describe('exposures', () => {
  it('exposes the experiment of this surface and those of none, with attributes frozen', async () => {
    const { one, viewers } = setUp();
    viewers.profile('u-1', { country: 'BR', ageGroup: '25-34' });
    const answer = await one(input(1));
    expect(answer.exposures.map(({ experiment }) => experiment).sort()).toEqual(['aa', 'ab']);
    expect(answer.exposures[0]).toMatchObject({
      environment: 'test',
      iteration: 1,
      unit: 'u-1',
      at: NOW,
      requestId: uuid(1),
      forced: false,
      phase: 0,
      attributes: { country: 'BR', device: 'tv', age_group: '25-34', activity: 'new' },
      configuration: standard.version,
    });
  });

  it('freezes the country of the request before that of the profile', async () => {
    const { one, viewers } = setUp();
    viewers.profile('u-1', { country: 'BR' });
    const answer = await one(input(1, { country: 'IN' }));
    expect(answer.request.country).toBe('IN');
    expect(answer.exposures[0]!.attributes.country).toBe('IN');
  });

  it('marks forced users', async () => {
    const { one } = setUp();
    for (const variant of ['control', 'treatment']) {
      const answer = await one(input(1, { forced: { ab: variant } }));
      expect(answer.exposures.find(({ experiment }) => experiment === 'ab')).toMatchObject({
        variant,
        forced: true,
      });
    }
  });

  it('exposes nobody to a stopped experiment', async () => {
    const { one, states } = setUp();
    states.set('ab', { stopped: true });
    const answer = await one(input(1));
    expect(answer.assignments[0]).toMatchObject({ variant: null, reason: 'stopped' });
    expect(answer.exposures.map(({ experiment }) => experiment)).toEqual(['aa']);
    expect(answer.request.pipeline).toBe('default');
  });

  it('evaluation has the assignments of a request and exposes nobody', async () => {
    const { recommender, one } = setUp();
    const { assignments, attributes } = recommender.evaluate(input(1));
    const answer = await one(input(1));
    expect(assignments).toEqual(answer.assignments);
    expect(attributes).toEqual(answer.exposures[0]!.attributes);
  });

  it('outside all experiments: the default pipeline, no exposure, and the reason', async () => {
    const { recommender } = setUp();
    const [answer] = await recommender.recommendOutside([input(1)]);
    expect(titles(answer!)).toEqual([0, 1, 2, 3]);
    expect(answer!.request.pipeline).toBe('default');
    expect(answer!.exposures).toEqual([]);
    expect(answer!.assignments.map(({ variant, reason }) => [variant, reason])).toEqual(
      Array(3).fill([null, 'exposure-unavailable']),
    );
  });
});

describe('interleaving', () => {
  it('mixes both variants and says who placed each slot', async () => {
    const { recommender } = setUp(declarationsOf(mixed));
    const answers = await recommender.recommend(
      Array.from({ length: 40 }, (_, n) => input(n, { surface: 'browse' })),
    );
    for (const { request } of answers) {
      const { titles: placed, teams } = request.slate;
      expect(request.pipeline).toBe('mixed/interleaved');
      expect(placed.length).toBe(4);
      expect(new Set(placed).size).toBe(4);
      for (const [slot, title] of placed.entries()) {
        const team = teams![slot]!;
        if (team !== 255) expect(title >= 4 ? 1 : 0, `title ${title}`).toBe(team);
      }
    }
    const first = answers.map(({ request }) => request.slate.teams![0]!);
    expect(new Set(first)).toEqual(new Set([0, 1]));
  });

  it('is replayed by the request id', async () => {
    const slates = await Promise.all(
      [1, 2].map(
        async () => (await setUp(declarationsOf(mixed)).one(input(9, { surface: 'browse' }))).request.slate,
      ),
    );
    expect(slates[0]).toEqual(slates[1]);
  });
});

describe('fallback ladder', () => {
  const failing = (pipeline: typeof broken) =>
    declarationsOf(
      experimentOf(
        'ab',
        [
          { key: 'a', pipeline },
          { key: 'b', pipeline },
        ],
        { surface: 'homepage' },
      ),
    );

  it('steps down to popularity when the pipeline fails, without finished titles', async () => {
    const { one, viewers, failures } = setUp(failing(broken));
    viewers.watched('u-1', 1, 1, NOW - 1);
    viewers.watched('u-1', 3, 1, NOW - 1);
    const { request, exposures } = await one(input(1, { k: 6 }));
    expect([...request.slate.titles]).toEqual([0, 2, 4, 5, 6, 7]);
    expect([...request.slate.sources].map((source) => SOURCES[source])).toEqual(Array(6).fill('popularity'));
    expect(request).toMatchObject({ fallback: 'popularity', error: true });
    expect(request.stages.at(-1)!.stage).toBe('fallback');
    expect(failures).toEqual([expect.stringMatching(/^pipeline ab\/[ab]: the model is gone$/)]);
    expect(exposures.map(({ experiment }) => experiment)).toEqual(['ab']);
  });

  it('fills an empty slate and does not call it an error', async () => {
    const { one } = setUp(failing(empty));
    const { request } = await one(input(1));
    expect([...request.slate.titles]).toEqual([0, 1, 2, 3]);
    expect(request).toMatchObject({ fallback: 'popularity', error: false });
  });

  it('gives finished titles rather than an empty page', async () => {
    const { one, viewers } = setUp(failing(broken));
    for (let title = 0; title < 12; title++) viewers.watched('u-1', title, 1, NOW - 1);
    const { request } = await one(input(1));
    expect([...request.slate.titles]).toEqual([0, 1, 2, 3]);
  });

  it('answers an empty slate only for an empty catalogue', async () => {
    const { one } = setUp(failing(broken), 0);
    const { request } = await one(input(1));
    expect(request.slate.titles.length).toBe(0);
    expect(request).toMatchObject({ fallback: 'empty-catalogue', error: true, simpsonMicro: 0, longTail: 0 });
  });

  it('calls a skipped stage an error though the pipeline answered', async () => {
    const { one } = setUp(failing(skipping(5)));
    expect((await one(input(1))).request).toMatchObject({
      fallback: 'none',
      error: true,
      skipped: [{ stage: 'score', reason: 'late' }],
      relaxed: 2,
    });
  });

  it('goes on without the candidate store', async () => {
    const { one, candidates, failures } = setUp();
    candidates.down = true;
    expect((await one(input(1))).request).toMatchObject({ fallback: 'none', error: true });
    expect(failures).toEqual(['candidate store: the store is down']);
  });
});

describe('candidate lists', () => {
  it('reads one batch in one call, and makes lists anew after a watch', async () => {
    const { recommender, viewers, candidates } = setUp();
    viewers.watched('u-1', 3, 1, NOW - 2);
    await recommender.recommend([input(1), input(2)]);
    expect(candidates.calls).toEqual([['u-1', 'u-2']]);
    expect([...candidates.stored.keys()]).toEqual(['u-1']);
    expect(candidates.stored.get('u-1')!.watchCount).toBe(1);
    viewers.watched('u-1', 4, 1, NOW - 1);
    await recommender.recommend([input(1)]);
    expect(candidates.stored.get('u-1')!.watchCount).toBe(2);
  });

  it('are read for requests whose pipeline uses them only', async () => {
    const without = [{ stage: 'from', parameters: { title: 0, lists: false } }];
    const variants = [
      { key: 'without', pipeline: without },
      { key: 'with', pipeline: from(6) },
    ];
    const { recommender, candidates } = setUp(
      declarationsOf(experimentOf('lists', variants, { surface: 'homepage' })),
    );
    candidates.down = true;
    const answers = await recommender.recommend([
      input(1, { forced: { lists: 'without' } }),
      input(2, { forced: { lists: 'with' } }),
    ]);
    expect(candidates.calls).toEqual([['u-2']]);
    expect(answers.map(({ request }) => request.error)).toEqual([false, true]);
    await recommender.recommend([input(1, { forced: { lists: 'without' } })]);
    expect(candidates.calls).toHaveLength(1);
  });

  it('bears lists that are up to fifty watches old in a large batch', async () => {
    const { recommender, viewers, candidates } = setUp();
    const large = Array.from({ length: 17 }, (_, n) => input(n));
    viewers.watched('u-1', 3, 1, NOW - 2);
    await recommender.recommend(large);
    for (let watch = 0; watch < 50; watch++) viewers.watched('u-1', watch % 12, 1, NOW - 1);
    await recommender.recommend(large);
    expect(candidates.stored.get('u-1')!.watchCount).toBe(1);
    viewers.watched('u-1', 3, 1, NOW - 1);
    await recommender.recommend(large);
    expect(candidates.stored.get('u-1')!.watchCount).toBe(52);
  });
});

describe('record', () => {
  it('measures the slate', async () => {
    const { one } = setUp(declarationsOf(ab));
    const { request } = await one(input(1, { forced: { ab: 'treatment' } }));
    // Titles 6, 7, 8, 9 have genres 0, 1, 2, 0: 1 - (4 + 1 + 1) / 16; titles 8 and 9 are in the long tail.
    expect(request).toMatchObject({ simpsonMicro: 625_000, longTail: 2 });
  });

  it('is the same for the same inputs, timings included when the clock is', async () => {
    const inputs = Array.from({ length: 30 }, (_, n) => input(n, { surface: n % 2 ? 'browse' : 'homepage' }));
    const [first, second] = await Promise.all([1, 2].map(() => setUp().recommender.recommend(inputs)));
    expect(first).toEqual(second);
  });

  it('counts the run of its own ranker, not that of others in the batch', async () => {
    const { recommender } = setUp(declarationsOf(ab));
    const answers = await recommender.recommend(Array.from({ length: 20 }, (_, n) => input(n)));
    // Ten microseconds per look at the clock: start, assigned, ready; then start, ladder and end of each ranker.
    expect(new Set(answers.map(({ request }) => request.totalMicros))).toEqual(new Set([40]));
    const [{ request }] = answers as [(typeof answers)[0]];
    const together = answers.filter((answer) => answer.request.pipeline === request.pipeline).length;
    expect(request.stages).toEqual([
      { stage: 'assign', micros: 10, titles: 0 },
      { stage: 'lists', micros: 10, titles: 0 },
      { stage: 'from', micros: 7, titles: 3 * together },
    ]);
  });
});
