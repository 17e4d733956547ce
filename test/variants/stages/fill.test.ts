import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_GENRE } from '../../../src/ranking/diversity.ts';
import { createPipeline } from '../../../src/variants/pipeline.ts';
import { stageDefinitions } from '../../../src/variants/registry.ts';
import type { Slate } from '../../../src/variants/stage.ts';
import { fill } from '../../../src/variants/stages/fill.ts';
import { createWork } from '../../../src/variants/work.ts';
import { viewerOf } from '../../ranking/fixtures.ts';
import { requestOf, smallModels, workOf } from '../fixtures.ts';

const models = smallModels();
const withGenres = (genres: readonly number[]) => ({
  ...models,
  catalogue: { ...models.catalogue, primaryGenre: Uint8Array.from(genres) },
});

function slateOf(
  parameters: Parameters<typeof fill.make>[0] | object,
  rows: readonly (readonly [number, number])[],
  change: { k?: number; requestId?: string } = {},
  used = models,
): Slate {
  const work = workOf(rows, change);
  fill.make(parameters as never).run([work], used);
  return work.slate!;
}

describe('fill', () => {
  it.each([
    ['the best first', {}, [2, 0, 1, 3], 4],
    ['as many slots as are asked for', {}, [2, 0], 2],
    ['no more than it may take', { take: 3 }, [2, 0, 1], 4],
  ])('takes %s', (_, parameters, expected, k) => {
    const slate = slateOf(
      parameters,
      [
        [0, 0.5],
        [1, 0.4],
        [2, 0.9],
        [3, 0.1],
      ],
      { k },
    );
    expect([...slate.titles]).toEqual(expected);
    expect([...slate.propensities]).toEqual(expected.map(() => 1));
    expect(slate.scores[0]).toBeCloseTo(0.9, 6);
  });

  it.each([
    ['no genre beyond the cap', 1, [0, 0, 0, 1, 1, 2], 3, [0, 3, 5]],
    ['the cap only as long as titles allow', 1, [0, 0, 0, 1, 1, 2], 5, [0, 3, 5, 1, 2]],
    ['titles without a genre uncapped', 1, [NO_GENRE, NO_GENRE, 0, 0], 3, [0, 1, 2]],
    ['two of a genre', 2, [0, 0, 0, 0, 1], 3, [0, 1, 4]],
  ])('keeps %s', (_, genreCap, genres, k, expected) => {
    const rows = genres.map((_, i) => [i, 1 - i / 10] as const);
    expect([...slateOf({ genreCap }, rows, { k }, withGenres(genres)).titles]).toEqual(expected);
  });

  it('never gives a short slate, and breaks the cap only when titles of other genres are used up', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.double({ min: -1, max: 1, noNaN: true })), {
          minLength: 1,
          maxLength: 30,
        }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 30 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.uuid(),
        (titles, genreCap, k, explore, requestId) => {
          const genres = titles.map(([genre]) => genre);
          const rows = titles.map(([, score], i) => [i, score] as const);
          const slate = slateOf({ genreCap, explore }, rows, { k, requestId }, withGenres(genres));
          expect(slate.titles).toHaveLength(Math.min(k, titles.length));
          expect(new Set(slate.titles).size).toBe(slate.titles.length);
          const held = [0, 1, 2, 3].map((genre) => genres.filter((one) => one === genre).length);
          const feasible = held.reduce((sum, count) => sum + Math.min(count, genreCap), 0);
          const used = [0, 0, 0, 0];
          slate.titles.forEach((title, slot) => {
            used[genres[title]!]!++;
            if (slot < feasible) expect(used[genres[title]!]).toBeLessThanOrEqual(genreCap);
            expect(slate.propensities[slot]).toBeGreaterThan(0);
            expect(slate.propensities[slot]).toBeLessThanOrEqual(1);
          });
        },
      ),
    );
  });

  it('gives the same slate for the same request', () => {
    const rows = Array.from({ length: 30 }, (_, i) => [i, -i] as const);
    const one = () => slateOf({ explore: 0.5 }, rows, { k: 10 });
    expect(one()).toEqual(one());
    expect(one().titles).not.toEqual(slateOf({ explore: 0.5 }, rows, { k: 10, requestId: 'other' }).titles);
  });
});

const METHODS: [string, object][] = [
  ['greedy', {}],
  ['exploring', { explore: 0.4 }],
  ['sampling', { sample: 'plackett-luce', temperature: 0.1 }],
  ['marginal relevance', { mmr: 0.3 }],
  ['marginal relevance, exploring', { mmr: 0.3, explore: 0.4 }],
].flatMap(([name, parameters]): [string, object][] => [
  [String(name), parameters as object],
  [`${name}, capped`, { ...(parameters as object), genreCap: 2 }],
]);

describe.each(METHODS)('a slate of few choices: %s', (_, parameters) => {
  it.each([
    ['one candidate', [0], 5],
    ['all of one genre', [0, 0, 0, 0, 0, 0], 6],
    ['none with a genre', [NO_GENRE, NO_GENRE, NO_GENRE, NO_GENRE], 4],
    ['more slots than titles', [0, 1, 0, NO_GENRE, 0, 0], 20],
  ])('%s', (_, genres, k) => {
    for (let request = 0; request < 20; request++) {
      const rows = genres.map((_, i) => [i, 1 - i / 10] as const);
      const slate = slateOf(parameters, rows, { k, requestId: `r${request}` }, withGenres(genres));
      expect([...slate.titles].sort()).toEqual(genres.map((_, i) => i).slice(0, k));
      for (const propensity of slate.propensities) {
        expect(propensity).toBeGreaterThan(0);
        expect(propensity).toBeLessThanOrEqual(1);
      }
    }
  });

  it('of a viewer who has watched everything, from a catalogue smaller than the page', async () => {
    const pipeline = createPipeline(
      [
        { stage: 'candidates', parameters: { sources: [{ ials: 3 }] } },
        { stage: 'blend', parameters: {} },
        { stage: 'fill', parameters: parameters as Record<string, unknown> },
      ],
      () => 0,
    );
    const everything = Array.from({ length: 120 }, (_, i) => i % 40);
    const work = createWork(requestOf({ k: 60, viewer: viewerOf(everything) }));
    await pipeline.run([work], models);
    const { titles, propensities } = work.slate!;
    expect(new Set(titles).size).toBe(40);
    expect([...propensities].every((propensity) => propensity > 0 && propensity <= 1)).toBe(true);
  });

  it('puts titles whose scores are no numbers last, each once', () => {
    const rows = [Number.NaN, 0.5, Number.NEGATIVE_INFINITY, 0.7].map((score, i) => [i, score] as const);
    const slate = slateOf(parameters, rows, {}, withGenres([0, 1, 2, 3]));
    expect([...slate.titles].sort()).toEqual([0, 1, 2, 3]);
    expect([...slate.propensities].every((propensity) => propensity > 0 && propensity <= 1)).toBe(true);
  });
});

describe('a cap that gave way', () => {
  it.each([
    ['never', { genreCap: 3 }, [0, 0, 0, 1], 4, 0],
    ['not before the slots need it', { genreCap: 1 }, [0, 0, 0, 1], 2, 0],
    ['for two slots', { genreCap: 1 }, [0, 0, 0, 1], 4, 2],
    ['for two slots, whatever is drawn', { genreCap: 1, explore: 1 }, [0, 0, 0, 1], 4, 2],
    ['for titles of other genres than none', { genreCap: 1 }, [NO_GENRE, NO_GENRE, 0, 0], 4, 1],
    ['not where there is none', {}, [0, 0, 0], 3, 0],
  ])('is told: %s', (_, parameters, genres, k, relaxed) => {
    const work = workOf(
      genres.map((_, i) => [i, 1 - i / 10] as const),
      { k },
    );
    fill.make(parameters as never).run([work], withGenres(genres));
    expect(work.relaxed).toBe(relaxed);
  });
});

it('no other stage draws, so that none can reorder what was drawn', () => {
  const folder = join(import.meta.dirname, '../../../src/variants/stages');
  const drawing = readdirSync(folder).filter((file) =>
    readFileSync(join(folder, file), 'utf8').includes('random.ts'),
  );
  expect(drawing).toEqual(['fill.ts']);
  expect(stageDefinitions.filter(({ draws }) => draws !== undefined)).toMatchObject([{ place: 'last' }]);
});

describe('why a slot holds its title', () => {
  it('names the watched title it resembles', () => {
    const dims = 2;
    const vectors = Float32Array.of(1, 0, 0.9, Math.sqrt(1 - 0.81), 0, 1);
    const content = { dims, vectors: Float32Array.from({ length: 80 }, (_, i) => vectors[i] ?? 0) };
    const { viewer } = requestOf();
    const watcher = {
      ...viewer,
      watchCount: 2,
      watchedTitles: Int32Array.of(0, 2),
      watchedWeights: Float32Array.of(1, 1),
    };
    const work = workOf([[1, 1]], { viewer: watcher });
    fill.make({} as never).run([work], { ...models, content });
    expect([...work.slate!.because]).toEqual([0]);
  });
});
