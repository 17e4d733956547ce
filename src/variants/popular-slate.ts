import { finishedTitles } from '../ranking/continuation.ts';
import type { Models } from '../ranking/models.ts';
import type { Viewer } from '../ranking/viewer.ts';
import { type Slate, SOURCES } from './stage.ts';

const POPULARITY = SOURCES.indexOf('popularity');
const orders = new WeakMap<Models, Int32Array>();

/**
 * The last step of the fallback ladder: what trends, then everything else by popularity, without titles the viewer has
 * finished. Where nothing but finished titles is left they fill the rest, so it has min(k, catalogue size) slots.
 */
export function popularSlate(models: Models, viewer: Viewer, k: number): Slate {
  const slots = Math.min(k, models.catalogue.size);
  const order = popularOrder(models);
  const finished = finishedTitles(viewer, models.catalogue);
  const titles = new Int32Array(slots);
  let filled = 0;
  for (let i = 0; i < order.length && filled < slots; i++) {
    if (!finished.has(order[i]!)) titles[filled++] = order[i]!;
  }
  for (let i = 0; i < order.length && filled < slots; i++) {
    if (finished.has(order[i]!)) titles[filled++] = order[i]!;
  }
  return {
    titles,
    scores: Float32Array.from(titles, (title) => models.trending.score[title]!),
    sources: new Uint8Array(slots).fill(POPULARITY),
    propensities: new Float32Array(slots).fill(1),
    because: new Int32Array(slots).fill(-1),
  };
}

/** Every row of the catalogue, once per models version: the trending ones first. */
function popularOrder(models: Models): Int32Array {
  const cached = orders.get(models);
  if (cached !== undefined) return cached;
  const { catalogue, trending } = models;
  const trends = new Uint8Array(catalogue.size);
  for (const title of trending.order) trends[title] = 1;
  const rest = Int32Array.from(trends.keys())
    .filter((title) => trends[title] === 0)
    .sort((a, b) => trending.popularity[b]! - trending.popularity[a]! || a - b);
  const order = new Int32Array(trending.order.length + rest.length);
  order.set(trending.order);
  order.set(rest, trending.order.length);
  orders.set(models, order);
  return order;
}
