import type { ContentModel, Models, TrendingModel } from './models.ts';
import { nearest } from './nearest.ts';
import type { Viewer } from './viewer.ts';

/** Watches after which onboarding picks say nothing more. */
const ONBOARDING_WATCHES = 5;
/** Titles similar to the picks that are looked up once per set of picks. */
const SIMILAR = 200;

const popularOrders = new WeakMap<Float32Array, Int32Array>();

/** Every row by overall popularity, best first, ties by row. Sorted once, however often what trends is counted anew. */
export function popularTitles({ popularity }: Pick<TrendingModel, 'popularity'>): Int32Array {
  let order = popularOrders.get(popularity);
  if (order === undefined) {
    order = Int32Array.from(popularity, (_, title) => title).sort(
      (a, b) => popularity[b]! - popularity[a]! || a - b,
    );
    popularOrders.set(popularity, order);
  }
  return order;
}

const NONE = new Int32Array(0);
const pickOrders = new WeakMap<ContentModel, WeakMap<readonly number[], Int32Array>>();

/** The titles picked at onboarding, then those most like them; none for a viewer with 5 watches. Found once per set of picks. */
export function onboardingTitles(models: Pick<Models, 'content'>, viewer: Viewer): Int32Array {
  const { picks } = viewer;
  if (picks.length === 0 || viewer.watchCount >= ONBOARDING_WATCHES) return NONE;
  let ofModel = pickOrders.get(models.content);
  if (ofModel === undefined) {
    ofModel = new WeakMap();
    pickOrders.set(models.content, ofModel);
  }
  let order = ofModel.get(picks);
  if (order === undefined) {
    const { dims, vectors } = models.content;
    const centre = new Float32Array(dims);
    const known = picks.filter((title) => title >= 0 && title * dims < vectors.length);
    for (const title of known) for (let d = 0; d < dims; d++) centre[d]! += vectors[title * dims + d]!;
    const similar = nearest(vectors, centre, SIMILAR, new Set(known)).titles;
    order = Int32Array.from([...known, ...similar]);
    ofModel.set(picks, order);
  }
  return order;
}
