import type { Interactions } from './catalogue.ts';
import { checkInteractions } from './check-interactions.ts';
import { checkParameters } from './check-parameters.ts';
import { confidenceOf } from './confidence.ts';
import { generator, normal } from './generator.ts';
import { type Arena, arenaOf, bytesFor } from './kernels/arena.ts';
import { balancedRanges, evenRanges } from './kernels/ranges.ts';
import { type OpenWorkspace, openWorkspace, type Workspace } from './kernels/workspace.ts';
import type { IalsModel } from './models.ts';
import { fillSparseRows, type SparseRows } from './sparse.ts';

export interface IalsParameters {
  /** Length of a vector, 1 to 1,024. */
  readonly factors: number;
  /** Alternations over users and titles, 1 to 1,000. */
  readonly iterations: number;
  /** lambda, above 0: penalty per unit of a row's total confidence to the power of `nu`. */
  readonly regularisation: number;
  /** Confidence added per unit of interaction weight, above 0. */
  readonly alpha: number;
  /** How the penalty grows with a row's total confidence, 0 (one for all rows) to 1. */
  readonly nu: number;
  /** Least weight of an interaction that counts, at least 0; 0: all. */
  readonly least: number;
  /** Whether each interaction that counts has weight 1, whatever its own. */
  readonly binary: boolean;
  /** Conjugate gradient steps per row and iteration, 1 to 100, started from the row's last solution. */
  readonly steps: number;
  /** A whole number, 0 to 2^32 - 1. */
  readonly seed: number;
}

export const IALS_DEFAULTS: IalsParameters = {
  factors: 32,
  iterations: 6,
  regularisation: 0.004,
  alpha: 3,
  nu: 1,
  least: 0,
  binary: false,
  steps: 2,
  seed: 1,
};

/** What each number may be. */
const RANGES = {
  factors: { least: 1, most: 1024, whole: true },
  iterations: { least: 1, most: 1000, whole: true },
  regularisation: { least: 0, most: Number.POSITIVE_INFINITY, open: true },
  alpha: { least: 0, most: Number.POSITIVE_INFINITY, open: true },
  nu: { least: 0, most: 1 },
  least: { least: 0, most: Number.MAX_VALUE },
  steps: { least: 1, most: 100, whole: true },
  seed: { least: 0, most: 0xffffffff, whole: true },
} as const;

/** Factors of a row are padded with zeros to a multiple of this: two vector registers. */
const LANES = 8;
/** Ranges of rows per thread: a thread that is held up leaves the rest to the others. */
const PARTS = 16;

/**
 * Implicit-feedback matrix factorisation by alternating least squares. Minimises over user vectors x and title vectors y
 *
 *   sum over interactions of alpha w (1 - x'y)^2 + sum over all pairs of (x'y)^2 + sum over rows of lambda_r |row|^2
 *
 * with lambda_r = lambda * (number of rows of the other side + alpha * sum of w in the row)^nu. An interaction that occurs
 * twice counts as one of the summed weight; one of weight 0 does not count. A title nobody watched has the zero vector.
 *
 * Rendle's parametrisation, with alpha0 for the weight of all pairs and binary interactions of weight 1, is this one divided by
 * alpha0: `binary`, alpha = 1 / alpha0, regularisation = lambda * alpha0^(nu - 1), the same nu.
 *
 * The model keeps lambda * titles^nu as `regularisation`, so that a fold-in needs nothing else and the penalty of a short history
 * is about that value. Each row is solved by a few conjugate gradient steps from its last value, in single precision; the result is the same
 * whatever the number of threads, since a row is solved alone and the Gram matrix is summed in the order of its rows. Time is
 * linear in interactions (4 (steps + 1) factors multiplications each) and rows; memory is 16 bytes per interaction, 4 bytes per row and factor.
 *
 * Papers: Hu, Koren, Volinsky 2008 (the weighted loss); Takács, Pilászy, Tikk 2011 (conjugate gradients);
 * Rendle, Krichene, Zhang, Koren 2021, section 3 (regularisation that grows with frequency).
 *
 * @param titles   size of the catalogue
 * @param progress called after each half of an iteration with the share done, in (0, 1]
 * @param start    a model of the same catalogue and `factors` to begin from: then a few iterations are enough
 * @param open     where to compute; in this thread unless given
 * @throws RangeError when a parameter is out of its range, an interaction names no row or has no weight, or memory is short
 */
export function trainIals(
  interactions: Interactions,
  titles: number,
  parameters: Partial<IalsParameters> = {},
  progress: (share: number) => void = () => {},
  start?: IalsModel,
  open: OpenWorkspace = openWorkspace,
): IalsModel {
  const all = { ...IALS_DEFAULTS, ...parameters };
  checkParameters('iALS', all, RANGES);
  checkInteractions(interactions, titles);
  const { factors, iterations, regularisation, alpha, nu, least, binary, steps, seed } = all;
  const counted = countedOf(interactions, all);
  const width = Math.ceil(factors / LANES) * LANES;
  const lay = (arena: Arena) => ({
    users: laySide(arena, interactions.userCount, counted.values.length, width),
    titles: laySide(arena, titles, counted.values.length, width),
    gram: arena.float64(width * width),
    products: arena.float32(width * width),
  });
  const bytes = bytesFor(lay);
  const workspace = open(bytes + SCRATCH_CALLS * scratchBytes(width));
  try {
    const task = { ...lay(arenaOf(workspace.buffer)), workspace, width, steps, scratch: bytes };
    const { users: people, titles: items } = task;
    fillSparseRows(people.entries, counted.users, counted.titles, counted.values);
    fillSparseRows(items.entries, counted.titles, counted.users, counted.values);
    penalise(people, titles, regularisation, nu);
    penalise(items, interactions.userCount, regularisation, nu);
    draw(items, factors, width, seed, start);
    for (let iteration = 0; iteration < iterations; iteration++) {
      // The first pass starts from zero vectors, far from the solution.
      const pass = { ...task, steps: iteration === 0 ? 2 * steps : steps };
      improve(pass, people, items);
      progress((iteration + 0.5) / iterations);
      improve(pass, items, people);
      progress((iteration + 1) / iterations);
    }
    sumGram(task, items);
    return {
      factors,
      regularisation: regularisation * titles ** nu,
      alpha,
      nu,
      least,
      binary,
      items: cropped(items.vectors, titles, factors, width, new Float32Array(titles * factors)),
      gram: cropped(task.gram, factors, factors, width, new Float64Array(factors * factors)),
    };
  } finally {
    workspace.close();
  }
}

/** Users or titles in training. */
interface Side {
  readonly entries: SparseRows;
  /** Rows of `width`. */
  readonly vectors: Float32Array;
  readonly penalties: Float32Array;
}

interface Task {
  readonly workspace: Workspace;
  readonly width: number;
  readonly steps: number;
  readonly gram: Float64Array;
  /** The same in single precision. */
  readonly products: Float32Array;
  /** Address of the room for each of `SCRATCH_CALLS` calls. */
  readonly scratch: number;
}

/** Most calls of one step. */
const SCRATCH_CALLS = 256;
const scratchBytes = (width: number): number => 3 * width * 4;

function laySide(arena: Arena, rows: number, entries: number, width: number): Side {
  return {
    entries: {
      starts: arena.int32(rows + 1),
      columns: arena.int32(entries),
      values: arena.float32(entries),
    },
    vectors: arena.float32(rows * width),
    penalties: arena.float32(rows),
  };
}

/** Interactions with their confidence; those without any are left out. */
function countedOf(
  { count, users, titles, weights }: Interactions,
  parameters: IalsParameters,
): { users: Int32Array; titles: Int32Array; values: Float32Array } {
  const values = weights.subarray(0, count).map((weight) => confidenceOf(parameters, weight));
  const all = { users: users.subarray(0, count), titles: titles.subarray(0, count), values };
  if (values.every((value) => value > 0)) return all;
  const counts = (_: number, entry: number): boolean => values[entry]! > 0;
  return {
    users: all.users.filter(counts),
    titles: all.titles.filter(counts),
    values: values.filter((value) => value > 0),
  };
}

function penalise({ entries, penalties }: Side, others: number, regularisation: number, nu: number): void {
  const { starts, values } = entries;
  for (let row = 0; row < penalties.length; row++) {
    let confidence = others;
    for (let entry = starts[row]!; entry < starts[row + 1]!; entry++) confidence += values[entry]!;
    penalties[row] = regularisation * confidence ** nu;
  }
}

/** Small random vectors for the rows that have entries, or those of `start`. */
function draw(side: Side, factors: number, width: number, seed: number, start: IalsModel | undefined): void {
  const { starts } = side.entries;
  const random = generator(seed);
  const spread = 0.1 / Math.sqrt(factors);
  for (let row = 0; row < starts.length - 1; row++) {
    if (starts[row] === starts[row + 1]) continue;
    for (let f = 0; f < factors; f++)
      side.vectors[row * width + f] = start?.items[row * factors + f] || spread * normal(random);
  }
}

/** Conjugate gradient steps on every row of `mine` against the fixed rows of `theirs`. Rows without entries stay as they are. */
function improve(task: Task, mine: Side, theirs: Side): void {
  const { workspace, products, width, steps, scratch } = task;
  sumGram(task, theirs);
  products.set(task.gram);
  const { starts, columns, values } = mine.entries;
  const ranges = balancedRanges(starts, Math.min(SCRATCH_CALLS, PARTS * workspace.threads));
  const matrices = [mine.vectors, theirs.vectors, starts, columns, values, products, mine.penalties];
  const addresses = matrices.map((matrix) => matrix.byteOffset);
  workspace.run(
    'improve',
    ranges.map(([from, to], call) => [
      ...[from, to, ...addresses, width, steps],
      scratch + call * scratchBytes(width),
    ]),
  );
}

/** gram = Y'Y of the side's rows */
function sumGram({ workspace, width, gram }: Task, { vectors }: Side): void {
  workspace.run(
    'gram',
    evenRanges(width, workspace.threads, 4).map(([from, to]) => [
      ...[vectors.byteOffset, vectors.length / width, width, from, to],
      gram.byteOffset,
    ]),
  );
}

/** The first `columns` of rows of `width`. */
function cropped<Matrix extends Float32Array | Float64Array>(
  matrix: Matrix,
  rows: number,
  columns: number,
  width: number,
  out: Matrix,
): Matrix {
  for (let row = 0; row < rows; row++)
    out.set(matrix.subarray(row * width, row * width + columns), row * columns);
  return out;
}
