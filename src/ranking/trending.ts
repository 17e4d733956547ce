import type { Interactions } from './catalogue.ts';
import type { TrendingModel } from './models.ts';

const DAY = 86_400_000;
const WINDOW = 7 * DAY;
/** Age at which a watch counts half. */
const HALF_LIFE = 2 * DAY;

/**
 * What trends at `asOf`: watches of the 7 days before it, each counting 0.5^(age / 2 days); and how popular titles were over all
 * time before it. Later interactions are not looked at. `order` holds every row: ties by popularity, then by row, so that
 * a quiet week still yields a full list.
 *
 * @param titles size of the catalogue
 * @param asOf epoch ms
 */
export function buildTrending(interactions: Interactions, titles: number, asOf: number): TrendingModel {
  const score = new Float32Array(titles);
  const popularity = new Float32Array(titles);
  for (let entry = 0; entry < interactions.count; entry++) {
    const age = asOf - interactions.at[entry]!;
    if (age < 0) continue;
    const title = interactions.titles[entry]!;
    popularity[title]!++;
    if (age < WINDOW) score[title]! += 0.5 ** (age / HALF_LIFE);
  }
  for (let title = 0; title < titles; title++) popularity[title] = Math.log1p(popularity[title]!);
  scaleToOne(score);
  scaleToOne(popularity);
  const order = Int32Array.from({ length: titles }, (_, title) => title).sort(
    (a, b) => score[b]! - score[a]! || popularity[b]! - popularity[a]! || a - b,
  );
  return { asOf, order, score, popularity };
}

function scaleToOne(values: Float32Array): void {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, value);
  if (largest > 0) for (let row = 0; row < values.length; row++) values[row]! /= largest;
}
