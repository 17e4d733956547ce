import type { Catalogue } from './catalogue.ts';
import { type ContentField, weighTerms } from './content-terms.ts';
import type { ContentModel } from './models.ts';
import { leftVectors } from './singular-subspace.ts';
import { normalise } from './unit-vector.ts';
import type { Viewer } from './viewer.ts';

export interface ContentParameters {
  /** Length of a title's vector. */
  readonly dims: number;
  /** What each field counts; of a title that lacks one the others make up the whole. */
  readonly weights: Readonly<Record<ContentField, number>>;
  /** Subspace iterations. */
  readonly iterations: number;
  readonly seed: number;
}

const CONTENT_DEFAULTS: ContentParameters = {
  dims: 64,
  weights: { text: 1, plot: 3, people: 1, genres: 0.5, year: 0.5 },
  iterations: 2,
  seed: 1,
};

/** Watches after which an earlier one counts half. */
const RECENCY_HALF_LIFE = 20;

/**
 * Latent semantic analysis: the weighted terms of each title (`weighTerms`), projected on the leading right singular vectors, less
 * the mean of all titles, rows scaled to norm 1. What all titles share would draw every taste to the same titles. A title
 * without any content has the zero vector.
 *
 * Paper: Deerwester et al. 1990.
 */
export function buildContent(
  catalogue: Catalogue,
  parameters: Partial<ContentParameters> = {},
): ContentModel {
  const { dims, weights, iterations, seed } = { ...CONTENT_DEFAULTS, ...parameters };
  const { matrix, terms } = weighTerms(catalogue, weights);
  const model = { dims, vectors: new Float32Array(catalogue.size * dims) };
  const rank = Math.min(dims, terms);
  const { vectors } = model;
  if (rank === 0) return withTextVectors(model, catalogue);
  const projected = leftVectors(matrix, terms, { rank, iterations, seed });
  const known: Float32Array[] = [];
  for (let title = 0; title < catalogue.size; title++) {
    if (matrix.starts[title] === matrix.starts[title + 1]) continue;
    const row = vectors.subarray(title * dims, (title + 1) * dims);
    row.set(projected.subarray(title * rank, (title + 1) * rank));
    normalise(row);
    known.push(row);
  }
  centre(known);
  return withTextVectors(model, catalogue);
}

/**
 * Vectors of a text model beside those of the terms, each centred: the cosine of two titles is the mean of both cosines. A
 * title that one of them says nothing of is known by the other alone.
 */
function withTextVectors(model: ContentModel, { size, textVectors }: Catalogue): ContentModel {
  if (textVectors === undefined) return model;
  const text = Float32Array.from(textVectors.vectors);
  const rows = Array.from({ length: size }, (_, title) =>
    text.subarray(title * textVectors.dims, (title + 1) * textVectors.dims),
  );
  centre(rows.filter((row) => row.some((value) => value !== 0)));
  const dims = model.dims + textVectors.dims;
  const vectors = new Float32Array(size * dims);
  rows.forEach((row, title) => {
    const both = vectors.subarray(title * dims, (title + 1) * dims);
    both.set(model.vectors.subarray(title * model.dims, (title + 1) * model.dims));
    both.set(row, model.dims);
    normalise(both);
  });
  return { dims, vectors };
}

/**
 * A user's taste: the mean of the vectors of what they watched, weighted by watch weight and halved every 20 watches
 * back; of their onboarding picks when they watched nothing; scaled to norm 1. The zero vector when neither says anything.
 */
export function contentVector(model: ContentModel, viewer: Viewer): Float32Array {
  const { dims, vectors } = model;
  const mean = new Float32Array(dims);
  const add = (title: number, weight: number): void => {
    const offset = title * dims;
    if (offset < 0 || offset >= vectors.length) return;
    for (let d = 0; d < dims; d++) mean[d]! += weight * vectors[offset + d]!;
  };
  let recency = 1;
  for (let watch = viewer.watchCount - 1; watch >= 0; watch--) {
    add(viewer.watchedTitles[watch]!, recency * viewer.watchedWeights[watch]!);
    recency *= 0.5 ** (1 / RECENCY_HALF_LIFE);
  }
  if (viewer.watchCount === 0) for (const title of viewer.picks) add(title, 1);
  normalise(mean);
  return mean;
}

/** Least norm of what tells a title apart from the mean of all: below lies the rounding of 32 bits. */
const APART = 1e-4;

/** Takes the mean off unit rows and makes them unit rows again; a row that is like all others becomes the zero vector. */
function centre(rows: readonly Float32Array[]): void {
  const mean = new Float64Array(rows[0]?.length ?? 0);
  for (const row of rows) for (let d = 0; d < mean.length; d++) mean[d]! += row[d]! / rows.length;
  for (const row of rows) {
    for (let d = 0; d < mean.length; d++) row[d]! -= mean[d]!;
    if (Math.hypot(...row) < APART) row.fill(0);
    normalise(row);
  }
}
