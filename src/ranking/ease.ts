import type { Interactions } from './catalogue.ts';
import { checkParameters } from './check-parameters.ts';
import { invertInPlace, layInverse } from './inverse.ts';
import { type Arena, arenaOf, bytesFor } from './kernels/arena.ts';
import { balancedRanges } from './kernels/ranges.ts';
import { type OpenWorkspace, openWorkspace } from './kernels/workspace.ts';
import { largest } from './largest.ts';
import type { EaseModel } from './models.ts';
import { type PositiveRows, type Positives, positivesOf, positiveTitles } from './positives.ts';
import type { CandidateList, Viewer } from './viewer.ts';

export interface EaseParameters {
  /** Penalty on the squared weights, in users, above 0: the larger, the less a rarely watched title says. */
  readonly lambda: number;
  /** Least weight of an interaction that counts, at least 0; 0: all. */
  readonly least: number;
}

const EASE_DEFAULTS: EaseParameters = { lambda: 500, least: 0 };

/** What each may be. */
const RANGES = {
  lambda: { least: 0, most: Number.POSITIVE_INFINITY, open: true },
  least: { least: 0, most: Number.MAX_VALUE },
} as const;

/** More watched titles than this are refused: 20,000 take 1.6 GB as a model and 3.2 GB more while it is made. */
const EASE_MOST_TITLES = 20_000;

/**
 * Embarrassingly shallow autoencoder: the linear item-to-item weights B, diagonal 0, that best give each history X back,
 *
 *   min ||X - X B||^2 + lambda ||B||^2 with diag(B) = 0;  P = (X'X + lambda I)^-1, B_ij = -P_ij / P_jj
 *
 * in closed form. X is 1 where a user took to a title, else 0. Titles that nobody watched have no weights. With fewer
 * users than titles the smaller matrix is inverted: P = (I - X' (lambda I + X X')^-1 X) / lambda (Woodbury). Double
 * precision; m watched titles cost m^3 / 2 multiplications and 8 m^2 bytes, or by u users u^3 / 2 and 8 u^2, beside the
 * model's 4 m^2.
 *
 * Paper: Steck 2019, "Embarrassingly Shallow Autoencoders for Sparse Data", section 3.1.
 *
 * @param titles size of the catalogue
 * @param progress called with the share done, in (0, 1]
 * @param open     where to compute; in this thread unless given
 * @throws RangeError when more than 20,000 titles were watched, a parameter is out of its range, an interaction names no row or
 *   has no weight, or memory is short
 */
export function trainEase(
  interactions: Interactions,
  titles: number,
  parameters: Partial<EaseParameters> = {},
  progress: (share: number) => void = () => {},
  open: OpenWorkspace = openWorkspace,
): EaseModel {
  const all = { ...EASE_DEFAULTS, ...parameters };
  checkParameters('EASE', all, RANGES);
  const { lambda, least } = all;
  const positives = positivesOf(interactions, titles, least);
  const rows = occupied(positives.byTitle.starts);
  if (rows.length > EASE_MOST_TITLES) throw new RangeError(tooManyTitles(rows.length));
  const users = occupied(positives.byUser.starts);
  const weights =
    users.length < rows.length
      ? byUsers(positives, rows, users, lambda, open, progress)
      : byTitles(positives, rows, lambda, open, progress);
  return { least, lambda, size: titles, rows, weights };
}

/** How many rows the matrix that EASE must invert has: what its time grows with the cube of. */
export function easeOrder(interactions: Interactions, titles: number, least: number): number {
  const { byUser, byTitle } = positivesOf(interactions, titles, least);
  return Math.min(occupied(byTitle.starts).length, occupied(byUser.starts).length);
}

function tooManyTitles(count: number): string {
  return (
    `EASE weighs every title against every other and takes up to ${EASE_MOST_TITLES.toLocaleString('en')} watched titles, ` +
    `not ${count.toLocaleString('en')}; use item-kNN, or a catalogue without the rarest titles`
  );
}

/** Rows that have entries, ascending. */
function occupied(starts: Int32Array): Int32Array {
  return Int32Array.from({ length: starts.length - 1 }, (_, row) => row).filter(
    (row) => starts[row + 1]! > starts[row]!,
  );
}

/** Place of each row in `rows`, -1 where it is not there. */
function placesOf(rows: Int32Array, size: number): Int32Array {
  const places = new Int32Array(size).fill(-1);
  rows.forEach((row, place) => {
    places[row] = place;
  });
  return places;
}

/** (X'X + lambda I)^-1 by titles, or (X X' + lambda I)^-1 by users, in a workspace that `use` may read it in. */
function withInverse<Result>(
  own: PositiveRows,
  others: PositiveRows,
  rows: Int32Array,
  lambda: number,
  open: OpenWorkspace,
  progress: (share: number) => void,
  use: (inverse: Float64Array, stride: number) => Result,
): Result {
  const lay = (arena: Arena) => ({
    room: layInverse(arena, rows.length),
    starts: arena.int32(rows.length + 1),
    columns: arena.int32(own.columns.length),
    otherStarts: arena.int32(others.starts.length),
    otherColumns: arena.int32(others.columns.length),
  });
  const workspace = open(bytesFor(lay));
  try {
    const { room, starts, columns, otherStarts, otherColumns } = lay(arenaOf(workspace.buffer));
    // Rows without entries take no room: the next one starts where they do.
    rows.forEach((row, place) => {
      starts[place] = own.starts[row]!;
    });
    starts[rows.length] = own.columns.length;
    columns.set(own.columns);
    otherStarts.set(others.starts);
    const place = placesOf(rows, own.starts.length - 1);
    for (let entry = 0; entry < otherColumns.length; entry++)
      otherColumns[entry] = place[others.columns[entry]!]!;
    const addresses = [starts, columns, otherStarts, otherColumns, room.matrix].map(
      ({ byteOffset }) => byteOffset,
    );
    workspace.run(
      'countShared',
      balancedRanges(starts, 64).map(([from, to]) => [from, to, ...addresses, room.stride]),
    );
    for (let row = 0; row < rows.length; row++) room.matrix[row * (room.stride + 1)]! += lambda;
    invertInPlace(workspace, room, progress);
    return use(room.matrix, room.stride);
  } finally {
    workspace.close();
  }
}

function byTitles(
  { byUser, byTitle }: Positives,
  rows: Int32Array,
  lambda: number,
  open: OpenWorkspace,
  progress: (share: number) => void,
): Float32Array {
  const order = rows.length;
  return withInverse(byTitle, byUser, rows, lambda, open, progress, (inverse, stride) => {
    const weights = new Float32Array(order * order);
    const diagonal = Float64Array.from(rows, (_, j) => inverse[j * (stride + 1)]!);
    for (let i = 0; i < order; i++)
      for (let j = 0; j < order; j++)
        if (i !== j) weights[i * order + j] = -inverse[i * stride + j]! / diagonal[j]!;
    return weights;
  });
}

function byUsers(
  { byUser, byTitle }: Positives,
  rows: Int32Array,
  users: Int32Array,
  lambda: number,
  open: OpenWorkspace,
  progress: (share: number) => void,
): Float32Array {
  const place = placesOf(users, byUser.starts.length - 1);
  const watchers = Array.from(rows, (row) =>
    byTitle.columns.slice(byTitle.starts[row]!, byTitle.starts[row + 1]!).map((user) => place[user]!),
  );
  const halfway = (share: number): void => progress(share / 2);
  return withInverse(byUser, byTitle, users, lambda, open, halfway, (inverse, stride) => {
    const half = new Float64Array(users.length);
    /** Row i of (lambda I + X X')^-1 X, transposed. */
    const solve = (i: number): void => {
      half.fill(0);
      for (const user of watchers[i]!)
        for (let other = 0, at = user * stride; other < half.length; other++, at++)
          half[other]! += inverse[at]!;
    };
    const inner = (j: number): number => {
      let sum = 0;
      const own = watchers[j]!;
      for (let a = 0; a < own.length; a++) sum += half[own[a]!]!;
      return sum;
    };
    // lambda P, of which the diagonal is wanted first.
    const diagonal = Float64Array.from(rows, (_, i) => {
      solve(i);
      return 1 - inner(i);
    });
    const weights = new Float32Array(rows.length * rows.length);
    for (let i = 0; i < rows.length; i++) {
      solve(i);
      for (let j = 0; j < rows.length; j++)
        if (i !== j) weights[i * rows.length + j] = inner(j) / diagonal[j]!;
      if (i % 64 === 0) progress((1 + i / rows.length) / 2);
    }
    progress(1);
    return weights;
  });
}

/** Score of every title for one viewer: the summed weights from what they took to; 0 for a title that nobody watched. */
export function scoreEase(model: EaseModel, viewer: Viewer): Float32Array {
  const { rows, weights, size, least } = model;
  const order = rows.length;
  const sums = new Float64Array(order);
  let at = 0;
  for (const title of positiveTitles(viewer, size, least)) {
    while (at < order && rows[at]! < title) at++;
    if (rows[at] !== title) continue;
    for (let j = 0, from = at * order; j < order; j++, from++) sums[j] = sums[j]! + weights[from]!;
  }
  const scores = new Float32Array(size);
  for (let j = 0; j < order; j++) scores[rows[j]!] = sums[j]!;
  return scores;
}

/** The `count` best titles by `scoreEase`, best first, ties by row, none of `without`; none for a viewer of whom nothing is known. */
export function retrieveEase(
  model: EaseModel,
  viewer: Viewer,
  count: number,
  without: ReadonlySet<number>,
): CandidateList {
  const scores = scoreEase(model, viewer);
  if (scores.every((score) => score === 0)) return { titles: new Int32Array(0), scores: new Float32Array(0) };
  return largest(scores, count, without);
}
