import type { Models } from '../ranking/models.ts';
import { popularFill } from '../ranking/popular-fill.ts';
import type { Limits } from '../ranking/rules.ts';
import { type RankingRequest, type Slate, SOURCES } from './stage.ts';

const POPULARITY = SOURCES.indexOf('popularity');

/**
 * The last step of the fallback ladder: what trends, then everything else by popularity, without titles the viewer has
 * finished. Where nothing but finished titles is left they fill the rest, so it has min(k, titles that may be shown) slots.
 *
 * @param limits what the pipeline that failed had declared: a title that may not be shown is not shown on any step
 */
export function popularSlate(
  models: Models,
  request: Pick<RankingRequest, 'viewer' | 'country' | 'at' | 'k'>,
  limits: readonly Limits[] = [],
): Slate {
  const titles = popularFill(models, request, limits, request.k);
  const slots = titles.length;
  return {
    titles,
    scores: Float32Array.from(titles, (title) => models.trending.score[title]!),
    sources: new Uint8Array(slots).fill(POPULARITY),
    propensities: new Float32Array(slots).fill(1),
    because: new Int32Array(slots).fill(-1),
  };
}
