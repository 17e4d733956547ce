import { buildContent } from '../../src/ranking/content.ts';
import { trainEase } from '../../src/ranking/ease.ts';
import { generator } from '../../src/ranking/generator.ts';
import { trainIals } from '../../src/ranking/ials.ts';
import { trainItemKnn } from '../../src/ranking/item-knn.ts';
import type { Models } from '../../src/ranking/models.ts';
import { buildTrending } from '../../src/ranking/trending.ts';
import type { Candidates, RankingRequest, Work } from '../../src/variants/stage.ts';
import { createCandidates, createWork } from '../../src/variants/work.ts';
import { catalogueOf, twoCommunities, viewerOf } from '../ranking/fixtures.ts';

export const NOW = Date.UTC(2026, 9, 1, 20);
const DAY = 86_400_000;

/** Forty titles of five genres, every eighth a series of three episodes; even and odd titles have fans of their own. */
export function smallModels(change: Partial<Models> = {}): Models {
  const titles = 40;
  const films = Array.from({ length: titles }, (_, i) => ({
    genres: [`genre${i % 5}`],
    text: `${i % 2 === 0 ? 'space ship star' : 'court judge trial'} w${i % 7} v${i % 3}`,
    episodes: i % 8 === 0 ? 3 : 1,
  }));
  const base = catalogueOf(films);
  // The last four titles are new.
  const addedAt = Float64Array.from(films, (_, i) => NOW - (i < 36 ? 100 : i - 34) * DAY);
  const catalogue = { ...base, addedAt };
  const watches = twoCommunities(60, 36, generator(1));
  const interactions = {
    ...watches,
    at: watches.at.map((_, i) => NOW - 10 * DAY + (i * 9 * DAY) / watches.count),
  };
  return {
    version: 'm1',
    catalogue,
    ials: trainIals(interactions, titles, { factors: 8, iterations: 4 }),
    content: buildContent(catalogue, { dims: 6 }),
    trending: buildTrending(interactions, titles, NOW),
    scorers: new Map(),
    ...change,
  };
}

/** The same with the item models that are trained on demand. */
export function smallModelsWithItems(): Models {
  const watches = twoCommunities(60, 36, generator(1));
  return smallModels({
    itemKnn: trainItemKnn(watches, 40, { neighbours: 12 }),
    ease: trainEase(watches, 40, { lambda: 10 }),
  });
}

export function requestOf(change: Partial<RankingRequest> = {}): RankingRequest {
  return {
    requestId: '019a3b6e-0000-7000-8000-000000000001',
    viewer: viewerOf([]),
    lists: undefined,
    surface: 'homepage',
    device: 'tv',
    country: 'US',
    at: NOW,
    k: 5,
    ...change,
  };
}

/** Work whose candidates are given: [title, score] each. */
export function workOf(
  rows: readonly (readonly [title: number, score: number])[],
  change?: Partial<RankingRequest>,
): Work {
  const work = createWork(requestOf({ k: rows.length, ...change }));
  const candidates: Candidates = createCandidates(rows.length);
  candidates.count = rows.length;
  rows.forEach(([title, score], i) => {
    candidates.titles[i] = title;
    candidates.score[i] = score;
  });
  work.candidates = candidates;
  return work;
}
