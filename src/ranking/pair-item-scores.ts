import type { EaseModel, ItemKnnModel } from './models.ts';
import { positiveTitles } from './positives.ts';
import type { Viewer } from './viewer.ts';

/** By catalogue row the place of a title within an EASE model, -1 where it has no weights. Made once per model. */
const easePlaces = new WeakMap<EaseModel, Int32Array>();

function placesOf(model: EaseModel): Int32Array {
  let places = easePlaces.get(model);
  if (places === undefined) {
    places = new Int32Array(model.size).fill(-1);
    for (let place = 0; place < model.rows.length; place++) places[model.rows[place]!] = place;
    easePlaces.set(model, places);
  }
  return places;
}

/**
 * The scores that `scoreEase` gives to some titles only: history x titles additions instead of history x catalogue.
 * @param out the first `count` entries are written, parallel to `titles`
 */
export function easeScores(
  out: Float32Array,
  model: EaseModel,
  viewer: Viewer,
  titles: Int32Array,
  count: number,
): void {
  const places = placesOf(model);
  const order = model.rows.length;
  const { weights } = model;
  out.fill(0, 0, count);
  for (const watched of positiveTitles(viewer, model.size, model.least)) {
    const place = places[watched]!;
    if (place < 0) continue;
    const from = place * order;
    for (let i = 0; i < count; i++) {
      const to = places[titles[i]!]!;
      if (to >= 0) out[i] = out[i]! + weights[from + to]!;
    }
  }
}

/** What each title of the catalogue gained, zero between calls. */
let gained = new Float32Array(0);

/**
 * The scores that `scoreItemKnn` gives to some titles only.
 * @param out the first `count` entries are written, parallel to `titles`
 */
export function itemKnnScores(
  out: Float32Array,
  model: ItemKnnModel,
  viewer: Viewer,
  titles: Int32Array,
  count: number,
): void {
  const { starts, titles: neighbours, similarities, least } = model;
  const size = starts.length - 1;
  if (gained.length < size) gained = new Float32Array(size);
  const history = positiveTitles(viewer, size, least);
  for (const watched of history)
    for (let entry = starts[watched]!; entry < starts[watched + 1]!; entry++) {
      const title = neighbours[entry]!;
      gained[title] = gained[title]! + similarities[entry]!;
    }
  for (let i = 0; i < count; i++) out[i] = gained[titles[i]!]!;
  for (const watched of history)
    for (let entry = starts[watched]!; entry < starts[watched + 1]!; entry++) gained[neighbours[entry]!] = 0;
}
