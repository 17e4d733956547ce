import { describe, expect, it } from 'vitest';
import type { RankingRequest, Work } from '../../../src/variants/stage.ts';
import { blend } from '../../../src/variants/stages/blend.ts';
import { boost } from '../../../src/variants/stages/boost.ts';
import { viewerOf } from '../../ranking/fixtures.ts';
import { NOW, smallModels, smallModelsWithItems, workOf } from '../fixtures.ts';

const models = smallModels();
const all = Array.from({ length: 40 }, (_, title) => [title, 0] as const);

function order({ candidates: { score, titles, count } }: Work): number[] {
  return [...titles.subarray(0, count)].sort((a, b) => score[b]! - score[a]!);
}

function blended(parameters: object, change: Partial<RankingRequest>): Work {
  const work = workOf(all, change);
  blend.make(parameters as never).run([work], models);
  return work;
}

describe('blend', () => {
  const even = viewerOf(Array.from({ length: 12 }, (_, i) => 2 * i));

  it.each([
    ['collaborative alone', { collaborative: 1, trending: 0 }, 'collaborative'],
    ['content alone', { collaborative: 0, trending: 0 }, 'content'],
  ] as const)('sorts by %s', (_, parameters, column) => {
    const work = blended(parameters, { viewer: even });
    const values = work.candidates[column];
    expect(values.some((value) => value !== 0)).toBe(true);
    expect(order(work).map((title) => values[title])).toEqual([...values].sort((a, b) => b - a));
  });

  it.each(['normalised', 'reciprocal-rank'])(
    'prefers what the viewer and those like them watch (%s)',
    (method) => {
      const best = order(blended({ method }, { viewer: even }))
        .filter((title) => title < 36)
        .slice(0, 10);
      expect(best.filter((title) => title % 2 === 0).length).toBeGreaterThanOrEqual(8);
    },
  );

  it('leads with popularity for a viewer without watches and picks', () => {
    const work = blended({ trending: 0 }, { viewer: viewerOf([]) });
    const popularity = order(work).map((title) => models.trending.popularity[title]!);
    expect(popularity).toEqual([...popularity].sort((a, b) => b - a));
  });

  it('lets onboarding picks speak for a viewer without watches', () => {
    const odd = (picks: number[]) =>
      order(blended({}, { viewer: viewerOf([], { picks }) }))
        .slice(0, 10)
        .filter((title) => title % 2 === 1).length;
    expect(odd([1, 3, 5])).toBeGreaterThanOrEqual(odd([2, 4, 6]) + 2);
  });

  describe('weights', () => {
    const rich = smallModelsWithItems();
    const run = (parameters: object, change: Partial<RankingRequest> = {}): Work => {
      const work = workOf(all, { viewer: even, ...change });
      blend.make(parameters as never).run([work], rich);
      return work;
    };
    const single = [
      ['ials', 'collaborative'],
      ['ease', 'ease'],
      ['itemKnn', 'itemKnn'],
      ['content', 'content'],
    ] as const;
    const methods = ['normalised', 'standardised', 'reciprocal-rank'];

    it.each(single.flatMap(([name, column]) => methods.map((method) => [name, method, column] as const)))(
      'of %s alone give its own order (%s)',
      (name, method, column) => {
        const work = run({ weights: { [name]: 0.3 }, method });
        const own = work.candidates[column];
        const values = order(work).map((title) => own[title]!);
        expect(new Set(values).size).toBeGreaterThan(10);
        expect(values).toEqual([...own.subarray(0, 40)].sort((a, b) => b - a));
      },
    );

    it('are shared between collaborative and content as told', () => {
      const scores = (parameters: object) => [...run(parameters).candidates.score];
      const weights = { ials: 1, ease: 2, content: 1 };
      const even = scores({ weights: { ials: 1, ease: 2, content: 3 }, collaborative: 'as-weighted' });
      const close = (found: number[], expected: number[], scale = 1) =>
        found.forEach((value, i) => {
          expect(value).toBeCloseTo(scale * expected[i]!, 5);
        });
      // Of a sum of 4 half is 2: as weights of 2/3, 4/3 and 2 are.
      close(scores({ weights, collaborative: 0.5 }), even, 2 / 3);
      // Twelve watches: 0.2 + 0.6 log(13) / log(31).
      const share = 0.2 + (0.6 * Math.log(13)) / Math.log(31);
      close(scores({ weights }), scores({ weights, collaborative: share }));
    });

    it('stand beside trending and popularity', () => {
      const trending = order(run({ weights: { trending: 1 } })).map((title) => rich.trending.score[title]!);
      expect(trending).toEqual([...trending].sort((a, b) => b - a));
      const popular = order(run({ weights: { popularity: 2 } })).map(
        (title) => rich.trending.popularity[title]!,
      );
      expect(popular).toEqual([...popular].sort((a, b) => b - a));
    });

    it('without any are those of ials and content', () => {
      const given = run({ weights: { ials: 0.5, content: 0.5, trending: 0.1 } });
      expect(given.candidates.score).toEqual(run({}).candidates.score);
    });

    it('of a model that is not there fail in plain words', () => {
      expect(() => blended({ weights: { ease: 1 } }, { viewer: even })).toThrow(
        'ease was not trained for these models',
      );
    });

    it.each([
      [{ weights: { ease: 1 }, trending: 0.2 }, ['trending']],
      [{ weights: { ease: 0 } }, ['weights']],
      [{ rankConstant: 10 }, ['rankConstant']],
    ])('%j do not go together', (parameters, path) =>
      expect(blend.mistakes!(parameters as never)).toMatchObject([{ path }]),
    );
    it.each([{}, { weights: { ease: 1 } }, { trending: 0 }, { method: 'reciprocal-rank', rankConstant: 1 }])(
      '%j do',
      (parameters) => expect(blend.mistakes!(parameters as never)).toEqual([]),
    );
  });

  it('leads a new viewer with what is popular among viewers like them', () => {
    const like = (title: number) => Float32Array.from({ length: 40 }, (_, one) => (one === title ? 9 : 0));
    const work = workOf(all, { viewer: { ...viewerOf([]), ageGroup: '55+' }, country: 'NO' });
    const demographics = {
      watches: new Float32Array(40).fill(1),
      countries: new Map([['NO', like(20)]]),
      ageGroups: new Map([['55+' as const, like(21).map((value) => value / 2)]]),
    };
    blend.make({ trending: 0 } as never).run([work], { ...models, demographics });
    expect(order(work).slice(0, 2)).toEqual([20, 21]);
  });

  it('feels a watch at once', () => {
    const before = blended({}, { viewer: even });
    const after = blended({}, { viewer: viewerOf([...even.watchedTitles, 1, 3, 5]) });
    expect(order(after)).not.toEqual(order(before));
  });
});

describe('boost', () => {
  const rows = [
    [0, 0.3],
    [1, 0.2],
    [39, 0.1],
    [36, 0.1],
  ] as const;
  const scores = (parameters: object, at = NOW): number[] => {
    const work = workOf(rows, { at });
    boost.make(parameters as never).run([work], models);
    return [...work.candidates.score].map((score) => Math.round(score * 1000) / 1000);
  };

  it.each([
    // Titles 36 and 39 came 2 and 5 days ago; the spread of the scores is 0.2.
    ['raises new titles by a share of the spread', { newTitles: 0.5 }, NOW, [0.3, 0.2, 0.2, 0.2]],
    ['counts days as told', { newTitles: 0.5, days: 4 }, NOW, [0.3, 0.2, 0.1, 0.2]],
    ['ends when the days are over', { newTitles: 0.5 }, NOW + 3 * 86_400_000, [0.3, 0.2, 0.1, 0.2]],
    ['does nothing unasked', {}, NOW, [0.3, 0.2, 0.1, 0.1]],
  ])('%s', (_, parameters, at, expected) => {
    expect(scores(parameters, at)).toEqual(expected);
  });

  describe('what the business names', () => {
    const catalogue = {
      ...models.catalogue,
      tags: Array.from({ length: 40 }, (_, title) => (title === 1 ? ['original', 'new'] : [])),
    };
    const run = (business: object[]) => {
      const work = workOf(rows);
      boost.make({ business } as never).run([work], { ...models, catalogue });
      return [...work.candidates.score].map((score) => Math.round(score * 1000) / 1000);
    };
    it.each([
      ['by id', [{ titles: ['t-39', 't-0', 'unknown'], add: 0.5 }], [0.4, 0.2, 0.2, 0.1]],
      ['by tag', [{ tags: ['original'], add: -0.25 }], [0.3, 0.15, 0.1, 0.1]],
      // Titles 1 and 36 are of genre1; the worst score is 0.1.
      ['by genre', [{ genres: ['genre1', 'Opera'], factor: 3 }], [0.3, 0.4, 0.1, 0.1]],
      ['factor before sum', [{ tags: ['new'], factor: 0, add: 1 }], [0.3, 0.3, 0.1, 0.1]],
      [
        'twice',
        [
          { titles: ['t-1'], add: 0.1 },
          { tags: ['new'], add: 0.2, factor: 2 },
          { genres: ['genre1'], factor: 2 },
        ],
        [0.3, 0.56, 0.1, 0.1],
      ],
      ['nothing known', [{ tags: ['unknown'], genres: ['Opera'], factor: 0 }], [0.3, 0.2, 0.1, 0.1]],
    ])('%s', (_, business, expected) => expect(run(business)).toEqual(expected));

    it.each([
      [{ add: 0.1 }, 'names no titles'],
      [{ tags: ['original'] }, 'does nothing to its titles'],
    ])('%j %s', (entry, problem) =>
      expect(boost.mistakes!({ business: [entry] } as never)).toMatchObject([
        { path: ['business', 0], problem },
      ]),
    );
  });

  it('takes more from a popular title', () => {
    const [first, second, fresh] = scores({ popularityPenalty: 0.5 });
    const { popularity } = models.trending;
    expect(first).toBeCloseTo(0.3 - 0.1 * popularity[0]!, 3);
    expect(second).toBeCloseTo(0.2 - 0.1 * popularity[1]!, 3);
    expect(fresh).toBeCloseTo(0.1, 3);
  });
});
