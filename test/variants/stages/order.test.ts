import { describe, expect, it } from 'vitest';
import type { RankingRequest, Work } from '../../../src/variants/stage.ts';
import { blend } from '../../../src/variants/stages/blend.ts';
import { boost } from '../../../src/variants/stages/boost.ts';
import { viewerOf } from '../../ranking/fixtures.ts';
import { NOW, smallModels, workOf } from '../fixtures.ts';

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
