import type { Catalogue } from './catalogue.ts';
import { generator, normal } from './generator.ts';
import type { ContentModel } from './models.ts';
import { type SparseRows, sparseRows } from './sparse.ts';
import type { Viewer } from './viewer.ts';

export interface ContentParameters {
  /** Length of a title's vector. */
  readonly dims: number;
  /** Times a genre counts as much as a word. */
  readonly genreWeight: number;
  /** Subspace iterations. */
  readonly iterations: number;
  readonly seed: number;
}

export const CONTENT_DEFAULTS: ContentParameters = { dims: 48, genreWeight: 2, iterations: 2, seed: 1 };

/** Words in more than this share of titles say nothing. */
const COMMON = 0.25;
/** Watches after which an earlier one counts half. */
const RECENCY_HALF_LIFE = 20;

/**
 * Latent semantic analysis: TF-IDF (1 + log tf, smoothed idf, rows of norm 1) over the words of a title's text, its genres
 * and its five-year bucket, projected on the leading right singular vectors, rows scaled to norm 1. A title without
 * any of these has the zero vector. The singular subspace comes from randomised subspace iteration; cosines do not depend on the
 * basis chosen in it, so none is singled out.
 *
 * Papers: Deerwester et al. 1990 (LSA); Halko, Martinsson, Tropp 2011 (randomised range finder).
 */
export function buildContent(
  catalogue: Catalogue,
  parameters: Partial<ContentParameters> = {},
): ContentModel {
  const { dims, genreWeight, iterations, seed } = { ...CONTENT_DEFAULTS, ...parameters };
  const { matrix, terms } = weighTerms(catalogue, genreWeight);
  const vectors = new Float32Array(catalogue.size * dims);
  const rank = Math.min(dims, terms);
  if (rank === 0) return { dims, vectors };
  const transposed = transpose(matrix, terms);
  const random = generator(seed);
  let basis = Float32Array.from({ length: terms * rank }, () => normal(random));
  for (let iteration = 0; iteration < iterations; iteration++) {
    basis = multiply(transposed, multiply(matrix, basis, rank), rank);
    orthonormalise(basis, rank);
  }
  const projected = multiply(matrix, basis, rank);
  for (let title = 0; title < catalogue.size; title++) {
    const row = projected.subarray(title * rank, (title + 1) * rank);
    normalise(row);
    vectors.set(row, title * dims);
  }
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

/** TF-IDF rows of norm 1. Terms that occur in one title only, or in most titles, cannot relate titles and are left out. */
function weighTerms(catalogue: Catalogue, genreWeight: number): { matrix: SparseRows; terms: number } {
  const idOf = new Map<string, number>();
  const documents: number[] = [];
  const rows: number[] = [];
  const columns: number[] = [];
  const counts: number[] = [];
  for (let title = 0; title < catalogue.size; title++) {
    const frequencies = new Map<string, number>();
    for (const word of catalogue.text[title]!.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? [])
      frequencies.set(word, (frequencies.get(word) ?? 0) + 1);
    for (const [word, times] of frequencies) frequencies.set(word, 1 + Math.log(times));
    const mask = catalogue.genreMask[title]!;
    for (let genre = 0; genre < catalogue.genres.length; genre++)
      if ((mask >>> genre) & 1) frequencies.set(`genre:${genre}`, genreWeight);
    const year = catalogue.year[title]!;
    if (year > 0) frequencies.set(`year:${Math.floor(year / 5)}`, 1);
    for (const [term, weight] of frequencies) {
      let id = idOf.get(term);
      if (id === undefined) {
        id = documents.length;
        idOf.set(term, id);
        documents.push(0);
      }
      documents[id]!++;
      rows.push(title);
      columns.push(id);
      counts.push(weight);
    }
  }
  // Few genres cover a catalogue, so only words can be too common.
  const kept = new Int32Array(documents.length).fill(-1);
  let terms = 0;
  for (const [term, id] of idOf) {
    const share = documents[id]! / catalogue.size;
    if (documents[id]! > 1 && (share <= COMMON || term.includes(':'))) kept[id] = terms++;
  }
  const chosen = { rows: [] as number[], columns: [] as number[], values: [] as number[] };
  for (let entry = 0; entry < rows.length; entry++) {
    const column = kept[columns[entry]!]!;
    if (column < 0) continue;
    const idf = 1 + Math.log((1 + catalogue.size) / (1 + documents[columns[entry]!]!));
    chosen.rows.push(rows[entry]!);
    chosen.columns.push(column);
    chosen.values.push(counts[entry]! * idf);
  }
  const matrix = sparseRows(chosen.rows, chosen.columns, chosen.values, catalogue.size);
  for (let title = 0; title < catalogue.size; title++)
    normalise(matrix.values.subarray(matrix.starts[title]!, matrix.starts[title + 1]!));
  return { matrix, terms };
}

function transpose(matrix: SparseRows, columnCount: number): SparseRows {
  const rows = new Int32Array(matrix.columns.length);
  for (let row = 0; row < matrix.starts.length - 1; row++)
    rows.fill(row, matrix.starts[row]!, matrix.starts[row + 1]!);
  return sparseRows(matrix.columns, rows, matrix.values, columnCount);
}

/** Sparse times dense: dense has `width` columns, row-major. */
function multiply(matrix: SparseRows, dense: Float32Array, width: number): Float32Array<ArrayBuffer> {
  const product = new Float32Array((matrix.starts.length - 1) * width);
  for (let row = 0; row < matrix.starts.length - 1; row++) {
    for (let entry = matrix.starts[row]!; entry < matrix.starts[row + 1]!; entry++) {
      const value = matrix.values[entry]!;
      const from = matrix.columns[entry]! * width;
      const to = row * width;
      for (let d = 0; d < width; d++) product[to + d]! += value * dense[from + d]!;
    }
  }
  return product;
}

/** Gram-Schmidt over the columns of a row-major matrix, twice for accuracy; a dependent column becomes zero. */
function orthonormalise(matrix: Float32Array, width: number): void {
  const height = matrix.length / width;
  const columns = Array.from({ length: width }, (_, c) =>
    Float64Array.from({ length: height }, (_, row) => matrix[row * width + c]!),
  );
  for (let c = 0; c < width; c++) {
    const column = columns[c]!;
    const before = Math.sqrt(inner(column, column));
    for (let round = 0; round < 2; round++) {
      for (let other = 0; other < c; other++) {
        const basis = columns[other]!;
        const share = inner(column, basis);
        for (let row = 0; row < height; row++) column[row]! -= share * basis[row]!;
      }
    }
    const norm = Math.sqrt(inner(column, column));
    const scale = norm > 1e-6 * before && norm > 0 ? 1 / norm : 0;
    for (let row = 0; row < height; row++) matrix[row * width + c] = column[row]! *= scale;
  }
}

function inner(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let row = 0; row < left.length; row++) sum += left[row]! * right[row]!;
  return sum;
}

function normalise(vector: Float32Array): void {
  let squares = 0;
  for (let d = 0; d < vector.length; d++) squares += vector[d]! * vector[d]!;
  if (squares === 0) return;
  const scale = 1 / Math.sqrt(squares);
  for (let d = 0; d < vector.length; d++) vector[d]! *= scale;
}
