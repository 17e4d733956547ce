import { describe, expect, it } from 'vitest';
import { popularTitles } from '../../../src/ranking/orders.ts';
import { retrieveLists } from '../../../src/ranking/retrieve.ts';
import { type RankingRequest, SOURCES, type Work } from '../../../src/variants/stage.ts';
import { candidates } from '../../../src/variants/stages/candidates.ts';
import { createWork } from '../../../src/variants/work.ts';
import { viewerOf } from '../../ranking/fixtures.ts';
import { requestOf, smallModels, smallModelsWithItems } from '../fixtures.ts';

const models = smallModels();

function collect(sources: readonly object[], change: Partial<RankingRequest> = {}): Work {
  const work = createWork(requestOf(change));
  candidates.make({ sources } as never).run([work], models);
  return work;
}

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
