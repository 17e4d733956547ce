import type { Models } from '../ranking/models.ts';
import { scorePairs } from '../ranking/score-pairs.ts';
import { createTaste, readTaste, type Taste } from '../ranking/taste.ts';
import type { Work } from './stage.ts';

/**
 * What the viewer's history says, with the columns of pair scores filled. Done once per request, when
 * the first stage asks: a pipeline that ranks by popularity alone does not pay for it. Reads the history as it is now,
 * so that a watch is felt in the next slate even where the candidates were precomputed before it.
 */
export function pairScores({ request, candidates }: Work, models: Models): Taste {
  const { ials, content } = models;
  let { taste } = candidates;
  if (candidates.scored && taste !== undefined) return taste;
  if (taste?.collaborative.length !== ials.factors || taste.content.length !== content.dims) {
    taste = createTaste(models);
    candidates.taste = taste;
  }
  readTaste(taste, models, request.viewer);
  scorePairs(candidates, models, request.viewer, taste, candidates.titles, candidates.count);
  candidates.scored = true;
  return taste;
}
