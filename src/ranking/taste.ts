import type { Catalogue } from './catalogue.ts';
import { confidenceOf, penaltyOf } from './confidence.ts';
import { SPACE_ROOM, vectorSpaceOf } from './kernels/vector-space.ts';
import type { ContentModel, IalsModel, TrendingModel } from './models.ts';
import type { Viewer } from './viewer.ts';

/** Older watches no longer count, so that a request costs the same for everyone. */
export const TASTE_HISTORY = 50;
/** How many of the latest watches make up the current mood. */
export const RECENT_HISTORY = 5;
/** Watches after which an earlier one counts half for content. */
const CONTENT_HALF_LIFE = 20;
const CONTENT_DECAY = 0.5 ** (1 / CONTENT_HALF_LIFE);
/** Conjugate gradient steps of the fold-in: 97 % of the exact top 50 on MovieLens (9,742 titles, 32 factors). */
const STEPS = 3;

/** What one viewer's latest watches say at one moment, in the vector spaces of the models. Buffers are reused. */
export interface Taste {
  /** User factors of iALS; zeros without watches and picks. */
  readonly collaborative: Float32Array;
  /** 1 / root mean square of the collaborative scores of all titles; 0 where all are 0. */
  collaborativeScale: number;
  /** Mean popularity of the watched titles. */
  popularity: number;
  /** Mean of the content vectors watched (or picked, before the first watch), norm 1 or 0. */
  readonly content: Float32Array;
  /** Share of the watched weight by genre, 32 entries; each watch spreads evenly over its genres. */
  readonly genres: Float32Array;
  /** Genre masks of the latest watches, newest first, the first `recentCount` valid. */
  readonly recent: Uint32Array;
  recentCount: number;
  watchCount: number;
  /** log(1 + watches), 1 at 200 watches. */
  activity: number;
}

type TasteModels = {
  readonly catalogue: Catalogue;
  readonly ials: IalsModel;
  readonly content: ContentModel;
  readonly trending: Pick<TrendingModel, 'popularity'>;
};

export function createTaste(models: TasteModels): Taste {
  return {
    collaborative: new Float32Array(models.ials.factors),
    collaborativeScale: 0,
    popularity: 0,
    content: new Float32Array(models.content.dims),
    genres: new Float32Array(32),
    recent: new Uint32Array(RECENT_HISTORY),
    recentCount: 0,
    watchCount: 0,
    activity: 0,
  };
}

/** Fills `taste` from the last `TASTE_HISTORY` watches of the viewer. Rows outside the catalogue say nothing. */
export function readTaste(taste: Taste, models: TasteModels, viewer: Viewer): void {
  const first = Math.max(0, viewer.watchCount - TASTE_HISTORY);
  taste.watchCount = viewer.watchCount;
  taste.activity = Math.log1p(viewer.watchCount) / Math.log1p(200);
  readGenres(taste, models.catalogue, viewer, first);
  readContent(taste.content, models.content, viewer, first);
  taste.collaborativeScale = foldInRecent(taste.collaborative, models.ials, viewer, first);
  taste.popularity = meanPopularity(models.trending.popularity, viewer, first);
}

function meanPopularity(popularity: Float32Array, viewer: Viewer, first: number): number {
  let sum = 0;
  let known = 0;
  for (let i = first; i < viewer.watchCount; i++) {
    const own = popularity[viewer.watchedTitles[i]!];
    if (own === undefined) continue;
    sum += own;
    known++;
  }
  return known > 0 ? sum / known : 0;
}

function readGenres(taste: Taste, catalogue: Catalogue, viewer: Viewer, first: number): void {
  const { genres, recent } = taste;
  genres.fill(0);
  let total = 0;
  for (let i = first; i < viewer.watchCount; i++) {
    let mask = catalogue.genreMask[viewer.watchedTitles[i]!];
    if (!mask) continue;
    const weight = viewer.watchedWeights[i]!;
    const share = weight / bitCount(mask);
    total += weight;
    while (mask !== 0) {
      const bit = 31 - Math.clz32(mask & -mask);
      genres[bit] = genres[bit]! + share;
      mask &= mask - 1;
    }
  }
  if (total > 0) for (let g = 0; g < genres.length; g++) genres[g] = genres[g]! / total;
  taste.recentCount = Math.min(RECENT_HISTORY, viewer.watchCount);
  for (let i = 0; i < taste.recentCount; i++) {
    recent[i] = catalogue.genreMask[viewer.watchedTitles[viewer.watchCount - 1 - i]!]!;
  }
}

/** The mean of the content vectors watched lately, later ones counting more, or of those picked before the first watch. */
function readContent(
  out: Float32Array,
  { vectors, dims }: ContentModel,
  viewer: Viewer,
  first: number,
): void {
  const space = vectorSpaceOf(vectors, dims);
  const { rows, weights } = space;
  let count = 0;
  const add = (title: number, weight: number): void => {
    if (title < 0 || title * dims >= vectors.length || count === SPACE_ROOM) return;
    rows[count] = title;
    weights[count++] = weight;
  };
  if (viewer.watchCount > 0) {
    let recency = 1;
    for (let i = viewer.watchCount - 1; i >= first; i--) {
      add(viewer.watchedTitles[i]!, recency * viewer.watchedWeights[i]!);
      recency *= CONTENT_DECAY;
    }
  } else {
    for (const title of viewer.picks) add(title, 1);
  }
  space.weightedSum(out, count);
  let squares = 0;
  for (let d = 0; d < out.length; d++) squares += out[d]! * out[d]!;
  if (squares === 0) return;
  const scale = 1 / Math.sqrt(squares);
  for (let d = 0; d < out.length; d++) out[d] = out[d]! * scale;
}

/**
 * User factors as `foldIn` has them, but from the recent watches (or picks of weight 1) only and by a few conjugate
 * gradient steps from zero (Takács, Pilászy, Tikk 2011), at a fraction of the exact solve's cost. Minimises
 * sum of alpha w (1 - x'y)^2 + x'Y'Yx + penalty |x|^2.
 *
 * @returns 1 / root mean square of <x, y> over all titles y, by their mean square x'Y'Yx / titles; 0 where x is 0
 */
function foldInRecent(solution: Float32Array, model: IalsModel, viewer: Viewer, first: number): number {
  const { factors, items, gram } = model;
  const space = vectorSpaceOf(items, factors, gram);
  const { rows, weights } = space;
  const watched = viewer.watchCount > 0;
  const titles = watched ? viewer.watchedTitles : viewer.picks;
  const end = watched ? viewer.watchCount : viewer.picks.length;
  let count = 0;
  let weighed = 0;
  for (let i = watched ? first : 0; i < end && count < SPACE_ROOM; i++) {
    const title = titles[i]!;
    if (title < 0 || title * factors >= items.length) continue;
    const confidence = confidenceOf(model, watched ? viewer.watchedWeights[i]! : 1);
    rows[count] = title;
    weights[count++] = confidence;
    weighed += confidence;
  }
  const squares = space.foldIn(solution, count, penaltyOf(model, weighed), STEPS);
  return squares > 0 ? Math.sqrt(items.length / factors / squares) : 0;
}

/** Number of set bits of a 32-bit mask. */
export function bitCount(mask: number): number {
  let bits = mask - ((mask >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return (((bits + (bits >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}
