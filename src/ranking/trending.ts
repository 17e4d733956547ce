import { sortedRows } from './best-rows.ts';
import type { Interactions } from './catalogue.ts';
import type { TrendingModel } from './models.ts';
import { popularTitles } from './orders.ts';

const DAY = 86_400_000;

export interface TrendingParameters {
  readonly windowDays: number;
  /** Age at which a watch counts half; Infinity: all count alike. */
  readonly halfLifeDays: number;
}

export const TRENDING_DEFAULTS: TrendingParameters = { windowDays: 7, halfLifeDays: 2 };

/** Average watches that a title's own are joined by when its quality is judged. */
const QUALITY_PRIOR = 5;

/** For data whose users are not there at one time, so that no week is busy: popularity over all time. */
export const TIMELESS: TrendingParameters = {
  windowDays: Number.POSITIVE_INFINITY,
  halfLifeDays: Number.POSITIVE_INFINITY,
};

/**
 * What trends at `asOf`: watches of the 7 days before it, each counting 0.5^(age / 2 days), unless told otherwise; and how popular titles were over all
 * time before it. Later interactions are not looked at. `order` holds every row: ties by popularity, then by row, so that
 * a quiet week still yields a full list.
 *
 * @param titles size of the catalogue
 * @param asOf epoch ms
 */
export function buildTrending(
  interactions: Interactions,
  titles: number,
  asOf: number,
  parameters: TrendingParameters = TRENDING_DEFAULTS,
): TrendingModel {
  const window = parameters.windowDays * DAY;
  const halfLife = parameters.halfLifeDays * DAY;
  const score = new Float32Array(titles);
  const popularity = new Float32Array(titles);
  const quality = new Float32Array(titles);
  let watches = 0;
  let weight = 0;
  for (let entry = 0; entry < interactions.count; entry++) {
    const age = asOf - interactions.at[entry]!;
    if (age < 0) continue;
    const title = interactions.titles[entry]!;
    popularity[title]!++;
    quality[title]! += interactions.weights[entry]!;
    watches++;
    weight += interactions.weights[entry]!;
    if (age < window) score[title]! += 0.5 ** (age / halfLife);
  }
  const average = watches > 0 ? weight / watches : 0;
  for (let title = 0; title < titles; title++) {
    const own = popularity[title]!;
    quality[title] = (quality[title]! - own * average) / (own + QUALITY_PRIOR);
    popularity[title] = Math.log1p(own);
  }
  scaleToOne(score);
  scaleToOne(popularity);
  return { asOf, order: sortedRows(score, popularTitles({ popularity })), score, popularity, quality };
}

/** Divides by the largest value, unless all are 0. */
export function scaleToOne(values: Float32Array): void {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, value);
  if (largest > 0) for (let row = 0; row < values.length; row++) values[row]! /= largest;
}
