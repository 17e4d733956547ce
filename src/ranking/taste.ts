import type { Catalogue } from './catalogue.ts';
import type { ContentModel, IalsModel } from './models.ts';
import type { Viewer } from './viewer.ts';

/** Older watches no longer count, so that a request costs the same for everyone. */
export const TASTE_HISTORY = 50;
/** How many of the latest watches make up the current mood. */
export const RECENT_HISTORY = 5;
/** Watches after which an earlier one counts half for content. */
const CONTENT_HALF_LIFE = 20;
/** Conjugate gradient steps of the fold-in: enough for the order of candidates. */
const STEPS = 3;

/** What one viewer's latest watches say at one moment, in the vector spaces of the models. Buffers are reused. */
export interface Taste {
  /** User factors of iALS; zeros without watches and picks. */
  readonly collaborative: Float32Array;
  /** Mean of the content vectors watched (or picked, before the first watch), norm 1 or 0. */
  readonly content: Float32Array;
  /** Share of the watched weight by genre, 32 entries; each watch spreads evenly over its genres. */
  readonly genres: Float32Array;
  /** Genre masks of the latest watches, newest first, the first `recentCount` valid. */
  readonly recent: Uint32Array;
  recentCount: number;
  watchCount: number;
}

type TasteModels = {
  readonly catalogue: Catalogue;
  readonly ials: IalsModel;
  readonly content: ContentModel;
};

export function createTaste(models: TasteModels): Taste {
  return {
    collaborative: new Float32Array(models.ials.factors),
    content: new Float32Array(models.content.dims),
    genres: new Float32Array(32),
    recent: new Uint32Array(RECENT_HISTORY),
    recentCount: 0,
    watchCount: 0,
  };
}

/** Fills `taste` from the last `TASTE_HISTORY` watches of the viewer. */
export function readTaste(taste: Taste, models: TasteModels, viewer: Viewer): void {
  const first = Math.max(0, viewer.watchCount - TASTE_HISTORY);
  taste.watchCount = viewer.watchCount;
  readGenres(taste, models.catalogue, viewer, first);
  readContent(taste.content, models.content, viewer, first);
  foldInRecent(taste.collaborative, models.ials, viewer, first);
}

function readGenres(taste: Taste, catalogue: Catalogue, viewer: Viewer, first: number): void {
  const { genres, recent } = taste;
  genres.fill(0);
  let total = 0;
  for (let i = first; i < viewer.watchCount; i++) {
    let mask = catalogue.genreMask[viewer.watchedTitles[i]!]!;
    if (mask === 0) continue;
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

function readContent(out: Float32Array, model: ContentModel, viewer: Viewer, first: number): void {
  out.fill(0);
  if (viewer.watchCount > 0) {
    let recency = 1;
    for (let i = viewer.watchCount - 1; i >= first; i--) {
      addRow(out, model.vectors, viewer.watchedTitles[i]!, recency * viewer.watchedWeights[i]!);
      recency *= 0.5 ** (1 / CONTENT_HALF_LIFE);
    }
  } else {
    for (const title of viewer.picks) addRow(out, model.vectors, title, 1);
  }
  let squares = 0;
  for (let d = 0; d < out.length; d++) squares += out[d]! * out[d]!;
  if (squares === 0) return;
  const scale = 1 / Math.sqrt(squares);
  for (let d = 0; d < out.length; d++) out[d] = out[d]! * scale;
}

function addRow(out: Float32Array, rows: Float32Array, row: number, weight: number): void {
  const from = row * out.length;
  for (let d = 0; d < out.length; d++) out[d] = out[d]! + weight * rows[from + d]!;
}

/** One system of equations at a time, and no request waits in between: these need not be allocated each time. */
let residual = new Float64Array(0);
let direction = new Float64Array(0);
let image = new Float64Array(0);
let solution = new Float64Array(0);

/**
 * User factors as `foldIn` has them, but from the recent watches (or picks of weight 1) only and by a few conjugate
 * gradient steps from zero (Takács, Pilászy, Tikk 2011), at a fraction of the exact solve's cost. Minimises
 * sum of alpha w (1 - x'y)^2 + x'Y'Yx + lambda (titles + sum of alpha w) |x|^2.
 */
function foldInRecent(out: Float32Array, model: IalsModel, viewer: Viewer, first: number): void {
  const { factors: size, items, alpha } = model;
  if (residual.length !== size) {
    residual = new Float64Array(size);
    direction = new Float64Array(size);
    image = new Float64Array(size);
    solution = new Float64Array(size);
  }
  const watched = viewer.watchCount > 0;
  const titles = watched ? viewer.watchedTitles : viewer.picks;
  const weights = watched ? viewer.watchedWeights : undefined;
  const end = watched ? viewer.watchCount : viewer.picks.length;
  residual.fill(0);
  solution.fill(0);
  let confidence = items.length / size;
  for (let i = first; i < end; i++) {
    const from = titles[i]! * size;
    const weight = alpha * (weights === undefined ? 1 : weights[i]!);
    confidence += weight;
    for (let f = 0; f < size; f++) residual[f] = residual[f]! + weight * items[from + f]!;
  }
  direction.set(residual);
  const penalty = model.regularisation * confidence;
  let squares = squared(residual);
  for (let step = 0; step < STEPS && squares > 1e-20; step++) {
    applySystem(model, titles, weights, first, end, penalty);
    let curvature = 0;
    for (let f = 0; f < size; f++) curvature += direction[f]! * image[f]!;
    const stride = squares / curvature;
    for (let f = 0; f < size; f++) {
      solution[f] = solution[f]! + stride * direction[f]!;
      residual[f] = residual[f]! - stride * image[f]!;
    }
    const next = squared(residual);
    const turn = next / squares;
    for (let f = 0; f < size; f++) direction[f] = residual[f]! + turn * direction[f]!;
    squares = next;
  }
  out.set(solution);
}

/** image = (Y'Y + penalty I + sum of alpha w y y') direction */
function applySystem(
  model: IalsModel,
  titles: ArrayLike<number>,
  weights: Float32Array | undefined,
  first: number,
  end: number,
  penalty: number,
): void {
  const { factors: size, gram, items, alpha } = model;
  for (let r = 0; r < size; r++) {
    let sum = penalty * direction[r]!;
    const from = r * size;
    for (let c = 0; c < size; c++) sum += gram[from + c]! * direction[c]!;
    image[r] = sum;
  }
  for (let i = first; i < end; i++) {
    const from = titles[i]! * size;
    let along = 0;
    for (let f = 0; f < size; f++) along += items[from + f]! * direction[f]!;
    along *= alpha * (weights === undefined ? 1 : weights[i]!);
    for (let f = 0; f < size; f++) image[f] = image[f]! + along * items[from + f]!;
  }
}

function squared(vector: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i]! * vector[i]!;
  return sum;
}
/** <vector, row `row` of rows>: the score of one title in one vector space. */
export function rowDot(vector: Float32Array, rows: Float32Array, row: number): number {
  const size = vector.length;
  const from = row * size;
  let even = 0;
  let odd = 0;
  let d = 0;
  for (; d + 1 < size; d += 2) {
    even += vector[d]! * rows[from + d]!;
    odd += vector[d + 1]! * rows[from + d + 1]!;
  }
  if (d < size) even += vector[d]! * rows[from + d]!;
  return even + odd;
}

/** Number of set bits of a 32-bit mask. */
export function bitCount(mask: number): number {
  let bits = mask - ((mask >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return (((bits + (bits >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}
