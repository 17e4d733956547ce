import type { Catalogue } from './catalogue.ts';
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
  readonly collaborative: Float64Array;
  /** 1 / root mean square of the collaborative scores of all titles; 0 where all are 0. */
  collaborativeScale: number;
  /** Mean popularity of the watched titles. */
  popularity: number;
  /** Mean of the content vectors watched (or picked, before the first watch), norm 1 or 0. */
  readonly content: Float64Array;
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
    collaborative: new Float64Array(models.ials.factors),
    collaborativeScale: 0,
    popularity: 0,
    content: new Float64Array(models.content.dims),
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
  foldInRecent(taste.collaborative, models.ials, viewer, first);
  taste.collaborativeScale = inverseSpread(taste.collaborative, models.ials);
  taste.popularity = meanPopularity(models.trending.popularity, viewer, first);
}

/** The mean square of <x, y> over all titles y is x'Y'Yx / titles. */
function inverseSpread(vector: Float64Array, { gram, factors, items }: IalsModel): number {
  let squares = 0;
  for (let f = 0; f < factors; f++) squares += vector[f]! * dot(vector, gram, f * factors);
  return squares > 0 ? Math.sqrt(items.length / factors / squares) : 0;
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

function readContent(out: Float64Array, model: ContentModel, viewer: Viewer, first: number): void {
  out.fill(0);
  if (viewer.watchCount > 0) {
    let recency = 1;
    for (let i = viewer.watchCount - 1; i >= first; i--) {
      addRow(out, model.vectors, viewer.watchedTitles[i]!, recency * viewer.watchedWeights[i]!);
      recency *= CONTENT_DECAY;
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

function addRow(out: Float64Array, rows: Float32Array, row: number, weight: number): void {
  const from = row * out.length;
  if (from < 0 || from >= rows.length) return;
  for (let d = 0; d < out.length; d++) out[d] = out[d]! + weight * rows[from + d]!;
}

/** The equations of one fold-in; no request waits in between, so they are not allocated each time. */
let workspace = createWorkspace(0, 0);

function createWorkspace(factors: number, history: number) {
  return {
    /** Rows of the watched titles, side by side. */
    rows: new Float64Array(history * factors),
    /** alpha w of each. */
    confidence: new Float64Array(history),
    residual: new Float64Array(factors),
    direction: new Float64Array(factors),
    image: new Float64Array(factors),
  };
}

/**
 * User factors as `foldIn` has them, but from the recent watches (or picks of weight 1) only and by a few conjugate
 * gradient steps from zero (Takács, Pilászy, Tikk 2011), at a fraction of the exact solve's cost. Minimises
 * sum of alpha w (1 - x'y)^2 + x'Y'Yx + regularisation (1 + sum of alpha w / titles) |x|^2.
 */
function foldInRecent(solution: Float64Array, model: IalsModel, viewer: Viewer, first: number): void {
  const { factors: size, items } = model;
  const watched = viewer.watchCount > 0;
  const titles = watched ? viewer.watchedTitles : viewer.picks;
  const count = watched ? viewer.watchCount - first : viewer.picks.length;
  if (workspace.residual.length !== size || workspace.confidence.length < count) {
    workspace = createWorkspace(size, Math.max(TASTE_HISTORY, count));
  }
  const { rows, confidence, residual, direction } = workspace;
  solution.fill(0);
  residual.fill(0);
  let weighed = 0;
  for (let i = 0; i < count; i++) {
    const from = titles[first + i]! * size;
    if (from < 0 || from >= items.length) {
      confidence[i] = 0;
      rows.fill(0, i * size, (i + 1) * size);
      continue;
    }
    const weight = model.alpha * (watched ? viewer.watchedWeights[first + i]! : 1);
    confidence[i] = weight;
    weighed += weight;
    for (let f = 0, to = i * size; f < size; f++, to++) {
      const value = items[from + f]!;
      rows[to] = value;
      residual[f] = residual[f]! + weight * value;
    }
  }
  direction.set(residual);
  const penalty = model.regularisation * (1 + (weighed * size) / items.length);
  let squares = dot(residual, residual, 0);
  for (let step = 0; step < STEPS && squares > 1e-20; step++) {
    applySystem(model.gram, count, penalty);
    const { image } = workspace;
    const stride = squares / dot(direction, image, 0);
    for (let f = 0; f < size; f++) {
      solution[f] = solution[f]! + stride * direction[f]!;
      residual[f] = residual[f]! - stride * image[f]!;
    }
    const next = dot(residual, residual, 0);
    const turn = next / squares;
    for (let f = 0; f < size; f++) direction[f] = residual[f]! + turn * direction[f]!;
    squares = next;
  }
}

/** image = (Y'Y + penalty I + sum of alpha w y y') direction; two watches at a time, as each pass over `image` costs. */
function applySystem(gram: Float64Array, count: number, penalty: number): void {
  const { rows, confidence, direction, image } = workspace;
  const size = direction.length;
  for (let f = 0; f < size; f++) image[f] = penalty * direction[f]! + dot(direction, gram, f * size);
  let i = 0;
  for (; i + 1 < count; i += 2) {
    const from = i * size;
    const next = from + size;
    const along = confidence[i]! * dot(direction, rows, from);
    const beside = confidence[i + 1]! * dot(direction, rows, next);
    for (let f = 0; f < size; f++) image[f] = image[f]! + along * rows[from + f]! + beside * rows[next + f]!;
  }
  if (i < count) {
    const from = i * size;
    const along = confidence[i]! * dot(direction, rows, from);
    for (let f = 0; f < size; f++) image[f] = image[f]! + along * rows[from + f]!;
  }
}

/** <vector, rows[from ...]>. Four sums at once keep the processor busy. */
function dot(vector: Float64Array, rows: Float64Array, from: number): number {
  const size = vector.length;
  const even = size - (size % 4);
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i < even; i += 4) {
    a += vector[i]! * rows[from + i]!;
    b += vector[i + 1]! * rows[from + i + 1]!;
    c += vector[i + 2]! * rows[from + i + 2]!;
    d += vector[i + 3]! * rows[from + i + 3]!;
  }
  for (; i < size; i++) a += vector[i]! * rows[from + i]!;
  return a + b + c + d;
}

/** <vector, row `title` of rows>: the score of one title in one vector space, in 32 bits as columns of scores hold it. */
export function rowDot(vector: Float64Array, rows: Float32Array, title: number): number {
  const size = vector.length;
  const even = size - (size % 4);
  const from = title * size;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i < even; i += 4) {
    a += vector[i]! * rows[from + i]!;
    b += vector[i + 1]! * rows[from + i + 1]!;
    c += vector[i + 2]! * rows[from + i + 2]!;
    d += vector[i + 3]! * rows[from + i + 3]!;
  }
  for (; i < size; i++) a += vector[i]! * rows[from + i]!;
  return Math.fround(a + b + c + d);
}

/** `rowDot` of the first `count` titles; four at a time share each read of the vector. */
export function rowDots(
  out: Float32Array,
  vector: Float64Array,
  rows: Float32Array,
  titles: Int32Array,
  count: number,
): void {
  const size = vector.length;
  let i = 0;
  for (; i + 3 < count; i += 4) {
    let first = titles[i]! * size;
    let second = titles[i + 1]! * size;
    let third = titles[i + 2]! * size;
    let fourth = titles[i + 3]! * size;
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let f = 0; f < size; f++) {
      const value = vector[f]!;
      a += value * rows[first++]!;
      b += value * rows[second++]!;
      c += value * rows[third++]!;
      d += value * rows[fourth++]!;
    }
    out[i] = a;
    out[i + 1] = b;
    out[i + 2] = c;
    out[i + 3] = d;
  }
  for (; i < count; i++) out[i] = rowDot(vector, rows, titles[i]!);
}

/** Number of set bits of a 32-bit mask. */
export function bitCount(mask: number): number {
  let bits = mask - ((mask >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return (((bits + (bits >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}
