import type { FeatureModels } from './features.ts';
import type { PairScores } from './score-pairs.ts';
import { bitCount, type Taste } from './taste.ts';
import type { Viewer } from './viewer.ts';

/** Genres a title may have at most in practice. */
const MANY_GENRES = 4;
/** Watches that a series in progress is looked for among. */
const PROGRESS_HISTORY = 20;

/** Summed taste by 8 genres at a time: entry 256 b + m is that of the genres of mask m in byte b. */
const tasteOfByte = new Float64Array(4 * 256);

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
  const { activity, collaborativeScale, recent, recentCount, watchCount } = taste;
  const unknown = watchCount === 0;
  // A sum over the history: its noise grows with the square root of the length.
  const perRoot = unknown ? 0 : 1 / Math.sqrt(watchCount);
  const perRecent = recentCount === 0 ? 0 : 1 / recentCount;
  sumTaste(taste.genres);
  let at = offset;
  for (let i = 0; i < count; i++) {
    const title = titles[i]!;
    const collaborative = scores.collaborative[i]!;
    const popular = popularity[title]!;
    const mask = genreMask[title]!;
    let shared = 0;
    for (let watch = 0; watch < recentCount; watch++) if ((recent[watch]! & mask) !== 0) shared++;
    out[at++] = collaborative;
    out[at++] = collaborative * activity;
    out[at++] = scores.content[i]!;
    out[at++] = genreAffinity(mask);
    out[at++] = shared * perRecent;
    out[at++] = trends[title]!;
    out[at++] = popular;
    out[at++] = episodes[title]! > 1 && isRecent(viewer, title) ? 1 : 0;
    // Raw scores grow with the length of a history; in units of their own spread they compare between viewers.
    out[at++] = collaborative * collaborativeScale;
    out[at++] = unknown ? 0 : Math.abs(popular - taste.popularity);
    out[at++] = scores.ease[i]!;
    out[at++] = scores.itemKnn[i]! * perRoot;
  }
}

/** Fills `tasteOfByte`: each mask adds its lowest genre to the sum of the others. */
function sumTaste(genres: Float32Array): void {
  for (let byte = 0; byte < 4; byte++) {
    const from = 256 * byte;
    for (let mask = 1; mask < 256; mask++) {
      const lowest = 31 - Math.clz32(mask & -mask);
      tasteOfByte[from + mask] = tasteOfByte[from + (mask & (mask - 1))]! + genres[8 * byte + lowest]!;
    }
  }
}

/** Mean taste share over the title's genres, times the number of genres a title may have at most in practice. */
function genreAffinity(mask: number): number {
  if (mask === 0) return 0;
  const sum =
    tasteOfByte[mask & 255]! +
    tasteOfByte[256 + ((mask >>> 8) & 255)]! +
    tasteOfByte[512 + ((mask >>> 16) & 255)]! +
    tasteOfByte[768 + (mask >>> 24)]!;
  return (MANY_GENRES * sum) / bitCount(mask);
}

function isRecent(viewer: Viewer, title: number): boolean {
  const end = Math.max(0, viewer.watchCount - PROGRESS_HISTORY);
  for (let i = viewer.watchCount - 1; i >= end; i--) if (viewer.watchedTitles[i] === title) return true;
  return false;
}
