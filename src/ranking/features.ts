import { AGE_GROUPS, DEVICES, type Device } from './catalogue.ts';
import type { Models } from './models.ts';
import type { Taste } from './taste.ts';
import type { Viewer } from './viewer.ts';

/** What features are computed from. The same functions run in training and in serving. */
export type FeatureModels = Pick<Models, 'catalogue' | 'ials' | 'content' | 'trending' | 'itemKnn' | 'ease'>;

/** Countries with an input of their own; others share one, as do users without a country. Append only. */
export const KNOWN_COUNTRIES = ['US', 'CA', 'GB', 'DE', 'FR', 'BR', 'IN', 'JP'] as const;

const GENRES = 32;
const DAY = 86_400_000;
const HOUR = 3_600_000;

const USER_LAYOUT = [
  ['activity', 1],
  ['is_new', 1],
  ['has_picks', 1],
  ['genre_taste', GENRES],
  ['country', KNOWN_COUNTRIES.length + 2],
  ['age_group', AGE_GROUPS.length],
  ['device', DEVICES.length],
  ['hour', 4],
  ['day', 7],
] as const;

const ITEM_LAYOUT = [
  ['genres', GENRES],
  ['recency', 1],
  ['is_new', 1],
  ['year', 1],
  ['has_year', 1],
  ['popularity', 1],
  ['trending', 1],
  ['minutes', 1],
  ['is_series', 1],
  ['long_tail', 1],
  ['quality', 1],
] as const;

/** `writePairFeatures` writes them in this order. */
const PAIR_LAYOUT = [
  ['collaborative', 1],
  ['collaborative_by_activity', 1],
  ['content', 1],
  ['genre_affinity', 1],
  ['recent_genre_share', 1],
  ['trending', 1],
  ['popularity', 1],
  ['in_progress', 1],
  ['collaborative_scaled', 1],
  ['popularity_gap', 1],
  ['ease', 1],
  ['item_knn', 1],
] as const;

/** Names and widths of the features of each kind, in their order. */
export const FEATURE_LAYOUTS = { user: USER_LAYOUT, item: ITEM_LAYOUT, pair: PAIR_LAYOUT } as const;

/** Numbers per user and moment, per title, and per user-title pair. */
export const USER_WIDTH = width(USER_LAYOUT);
export const ITEM_WIDTH = width(ITEM_LAYOUT);
export const PAIR_WIDTH = width(PAIR_LAYOUT);

/** Raised when a feature's meaning changes while the layout stays. */
const FEATURE_VERSION = 2;

/** Name, version and layout hash: a model made for another schema is refused when it is loaded. */
export const FEATURE_SCHEMA = `two-tower-features/${FEATURE_VERSION}:${fingerprint(
  JSON.stringify([USER_LAYOUT, ITEM_LAYOUT, PAIR_LAYOUT]),
)}`;

/** Where a request comes from and when: the part of the user features that is not the viewer's. */
export interface Moment {
  /** ISO 3166 alpha-2, '' for unknown. */
  readonly country: string;
  readonly device: Device;
  /** Epoch ms; hour and weekday are UTC. */
  readonly at: number;
}

/** Writes USER_WIDTH numbers at `out[offset]`. `taste` must have been read from `viewer` as of the moment. */
export function writeUserFeatures(
  out: Float32Array,
  offset: number,
  viewer: Viewer,
  moment: Moment,
  taste: Taste,
): void {
  out.fill(0, offset, offset + USER_WIDTH);
  let at = offset;
  out[at++] = taste.activity;
  out[at++] = taste.watchCount === 0 ? 1 : 0;
  out[at++] = viewer.picks.length > 0 ? 1 : 0;
  out.set(taste.genres, at);
  at += GENRES;
  out[at + countryRow(moment.country)] = 1;
  at += KNOWN_COUNTRIES.length + 2;
  out[at + Math.max(0, AGE_GROUPS.indexOf(viewer.ageGroup))] = 1;
  at += AGE_GROUPS.length;
  out[at + DEVICES.indexOf(moment.device)] = 1;
  at += DEVICES.length;
  const hour = Math.floor(moment.at / HOUR) % 24;
  for (let wave = 0; wave < 4; wave++) out[at + wave] = HOUR_WAVES[hour * 4 + wave]!;
  at += 4;
  out[at + (Math.floor(moment.at / DAY) % 7)] = 1;
}

/** Writes ITEM_WIDTH numbers at `out[offset]`. Ages are as of the trending model, so that items can be precomputed. */
function writeItemFeatures(
  out: Float32Array,
  offset: number,
  models: Pick<FeatureModels, 'catalogue' | 'trending'>,
  title: number,
): void {
  const { catalogue, trending } = models;
  const mask = catalogue.genreMask[title]!;
  let at = offset;
  for (let g = 0; g < GENRES; g++) out[at++] = (mask >>> g) & 1;
  const added = catalogue.addedAt[title]!;
  const ageDays = added === 0 ? Number.POSITIVE_INFINITY : Math.max(0, (trending.asOf - added) / DAY);
  out[at++] = Math.exp(-ageDays / 30);
  out[at++] = ageDays < 7 ? 1 : 0;
  const year = catalogue.year[title]!;
  out[at++] = year === 0 ? 0 : (year - 1990) / 30;
  out[at++] = year === 0 ? 0 : 1;
  out[at++] = trending.popularity[title]!;
  out[at++] = trending.score[title]!;
  out[at++] = Math.log1p(catalogue.minutes[title]!) / 5;
  out[at++] = catalogue.episodes[title]! > 1 ? 1 : 0;
  out[at++] = catalogue.longTail[title]!;
  out[at] = trending.quality[title]!;
}

/** Item features of the whole catalogue: size x ITEM_WIDTH, row-major. */
export function itemFeatures(models: Pick<FeatureModels, 'catalogue' | 'trending'>): Float32Array {
  const out = new Float32Array(models.catalogue.size * ITEM_WIDTH);
  for (let title = 0; title < models.catalogue.size; title++) {
    writeItemFeatures(out, title * ITEM_WIDTH, models, title);
  }
  return out;
}

/** Four numbers per hour: the daily and the half-daily wave. */
const HOUR_WAVES = Float32Array.from({ length: 24 * 4 }, (_, i) => {
  const angle = (2 * Math.PI * Math.floor(i / 4) * (i % 4 < 2 ? 1 : 2)) / 24;
  return i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
});

function countryRow(country: string): number {
  if (country === '') return KNOWN_COUNTRIES.length + 1;
  const row = (KNOWN_COUNTRIES as readonly string[]).indexOf(country);
  return row < 0 ? KNOWN_COUNTRIES.length : row;
}

function width(layout: readonly (readonly [string, number])[]): number {
  return layout.reduce((sum, [, size]) => sum + size, 0);
}

/** FNV-1a, 32 bits, as eight hex digits. */
function fingerprint(text: string): string {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  return (state >>> 0).toString(16).padStart(8, '0');
}
