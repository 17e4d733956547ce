import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StageDeclaration } from '../../src/declarations.ts';
import { createMemoryCandidateStore } from '../../src/ranking/candidate-store.ts';
import { AGE_GROUPS } from '../../src/ranking/catalogue.ts';
import type { Models, Scorer } from '../../src/ranking/models.ts';
import { allowedTitles } from '../../src/ranking/rules.ts';
import { createRecommender } from '../../src/recommender.ts';
import { createPipeline } from '../../src/variants/pipeline.ts';
import { candidates } from '../../src/variants/stages/candidates.ts';
import { createViewers } from '../../src/viewers.ts';
import { declarationsOf, experimentOf, uuid } from '../http/fixtures.ts';
import { NOW, smallModels } from './fixtures.ts';

/** What may not be shown is not shown, whichever step of the ladder the slate comes from, and no slate is short for it. */

const base = smallModels();
const broken: Scorer = {
  name: 'broken@1',
  featureSchema: 'any',
  score: async () => {
    throw new Error('the model is gone');
  },
};
const K = 8;

const tails: Record<string, StageDeclaration[]> = {
  ranked: [
    { stage: 'blend', parameters: {} },
    { stage: 'boost', parameters: { newTitles: 1 } },
  ],
  skipped: [{ stage: 'score', parameters: { model: 'broken', onFailure: 'skip' } }],
  'fallen back': [{ stage: 'score', parameters: { model: 'broken', onFailure: 'fail' } }],
};
const fills = [{}, { explore: 1 }, { genreCap: 1 }];

const catalogues = fc.record({
  maturity: fc.array(fc.constantFrom(0, 0, 13, 16, 18), { minLength: 40, maxLength: 40 }),
  until: fc.array(fc.constantFrom(0, 1, 1, 1), { minLength: 40, maxLength: 40 }),
  places: fc.array(fc.constantFrom('', '', 'DE', 'NO'), { minLength: 40, maxLength: 40 }),
});
const rules = fc.record(
  {
    ban: fc.record(
      {
        titles: fc.uniqueArray(
          fc.nat(39).map((title) => `t-${title}`),
          { minLength: 1, maxLength: 30 },
        ),
        genres: fc.constant(['genre1']),
      },
      { requiredKeys: [] },
    ),
    maturity: fc.constantFrom(7, 16),
    unknownAge: fc.constantFrom(0, 13),
  },
  { requiredKeys: [] },
);
const asks = fc.record({
  country: fc.constantFrom('DE', 'US', ''),
  ageGroup: fc.constantFrom(...AGE_GROUPS),
  watched: fc.uniqueArray(fc.nat(39), { maxLength: 40 }),
});

test.each(
  Object.keys(tails).flatMap((tail) => ['ab', 'interleaving'].map((design) => [tail, design] as const)),
)('a slate that is %s, %s', async (tail, design) => {
  await fc.assert(
    fc.asyncProperty(
      catalogues,
      rules,
      fc.array(asks, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(...fills),
      async ({ maturity, until, places }, declared, viewersAsked, fill) => {
        const catalogue = {
          ...base.catalogue,
          maturity: Uint8Array.from(maturity),
          availableUntil: Float64Array.from(until, (later) => (later ? Number.POSITIVE_INFINITY : NOW)),
          availableIn: places.map((place) => (place === '' ? undefined : new Set([place]))),
        };
        const models: Models = { ...base, catalogue, scorers: new Map([['broken', broken]]) };
        const first = { sources: [{ ials: 10 }, { trending: 4 }, { new: 2 }], rules: declared };
        const pipeline = [
          { stage: 'candidates', parameters: first },
          ...tails[tail]!,
          { stage: 'fill', parameters: fill },
        ];
        const experiment = experimentOf(
          'e',
          [
            { key: 'a', pipeline },
            { key: 'b', pipeline },
          ],
          {
            design: design as 'ab',
            surface: 'homepage',
          },
        );
        const declarations = {
          ...declarationsOf(experiment),
          surfaces: [{ name: 'homepage', slots: K, pipeline }],
        };
        const viewers = createViewers();
        viewersAsked.forEach(({ ageGroup, watched }, i) => {
          viewers.profile(`u${i}`, { ageGroup });
          for (const title of watched) viewers.watched(`u${i}`, title, 1, NOW - 1);
        });
        const recommender = createRecommender({
          declarations: () => declarations,
          models: () => models,
          viewers,
          candidates: createMemoryCandidateStore(),
          environment: 'test',
          states: () => new Map(),
          micros: () => 0,
          createPipeline: (stages) => createPipeline(stages, () => 0),
        });
        const answers = await recommender.recommend(
          viewersAsked.map(({ country }, i) => ({
            requestId: uuid(i),
            userId: `u${i}`,
            surface: 'homepage',
            device: 'tv' as const,
            country,
            at: NOW,
            k: K,
          })),
        );
        const limits = candidates.make(first as never).limits!(catalogue);
        answers.forEach(({ request }, i) => {
          const audience = { at: NOW, country: viewersAsked[i]!.country, viewer: viewers.get(`u${i}`) };
          const allowed = [...catalogue.ids.keys()].filter((title) =>
            allowedTitles(catalogue, audience, [limits])(title),
          );
          const titles = [...request.slate.titles];
          expect(titles.filter((title) => !allowed.includes(title))).toEqual([]);
          expect(new Set(titles).size).toBe(titles.length);
          expect(titles).toHaveLength(Math.min(K, allowed.length));
        });
      },
    ),
    { numRuns: 60 },
  );
});
