import { describe, expect, it } from 'vitest';
import { FEATURE_SCHEMA, PAIR_WIDTH, USER_WIDTH } from '../../src/ranking/features.ts';
import type { Scorer } from '../../src/ranking/models.ts';
import { createPipeline } from '../../src/variants/pipeline.ts';
import { createWork } from '../../src/variants/work.ts';
import { catalogueOf, viewerOf } from '../ranking/fixtures.ts';
import { requestOf, smallModels } from './fixtures.ts';

const candidates = { stage: 'candidates', parameters: { sources: [{ ials: 20 }, { trending: 10 }] } };
const fill = { stage: 'fill', parameters: {} };
const score = (parameters: object) => ({ stage: 'score', parameters: { model: 'two-tower', ...parameters } });

/** Prefers titles of a high row; remembers what it was asked. */
function byRow(name = 'two-tower@1', result?: (titles: Int32Array) => Float32Array) {
  const calls: { batch: number; slots: number; users: number; pairs: number }[] = [];
  const scorer: Scorer = {
    name,
    featureSchema: FEATURE_SCHEMA,
    async score(batch, slots, users, titles, pairs) {
      calls.push({ batch, slots, users: users.length, pairs: pairs.length });
      return result ? result(titles) : Float32Array.from(titles, (title) => title / 100);
    },
  };
  return { scorer, calls };
}

const viewers = [viewerOf([2, 4]), viewerOf([]), viewerOf([1, 3, 5, 7])];
const batchOf = () => viewers.map((viewer, i) => createWork(requestOf({ viewer, requestId: `r${i}` })));
const clock = () => {
  let now = 0;
  return () => (now += 5);
};

describe('createPipeline', () => {
  it('runs the stages in order, times each and counts its titles', async () => {
    const pipeline = createPipeline([candidates, { stage: 'blend', parameters: {} }, fill], clock());
    const batch = batchOf();
    const timings = await pipeline.run(batch, smallModels());
    expect(timings).toEqual(
      // Three requests of thirty candidates each.
      ['candidates', 'blend', 'fill'].map((stage) => ({ stage, micros: 5, titles: 90 })),
    );
    for (const work of batch) {
      expect(work.slate!.titles).toHaveLength(5);
      expect(work.skipped).toEqual([]);
    }
  });

  it('gives a request the same slate alone as among others, and again with reused columns', async () => {
    const { scorer } = byRow();
    const models = smallModels({ scorers: new Map([['two-tower', scorer]]) });
    const stages = [
      candidates,
      { stage: 'blend', parameters: {} },
      score({}),
      { stage: 'fill', parameters: { explore: 0.3 } },
    ];
    const pipeline = createPipeline(stages, clock());
    const together = batchOf();
    await pipeline.run(together, models);
    for (const [i, work] of batchOf().entries()) {
      await pipeline.run([work], models);
      expect(work.slate).toEqual(together[i]!.slate);
    }
  });

  it('keeps two batches under way apart', async () => {
    const { scorer } = byRow();
    const models = smallModels({ scorers: new Map([['two-tower', scorer]]) });
    const pipeline = createPipeline([candidates, score({}), fill], clock());
    const [first, second] = [batchOf(), batchOf().reverse()];
    await Promise.all([pipeline.run(first, models), pipeline.run(second, models)]);
    expect(first.map((work) => work.slate)).toEqual([...second].reverse().map((work) => work.slate));
  });

  it.each([
    [
      'an unknown stage',
      [candidates, { stage: 'shuffle', parameters: {} }, fill],
      'unknown stage shuffle; known are candidates',
    ],
    ['no candidates', [{ stage: 'blend', parameters: {} }, fill], 'stage blend stands first'],
    [
      'a stage after the last',
      [candidates, fill, { stage: 'boost', parameters: {} }],
      'stage fill stands middle',
    ],
    ['one stage', [candidates], 'a pipeline needs a first stage'],
    ['nothing', [], 'a pipeline needs a first stage'],
  ])('refuses %s', (_, stages, message) => {
    expect(() => createPipeline(stages, clock())).toThrow(message);
  });

  it('throws for an empty catalogue, so that the caller falls back', async () => {
    const pipeline = createPipeline([candidates, fill], clock());
    const models = smallModels({ catalogue: catalogueOf([]) });
    const empty = { ...models.trending, order: new Int32Array(0), popularity: new Float32Array(0) };
    await expect(pipeline.run(batchOf(), { ...models, trending: empty })).rejects.toThrow(
      'the catalogue has no title to recommend',
    );
  });
});

it('gives a request that nothing may be shown to an empty slate, and the others of its batch theirs', async () => {
  const { scorer } = byRow();
  const models = smallModels({ scorers: new Map([['two-tower', scorer]]) });
  const availableIn = Array.from({ length: 40 }, () => new Set(['DE']));
  const stages = [
    candidates,
    { stage: 'blend', parameters: {} },
    { stage: 'boost', parameters: {} },
    score({}),
    fill,
  ];
  const batch = ['ZZ', 'DE'].map((country) => createWork(requestOf({ country })));
  await createPipeline(stages, clock()).run(batch, {
    ...models,
    catalogue: { ...models.catalogue, availableIn },
  });
  expect(batch.map((work) => work.slate!.titles.length)).toEqual([0, 5]);
});

describe('the score stage in a pipeline', () => {
  it('sorts by the model, one call for the batch', async () => {
    const { scorer, calls } = byRow();
    const models = smallModels({ scorers: new Map([['two-tower', scorer]]) });
    const batch = batchOf();
    await createPipeline([candidates, score({ weight: 1 }), fill], clock()).run(batch, models);
    for (const { slate } of batch)
      expect([...slate!.titles]).toEqual([...slate!.titles].sort((a, b) => b - a));
    expect(calls).toEqual([{ batch: 3, slots: 30, users: 3 * USER_WIDTH, pairs: 3 * 30 * PAIR_WIDTH }]);
  });

  it.each([0, 0.25, 0.5, 1])(
    'gives the model %d of the score and the order so far the rest',
    async (weight) => {
      const { scorer } = byRow();
      const models = smallModels({ scorers: new Map([['two-tower', scorer]]) });
      const [work] = batchOf();
      const stages = [candidates, { stage: 'blend', parameters: {} }];
      await createPipeline([...stages, fill], clock()).run([work!], models);
      const { titles, count, score: column } = work!.candidates;
      const before = column.slice(0, count);
      await createPipeline([...stages, score({ weight }), fill], clock()).run([work!], models);
      const scale = (values: ArrayLike<number>, at: number) => {
        const [low, high] = [Math.min(...Array.from(values)), Math.max(...Array.from(values))];
        return (values[at]! - low) / (high - low);
      };
      const rows = titles.slice(0, count);
      for (let i = 0; i < count; i++) {
        const mixed = weight * scale(rows, i) + (1 - weight) * scale(before, i);
        expect(column[i]).toBeCloseTo(weight === 1 ? rows[i]! / 100 : mixed, 5);
      }
    },
  );

  it.each([
    ['by its name', 'two-tower', 'two-tower@4', undefined],
    ['in the version asked for', 'two-tower@4', 'two-tower@4', undefined],
    [
      'not in another version',
      'two-tower@3',
      'two-tower@4',
      'model two-tower@3 is not loaded (loaded: two-tower@4)',
    ],
    ['not by another name', 'gbdt', 'two-tower@4', 'model gbdt is not loaded'],
  ])('takes a model %s', async (_, model, loaded, message) => {
    const models = smallModels({ scorers: new Map([['two-tower', byRow(loaded).scorer]]) });
    const run = createPipeline([candidates, score({ model, onFailure: 'fail' }), fill], clock()).run(
      batchOf(),
      models,
    );
    if (message === undefined) await expect(run).resolves.toHaveLength(3);
    else await expect(run).rejects.toThrow(`stage score failed: ${message}`);
  });

  it('is given up when it is late, and what it makes of the batch afterwards reaches nobody', async () => {
    let now = 0;
    const waiting: { at: number; call: () => void }[] = [];
    const slow: (() => void)[] = [];
    const { scorer } = byRow();
    const late: Scorer = {
      ...scorer,
      score: async (...given) => {
        await new Promise<void>((resolve) => slow.push(resolve));
        return scorer.score(...given);
      },
    };
    const models = smallModels({ scorers: new Map([['two-tower', late]]) });
    const skips: string[] = [];
    const stages = [candidates, { stage: 'blend', parameters: {} }];
    const pipeline = createPipeline([...stages, score({ within: '40ms' }), fill], () => now, {
      timer: (ms, call) => {
        waiting.push({ at: now + 1000 * ms, call });
        return () => {};
      },
      onSkip: ({ stage, reason, requests }) => skips.push(`${stage} ${reason} x${requests}`),
    });
    const [first, second, without] = [batchOf(), batchOf(), batchOf()];
    await createPipeline([...stages, fill], clock()).run(without, models);
    const running = pipeline.run(first, models);
    await new Promise((resolve) => setImmediate(resolve));
    now = waiting[0]!.at;
    waiting[0]!.call();
    const timings = await running;
    expect(timings[2]).toEqual({ stage: 'score', micros: 40_000, titles: 90 });
    expect(first.map((work) => work.slate)).toEqual(without.map((work) => work.slate));
    expect(first.map((work) => work.skipped)).toEqual(Array(3).fill([{ stage: 'score', reason: 'late' }]));
    expect(skips).toEqual(['score late x3']);
    // The next batch is under way when the first answer comes, and is ranked by its own.
    const next = pipeline.run(second, models);
    await new Promise((resolve) => setImmediate(resolve));
    slow[0]!();
    await new Promise((resolve) => setImmediate(resolve));
    slow[1]!();
    await next;
    const alone = batchOf();
    const prompt = smallModels({ scorers: new Map([['two-tower', scorer]]) });
    await createPipeline([...stages, score({}), fill], clock()).run(alone, prompt);
    expect(second.map((work) => work.slate)).toEqual(alone.map((work) => work.slate));
    expect(second.map((work) => work.skipped)).toEqual([[], [], []]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('NaN');
      },
    ],
    ['is missing', undefined],
  ])('is skipped and recorded where the model %s, with the order so far', async (_, result) => {
    const scorers = result ? new Map([['two-tower', byRow('two-tower@1', result).scorer]]) : new Map();
    const models = smallModels({ scorers });
    const [batch, without] = [batchOf(), batchOf()];
    await createPipeline([candidates, score({}), fill], clock()).run(batch, models);
    await createPipeline([candidates, fill], clock()).run(without, models);
    expect(batch.map((work) => work.skipped)).toEqual(Array(3).fill([{ stage: 'score', reason: 'failed' }]));
    expect(batch.map((work) => work.slate)).toEqual(without.map((work) => work.slate));
  });
});
