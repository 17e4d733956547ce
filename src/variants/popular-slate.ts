import { finishedTitles } from '../ranking/continuation.ts';
import type { Models } from '../ranking/models.ts';
import { popularTitles } from '../ranking/orders.ts';
import type { Viewer } from '../ranking/viewer.ts';
import { type Slate, SOURCES } from './stage.ts';

const POPULARITY = SOURCES.indexOf('popularity');

/**
 * The last step of the fallback ladder: what trends, then everything else by popularity, without titles the viewer has
 * finished. Where nothing but finished titles is left they fill the rest, so it has min(k, catalogue size) slots.
 */
export function popularSlate(models: Models, viewer: Viewer, k: number): Slate {
  const { catalogue, trending } = models;
  const orders = [trending.order, popularTitles(trending)];
  const finished = finishedTitles(viewer, catalogue);
  const chosen = new Set<number>();
  const slots = Math.min(k, catalogue.size);
  for (const spared of [finished, new Set<number>()]) {
    for (const order of orders) {
      for (let i = 0; i < order.length && chosen.size < slots; i++) {
        if (!spared.has(order[i]!)) chosen.add(order[i]!);
      }
    }
  }
  const titles = Int32Array.from(chosen);
  return {
    titles,
    scores: Float32Array.from(titles, (title) => trending.score[title]!),
    sources: new Uint8Array(slots).fill(POPULARITY),
    propensities: new Float32Array(slots).fill(1),
    because: new Int32Array(slots).fill(-1),
  };
}
