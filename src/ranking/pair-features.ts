import type { FeatureModels } from './features.ts';
import type { PairScores } from './score-pairs.ts';
import { bitCount, type Taste } from './taste.ts';
import type { Viewer } from './viewer.ts';

/** Genres a title may have at most in practice. */
const MANY_GENRES = 4;
/** Weight of a summed taste by the number of genres that it is of; 0 for a title without any. */
const PER_GENRES = Float64Array.from({ length: 33 }, (_, genres) =>
  genres === 0 ? 0 : MANY_GENRES / genres,
);
/** Watches that a series in progress is looked for among. */
const PROGRESS_HISTORY = 20;

/** A mask of genres is looked up in parts of so many bits. */
const PART_BITS = 6;
const PARTS = 6;
const PART = 1 << PART_BITS;

/** What the genres of each part of a mask add up to: their share of the taste, and the latest watches that have one, as bits. */
const tasteOf = new Float64Array(PARTS * PART);
const watchesOf = new Uint8Array(PARTS * PART);
const ofGenre = new Uint8Array(PARTS * PART_BITS);

/** Which request last had a watch with these low bits of its row: others need not be searched. */
const seen = new Float64Array(256);
let request = 0;

/**
 * Writes `count` rows of PAIR_WIDTH numbers from `out[offset]` on, as PAIR_LAYOUT names them.
 *
 * @param titles catalogue rows
 * @param scores what `scorePairs` wrote for this viewer and these titles
 */
export function writePairFeatures(
  out: Float32Array,
  offset: number,
  { catalogue, trending }: Pick<FeatureModels, 'catalogue' | 'trending'>,
  viewer: Viewer,
  taste: Taste,
  titles: Int32Array,
  count: number,
  scores: PairScores,
): void {
  const { genreMask, episodes } = catalogue;
  const { score: trends, popularity } = trending;
  const { activity, collaborativeScale, recentCount, watchCount } = taste;
  const unknown = watchCount === 0;
  // A sum over the history: its noise grows with the square root of the length.
  const perRoot = unknown ? 0 : 1 / Math.sqrt(watchCount);
  const perRecent = recentCount === 0 ? 0 : 1 / recentCount;
  const parts = Math.ceil(catalogue.genres.length / PART_BITS);
  sumGenres(taste, parts);
  const firstRecent = markRecent(viewer);
  let at = offset;
  for (let i = 0; i < count; i++) {
    const title = titles[i]!;
    const collaborative = scores.collaborative[i]!;
    const popular = popularity[title]!;
    const mask = genreMask[title]!;
    let affinity = 0;
    let shared = 0;
    for (let part = 0, rest = mask; part < parts; part++, rest >>>= PART_BITS) {
      const entry = part * PART + (rest & (PART - 1));
      affinity += tasteOf[entry]!;
      shared |= watchesOf[entry]!;
    }
    out[at++] = collaborative;
    out[at++] = collaborative * activity;
    out[at++] = scores.content[i]!;
    out[at++] = affinity * PER_GENRES[bitCount(mask)]!;
    out[at++] = bitCount(shared) * perRecent;
    out[at++] = trends[title]!;
    out[at++] = popular;
    out[at++] = episodes[title]! > 1 && isRecent(viewer, firstRecent, title) ? 1 : 0;
    // Raw scores grow with the length of a history; in units of their own spread they compare between viewers.
    out[at++] = collaborative * collaborativeScale;
    out[at++] = unknown ? 0 : Math.abs(popular - taste.popularity);
    out[at++] = scores.ease[i]!;
    out[at++] = scores.itemKnn[i]! * perRoot;
  }
}

/** Fills the parts' tables: each mask adds its lowest genre to what the others have. */
function sumGenres({ genres, recent, recentCount }: Taste, parts: number): void {
  for (let genre = 0; genre < genres.length; genre++) {
    let watches = 0;
    for (let watch = 0; watch < recentCount; watch++) watches |= ((recent[watch]! >>> genre) & 1) << watch;
    ofGenre[genre] = watches;
  }
  for (let part = 0; part < parts; part++) {
    const from = part * PART;
    for (let mask = 1; mask < PART; mask++) {
      const genre = part * PART_BITS + 31 - Math.clz32(mask & -mask);
      const others = from + (mask & (mask - 1));
      tasteOf[from + mask] = tasteOf[others]! + (genre < genres.length ? genres[genre]! : 0);
      watchesOf[from + mask] = watchesOf[others]! | ofGenre[genre]!;
    }
  }
}

/** Marks the latest watches. @returns the first of them */
function markRecent({ watchCount, watchedTitles }: Viewer): number {
  const first = Math.max(0, watchCount - PROGRESS_HISTORY);
  request++;
  for (let i = first; i < watchCount; i++) seen[watchedTitles[i]! & 255] = request;
  return first;
}

function isRecent({ watchCount, watchedTitles }: Viewer, first: number, title: number): boolean {
  if (seen[title & 255] !== request) return false;
  for (let i = watchCount - 1; i >= first; i--) if (watchedTitles[i] === title) return true;
  return false;
}
