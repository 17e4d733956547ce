import { describe, expect, it } from 'vitest';
import { popularTitles } from '../../../src/ranking/orders.ts';
import { retrieveLists } from '../../../src/ranking/retrieve.ts';
import { popularSlate } from '../../../src/variants/popular-slate.ts';
import { type RankingRequest, SOURCES, type Work } from '../../../src/variants/stage.ts';
import { candidates } from '../../../src/variants/stages/candidates.ts';
import { createWork } from '../../../src/variants/work.ts';
import { viewerOf } from '../../ranking/fixtures.ts';
import { NOW, requestOf, smallModels, smallModelsWithItems } from '../fixtures.ts';

const models = smallModels();

function collect(sources: readonly object[], change: Partial<RankingRequest> = {}): Work {
  const work = createWork(requestOf(change));
  candidates.make({ sources } as never).run([work], models);
  return work;
}

/** What quotas are filled up with. */
const filling = (count: number) => [...popularTitles(models.trending).subarray(0, count)];
const titlesOf = ({ candidates: { titles, count } }: Work) => [...titles.subarray(0, count)];
const sourcesOf = ({ candidates: { source, count } }: Work) =>
  [...source.subarray(0, count)].map((row) => SOURCES[row]);

describe('candidates', () => {
  const viewer = viewerOf([2, 4, 6, 8]);

  it.each([
    ['trending', 'trending', models.trending.order],
    ['popularity', 'popularity', popularTitles(models.trending)],
  ])('takes %s in its order', (_, source, order) => {
    const work = collect([{ [source]: 6 }]);
    expect(titlesOf(work)).toEqual([...order.subarray(0, 6)]);
    expect(sourcesOf(work)).toEqual(Array(6).fill(source));
    const { score } = work.candidates;
    for (let i = 1; i < 6; i++) expect(score[i]!).toBeLessThan(score[i - 1]!);
  });

  it('fills quotas in declared order and counts a title for its first source', () => {
    const lists = retrieveLists(models, viewer, 30);
    const work = collect([{ ials: 5 }, { content: 5 }, { trending: 4 }], { viewer, lists });
    expect(sourcesOf(work)).toEqual([
      ...Array(5).fill('ials'),
      ...Array(5).fill('content'),
      ...Array(4).fill('trending'),
    ]);
    expect(titlesOf(work).slice(0, 5)).toEqual([...lists.ials.titles.subarray(0, 5)]);
    expect(new Set(titlesOf(work)).size).toBe(14);
  });

  it('computes lists from the history where none were stored', () => {
    const stored = collect([{ ials: 5 }, { content: 5 }], {
      viewer,
      lists: retrieveLists(models, viewer, 30),
    });
    expect(titlesOf(collect([{ ials: 5 }, { content: 5 }], { viewer }))).toEqual(titlesOf(stored));
  });

  describe.each(['itemKnn', 'ease'] as const)('%s', (source) => {
    const rich = smallModelsWithItems();
    const run = (change: Partial<RankingRequest>, by = rich): Work => {
      const work = createWork(requestOf({ viewer, ...change }));
      candidates.make({ sources: [{ [source]: 6 }, { trending: 4 }] } as never).run([work], by);
      return work;
    };

    it('is taken in its order, from stored lists or the history alike', () => {
      const lists = retrieveLists(rich, viewer, 30);
      const work = run({ lists });
      expect(titlesOf(work).slice(0, 6)).toEqual([...lists[source]!.titles.subarray(0, 6)]);
      expect(sourcesOf(work)).toEqual([...Array(6).fill(source), ...Array(4).fill('trending')]);
      expect(titlesOf(run({}))).toEqual(titlesOf(work));
      // Fans of even titles: so is what they are offered.
      expect(
        titlesOf(work)
          .slice(0, 6)
          .filter((title) => title % 2 === 1),
      ).toEqual([]);
    });

    it('that was not trained fails in plain words', () => {
      expect(() => run({}, models)).toThrow(`${source} was not trained for these models`);
    });
  });

  it('leaves out what was finished since the lists were made', () => {
    const lists = retrieveLists(models, viewer, 30);
    const watched = lists.ials.titles.find((title) => models.catalogue.episodes[title] === 1)!;
    const later = viewerOf([2, 4, 6, 8, watched]);
    expect(titlesOf(collect([{ ials: 5 }], { viewer, lists }))).toContain(watched);
    expect(titlesOf(collect([{ ials: 5 }], { viewer: later, lists }))).not.toContain(watched);
  });

  it('continues series in progress, the latest first, whatever stands before it', () => {
    // 8, 16 and 24 have three episodes each; 24 is finished.
    const watcher = viewerOf([24, 8, 24, 2, 16, 8, 24]);
    const work = collect([{ trending: 30 }, { continuation: 10 }], { viewer: watcher });
    expect(titlesOf(work).slice(0, 2)).toEqual([8, 16]);
    expect(sourcesOf(work).slice(0, 3)).toEqual(['continuation', 'continuation', 'trending']);
    expect(titlesOf(work)).not.toContain(24);
  });

  it('offers onboarding picks and titles like them until the fifth watch', () => {
    const picks = [10, 11];
    const unknown = collect([{ onboarding: 4 }], {
      viewer: viewerOf([2], { picks: [9999, ...picks] }),
      k: 4,
    });
    expect(titlesOf(unknown).slice(0, 2)).toEqual(picks);
    const few = collect([{ onboarding: 4 }], { viewer: viewerOf([2], { picks }), k: 4 });
    expect(titlesOf(few).slice(0, 2)).toEqual(picks);
    expect(sourcesOf(few)).toEqual(Array(4).fill('onboarding'));
    const more = collect([{ onboarding: 4 }], { viewer: viewerOf([1, 2, 3, 4, 5], { picks }), k: 4 });
    expect(sourcesOf(more)).toEqual(Array(4).fill('popularity'));
  });

  it('offers new titles nobody watched, for as long as told', () => {
    // Titles 36 to 39 came two to five days ago; without a history the newest is first.
    expect(titlesOf(collect([{ new: 6 }]))).toEqual([36, 37, 38, 39, ...filling(2)]);
    const week = collect([{ new: { quota: 2, days: 3.5 } }], { k: 3 });
    expect(titlesOf(week)).toEqual([36, 37, ...filling(1)]);
    expect(sourcesOf(week)).toEqual(['new', 'new', 'popularity']);
    // To the millisecond: from the moment it came.
    const { addedAt } = models.catalogue;
    expect(titlesOf(collect([{ new: 1 }], { at: addedAt[36]!, k: 1 }))).toEqual([36]);
    expect(titlesOf(collect([{ new: 1 }], { at: addedAt[36]! - 1, k: 1 }))).toEqual([37]);
  });

  describe('asked for a country, an hour or a group', () => {
    const rich = smallModels({
      trending: {
        ...models.trending,
        countries: new Map([['NO', Int32Array.of(30, 31, 32)]]),
        hours: [0, 1, 2, 3, 4, 5].map((band) => Int32Array.of(band, 20)),
      },
      demographics: {
        watches: new Float32Array(40).fill(1),
        countries: new Map([['NO', Float32Array.from({ length: 40 }, (_, title) => (title === 33 ? 2 : 0))]]),
        ageGroups: new Map([
          ['55+', Float32Array.from({ length: 40 }, (_, title) => (title === 34 ? 1 : 0))],
        ]),
      },
    });
    const run = (source: object, change: Partial<RankingRequest>, by = rich): Work => {
      const work = createWork(requestOf({ k: 3, ...change }));
      candidates.make({ sources: [source] } as never).run([work], by);
      return work;
    };
    const country = { trending: { quota: 3, by: 'country' } };
    const hour = { trending: { quota: 2, by: 'hour' } };
    const group = { popularity: { quota: 3, by: 'group' } };
    const old = { ...viewerOf([]), ageGroup: '55+' as const };

    it.each<[string, object, Partial<RankingRequest>, number[], string]>([
      ['a known country', country, { country: 'NO' }, [30, 31, 32], 'countryTrending'],
      ['eight in the evening', hour, { at: NOW, k: 2 }, [5, 20], 'hourTrending'],
      ['three in the morning', hour, { at: NOW + 7 * 3_600_000, k: 2 }, [0, 20], 'hourTrending'],
      ['a country and an age', group, { country: 'NO', viewer: old }, [33, 34, 0], 'groupPopularity'],
      ['an age', group, { country: 'XX', viewer: old }, [34, 0, 1], 'groupPopularity'],
    ])('takes what leads there: %s', (_, source, change, titles, name) => {
      const work = run(source, change);
      expect(titlesOf(work)).toEqual(titles);
      expect(new Set(sourcesOf(work))).toEqual(new Set([name]));
    });

    it.each([
      ['an unknown country', country, rich, [...models.trending.order.subarray(0, 3)]],
      ['models that do not tell countries', country, models, [...models.trending.order.subarray(0, 3)]],
      ['models that do not tell users', group, models, filling(3)],
    ])('takes what leads with everyone: %s', (_, source, by, titles) =>
      expect(titlesOf(run(source, { country: 'US' }, by))).toEqual(titles),
    );
  });

  describe('rules of the catalogue', () => {
    const catalogue = {
      ...models.catalogue,
      maturity: Uint8Array.from({ length: 40 }, (_, title) => (title % 2 === 0 ? 16 : 0)),
      availableIn: Array.from({ length: 40 }, (_, title) => (title % 4 === 1 ? new Set(['DE']) : undefined)),
    };
    const ruled = { ...models, catalogue };
    const young = { ...viewer, ageGroup: '13-17' as const };

    it.each([
      ['in every source', [{ ials: 5 }, { content: 5 }, { trending: 5 }, { new: 5 }]],
      ['in what fills up', [{ continuation: 5 }]],
    ])('hold %s, and slots are not left empty for them', (_, sources) => {
      const work = createWork(requestOf({ viewer: young, k: 10 }));
      candidates.make({ sources } as never).run([work], ruled);
      expect(titlesOf(work)).toHaveLength(10);
      expect(titlesOf(work).filter((title) => title % 4 !== 3)).toEqual([]);
    });

    it.each<[string, object, Partial<RankingRequest>, (title: number) => boolean]>([
      [
        'a ban of titles',
        { ban: { titles: ['t-0', 't-3', 'unknown'] } },
        {},
        (title) => title !== 0 && title !== 3,
      ],
      ['a ban of tags', { ban: { tags: ['b', 'z'] } }, {}, (title) => title % 3 !== 1],
      ['a ban of genres', { ban: { genres: ['genre2', 'Opera'] } }, {}, (title) => title % 5 !== 2],
      [
        'any of them',
        { ban: { titles: ['t-4'], genres: ['genre2'] } },
        {},
        (title) => title % 5 !== 2 && title !== 4,
      ],
      [
        'a page for children',
        { maturity: 12 },
        { viewer: { ...viewer, ageGroup: '55+' } },
        (title) => title % 2 !== 0,
      ],
      ['an unknown age', { unknownAge: 12 }, {}, (title) => title % 2 !== 0],
      [
        'an unknown age that is known',
        { unknownAge: 12 },
        { viewer: { ...viewer, ageGroup: '55+' } },
        () => true,
      ],
      ['nothing', {}, {}, () => true],
    ])('are joined by those of the pipeline: %s', (_, rules, change, isOffered) => {
      const tagged = { ...ruled.catalogue, tags: Array.from({ length: 40 }, (_, i) => ['abc'[i % 3]!, 'x']) };
      const stage = candidates.make({ sources: [{ popularity: 40 }], rules } as never);
      const work = createWork(requestOf({ country: 'DE', k: 40, ...change }));
      stage.run([work], { ...ruled, catalogue: tagged });
      const all = Array.from({ length: 40 }, (_, title) => title);
      // The viewer finished four titles, which come last.
      expect(titlesOf(work).sort((a, b) => a - b)).toEqual(all.filter(isOffered));
      const slate = popularSlate({ ...ruled, catalogue: tagged }, work.request, [stage.limits!(tagged)]);
      expect([...slate.titles].sort((a, b) => a - b)).toEqual(all.filter(isOffered));
    });

    it('leave nothing where nothing may be shown', () => {
      const work = createWork(requestOf({ viewer: young }));
      const closed = {
        ...ruled,
        catalogue: { ...catalogue, availableUntil: new Float64Array(40).fill(NOW) },
      };
      candidates.make({ sources: [{ trending: 10 }] } as never).run([work], closed);
      expect(work.candidates.count).toBe(0);
    });
  });

  it('gives popular titles to a viewer of whom nothing is known', () => {
    const work = collect([{ ials: 6 }, { content: 4 }]);
    expect(sourcesOf(work)).toEqual(Array(10).fill('popularity'));
    expect(titlesOf(work)).toEqual([...popularTitles(models.trending).subarray(0, 10)]);
  });

  it('offers watched titles again rather than too few', () => {
    const everything = viewerOf(Array.from({ length: 120 }, (_, i) => i % 40));
    const work = collect([{ ials: 6 }], { viewer: everything, k: 8 });
    expect(new Set(titlesOf(work)).size).toBe(8);
  });

  it('serves a batch of viewers each from their own history', () => {
    const stage = candidates.make({ sources: [{ popularity: 40 }] } as never);
    const works = [viewerOf([1]), viewerOf([3])].map((one) => createWork(requestOf({ viewer: one })));
    stage.run(works, models);
    expect(titlesOf(works[0]!)).not.toContain(1);
    expect(titlesOf(works[0]!)).toContain(3);
    expect(titlesOf(works[1]!)).not.toContain(3);
    expect(titlesOf(works[1]!)).toContain(1);
  });
});
