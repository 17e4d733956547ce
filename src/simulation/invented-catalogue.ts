import type { Catalogue } from '../ranking/catalogue.ts';
import { inventName, inventPlace } from './names.ts';
import { exponential, hash, normal, pick, uniform } from './random.ts';
import { GENRES, ROLES, THEMES } from './vocabulary.ts';

/** Dimensions of the space in which viewers and titles meet. */
export const TASTE_DIMS = 24;

/** A catalogue together with what only the world knows of its titles. */
export interface InventedTitles {
  readonly catalogue: Catalogue;
  /** size x TASTE_DIMS, rows of norm 1. */
  readonly tastes: Float32Array;
  /** Standard normal: what a title is worth to anyone. */
  readonly quality: Float32Array;
  /** Share of organic watches before taste, sums to 1. */
  readonly popularity: Float64Array;
}

const DAY = 86_400_000;
/** Popularity falls like 1 / (rank + 50) and faster in the far tail, where the last third has under 1 % of watches. */
const HEAD_OFFSET = 50;
const TAIL_SCALE = 6_000;
const SERIES_SHARE = 0.35;
/** How much the head of popularity favours great genres: 0 not at all, 1 by their share once more. */
const HEAD_GENRES = 1.4;
/**
 * Blockbusters are made in the greatest genres: titles of the smallest start this share of the catalogue further down,
 * others less by the square of how much smaller than the greatest theirs is. The very head is poor in genres, the rest is not.
 */
const HEAD_DELAY = 0.01;

// Purposes of draws about titles.
const RANK = 1;
const KIND = 2;
const LATENT = 3;
const TEXT = 4;
const TIME = 5;

export interface InventOptions {
  readonly seed: number;
  /** Number of titles, at least 1. */
  readonly titles: number;
  /** Epoch ms: the catalogue as it stood then. */
  readonly asOf?: number;
}

/** The start of the shipped experiments, at which the demo's clock stands. */
export const DEMO_START = Date.UTC(2026, 9, 1);

/** Titles with invented names, text, genres and a long tail; the same for the same seed. */
export function inventedCatalogue(options: InventOptions): Catalogue {
  return inventTitles(options).catalogue;
}

/** The directions of a genre or theme in taste space: unit vectors drawn once per seed. */
export function directions(seed: number, count: number, purpose: number): Float32Array {
  const rows = new Float32Array(count * TASTE_DIMS);
  for (let row = 0; row < count; row++) {
    for (let d = 0; d < TASTE_DIMS; d++) rows[row * TASTE_DIMS + d] = normal(seed, row, purpose, d);
    normalise(rows, row);
  }
  return rows;
}

/** Scales one row to norm 1. */
export function normalise(rows: Float32Array, row: number): void {
  let sum = 0;
  const from = row * TASTE_DIMS;
  for (let d = 0; d < TASTE_DIMS; d++) sum += rows[from + d]! ** 2;
  const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0;
  for (let d = 0; d < TASTE_DIMS; d++) rows[from + d] = rows[from + d]! * scale;
}

/** Adds `weight` times row `source` of `from` to row `target` of `to`. */
export function addRow(to: Float32Array, target: number, from: Float32Array, source: number, weight: number) {
  for (let d = 0; d < TASTE_DIMS; d++) {
    const at = target * TASTE_DIMS + d;
    to[at] = to[at]! + weight * from[source * TASTE_DIMS + d]!;
  }
}

/** The catalogue and the world's own knowledge of it. */
export function inventTitles({ seed, titles: size, asOf = DEMO_START }: InventOptions): InventedTitles {
  if (!Number.isInteger(size) || size < 1)
    throw new RangeError(`titles is ${size}; a catalogue needs a whole number of at least 1`);
  const genreVectors = directions(seed, GENRES.length, 10);
  const themeVectors = directions(seed, THEMES.length, 11);
  const shares = GENRES.map((genre) => genre.share);
  const names: string[] = [];
  const text: string[] = [];
  const genreMask = new Uint32Array(size);
  const primaryGenre = new Uint8Array(size);
  const year = new Int16Array(size);
  const addedAt = new Float64Array(size);
  const minutes = new Float32Array(size);
  const episodes = new Uint16Array(size).fill(1);
  const tastes = new Float32Array(size * TASTE_DIMS);
  const taken = new Set<string>();

  const genresOf = Array.from({ length: size }, (_, row) =>
    pickDistinct(seed, row, 1 + Math.floor(2.6 * uniform(seed, row, KIND, 0) ** 1.5), shares),
  );
  const byRank = popularityRanks(
    seed,
    genresOf.map((genres) => shares[genres[0]!]!),
  );
  const quality = new Float32Array(size);
  const popularity = new Float64Array(size);
  let total = 0;
  for (let row = 0; row < size; row++) {
    const rank = byRank[row]!;
    popularity[row] = Math.exp(-rank / TAIL_SCALE) / (rank + HEAD_OFFSET);
    total += popularity[row]!;
    // The popular are better on average, but popularity is far from quality.
    const fame = 1.7 * (1 - (2 * (rank + 0.5)) / size);
    quality[row] = 0.6 * fame + 0.87 * normal(seed, row, RANK, 2);
  }
  for (let row = 0; row < size; row++) popularity[row] = popularity[row]! / total;

  for (let row = 0; row < size; row++) {
    const genres = genresOf[row]!;
    primaryGenre[row] = genres[0]!;
    const themeCount = 1 + (hash(seed, row, KIND, 30) % 3);
    // A genre has themes of its own: two titles of one genre share more than its name.
    const themes = Array.from({ length: themeCount }, (_, turn) =>
      uniform(seed, row, KIND, 40 + turn) < 0.3
        ? (genres[0]! * 7 + (hash(seed, row, KIND, 50 + turn) % 6)) % THEMES.length
        : hash(seed, row, KIND, 60 + turn) % THEMES.length,
    );
    genres.forEach((genre, turn) => {
      genreMask[row] = genreMask[row]! | (1 << genre);
      addRow(tastes, row, genreVectors, genre, turn === 0 ? 0.35 : 0.175);
    });
    for (const theme of themes) addRow(tastes, row, themeVectors, theme, 0.9 / Math.sqrt(themeCount));
    for (let d = 0; d < TASTE_DIMS; d++) {
      const at = row * TASTE_DIMS + d;
      tastes[at] = tastes[at]! + 0.1 * normal(seed, row, LATENT, d);
    }
    normalise(tastes, row);

    const series = uniform(seed, row, KIND, 1) < SERIES_SHARE;
    if (series) episodes[row] = 4 + Math.floor(50 * uniform(seed, row, KIND, 2) ** 2.5);
    minutes[row] = Math.round(
      series ? 22 + 36 * uniform(seed, row, KIND, 3) : 78 + 65 * uniform(seed, row, KIND, 3) ** 1.4,
    );
    const age = uniform(seed, row, TIME, 0) ** 2;
    year[row] = Math.round(2026 - 60 * age * uniform(seed, row, TIME, 1));
    // More came lately than long ago: about one title in seventy entered in the last week.
    addedAt[row] = asOf - Math.round((5 * 365 * uniform(seed, row, TIME, 2) ** 1.3 * DAY) / 60_000) * 60_000;

    names.push(inventName(seed, row, taken));
    text.push(synopsis(seed, row, genres, themes));
  }

  const ids = Array.from({ length: size }, (_, row) => `t-${row}`);
  const catalogue: Catalogue = {
    version: `invented-${seed}-${size}`,
    size,
    ids,
    rowOf: new Map(ids.map((id, row) => [id, row])),
    names,
    genres: GENRES.map((genre) => genre.name),
    genreMask,
    primaryGenre,
    year,
    addedAt,
    minutes,
    episodes,
    text,
    longTail: tailOf(popularity, 0.8),
  };
  return { catalogue, tastes, quality, popularity };
}

/** A popularity rank for each row: the head belongs to the great genres even more than the catalogue does. */
function popularityRanks(seed: number, genreShares: readonly number[]): Int32Array {
  const order = genreShares.map((_, row) => row);
  const greatest = Math.max(...GENRES.map((genre) => genre.share));
  // Near the head, keys grow by 1 / (sum of favours) from one rank to the next.
  const favours = genreShares.reduce((sum, share) => sum + share ** HEAD_GENRES, 0);
  const delay = (HEAD_DELAY * genreShares.length) / favours;
  const key = Float64Array.from(
    genreShares,
    (share, row) =>
      exponential(seed, row, RANK, 0) / share ** HEAD_GENRES + delay * (1 - share / greatest) ** 2,
  );
  order.sort((a, b) => key[a]! - key[b]!);
  const ranks = new Int32Array(order.length);
  order.forEach((row, rank) => {
    ranks[row] = rank;
  });
  return ranks;
}

/** 1 for the rows outside the smallest head that collects `share` of the weight. */
export function tailOf(weight: ArrayLike<number>, share: number): Uint8Array {
  const order = Array.from({ length: weight.length }, (_, row) => row);
  order.sort((a, b) => weight[b]! - weight[a]! || a - b);
  let total = 0;
  for (const row of order) total += weight[row]!;
  const tail = new Uint8Array(weight.length);
  let sum = 0;
  for (const row of order) {
    if (sum >= share * total) tail[row] = 1;
    sum += weight[row]!;
  }
  return tail;
}

function pickDistinct(seed: number, row: number, count: number, shares: readonly number[]): number[] {
  const left = shares.slice();
  const picked: number[] = [];
  for (let turn = 0; turn < count; turn++) {
    const genre = pick(left, uniform(seed, row, KIND, 10 + turn));
    left[genre] = 0;
    picked.push(genre);
  }
  return picked;
}

/** A plot in the words of the title's genres and themes. */
function synopsis(seed: number, row: number, genres: readonly number[], themes: readonly number[]): string {
  let turn = 0;
  const of = (list: readonly string[]) => list[hash(seed, row, TEXT, turn++) % list.length]!;
  const lead = GENRES[genres[0]!]!.words;
  const second = GENRES[genres.at(-1)!]!.words;
  const theme = THEMES[themes[0]!]!;
  const other = THEMES[themes.at(-1)!]!;
  // The same people tend to make titles about the same things.
  const star = inventPlace(seed, themes[0]! * 12 + (hash(seed, row, TEXT, 90) % 12), 900);
  return (
    `${withArticle(of(ROLES), 'An', 'A')} meets ${of(lead)} and ${of(theme)} in ${inventPlace(seed, row, 901)}. ` +
    `Between ${of(theme)} and ${of(other)}, ${withArticle(of(ROLES), 'an', 'a')} faces ${of(second)}, ${of(lead)} and ${of(other)}. ` +
    `With ${star}.`
  );
}

function withArticle(noun: string, vowel: string, consonant: string): string {
  return `${/^[aeiou]/.test(noun) ? vowel : consonant} ${noun}`;
}
