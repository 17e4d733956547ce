import type { Interactions } from './catalogue.ts';
import { solveCholesky } from './cholesky.ts';
import { generator, normal } from './generator.ts';
import type { IalsModel } from './models.ts';
import { type SparseRows, sparseRows } from './sparse.ts';

export interface IalsParameters {
  /** Length of a vector. */
  readonly factors: number;
  /** Alternations over users and titles. */
  readonly iterations: number;
  /** lambda per unit of a row's total confidence, 1 for each row of the other side and alpha w for each interaction. */
  readonly regularisation: number;
  /** Confidence added per unit of interaction weight. */
  readonly alpha: number;
  /** Conjugate gradient steps per row and iteration, started from the row's last solution. */
  readonly steps: number;
  readonly seed: number;
}

export const IALS_DEFAULTS: IalsParameters = {
  factors: 32,
  iterations: 6,
  regularisation: 0.004,
  alpha: 3,
  steps: 2,
  seed: 1,
};

/**
 * Implicit-feedback matrix factorisation by alternating least squares. Minimises over user vectors x and title vectors y
 *
 *   sum over interactions of alpha w (1 - x'y)^2 + sum over all pairs of (x'y)^2 + sum over rows of lambda_r |row|^2
 *
 * with lambda_r = lambda * (number of rows of the other side + alpha * sum of w in the row). An interaction that occurs
 * twice counts as one of the summed weight. The model keeps lambda * titles as `regularisation`, so that a fold-in needs
 * nothing else and the penalty of a short history is that value. Each row is solved by a few conjugate gradient steps from its last value.
 * A title nobody watched has the zero vector.
 *
 * Papers: Hu, Koren, Volinsky 2008 (the weighted loss); Takács, Pilászy, Tikk 2011 (conjugate gradients);
 * Rendle, Krichene, Zhang, Koren 2021 (regularisation that grows with frequency).
 *
 * @param titles size of the catalogue
 * @param progress called after each iteration with the share done, in (0, 1]
 * @param start a model of the same catalogue and `factors` to begin from: then a few iterations are enough
 */
export function trainIals(
  interactions: Interactions,
  titles: number,
  parameters: Partial<IalsParameters> = {},
  progress: (share: number) => void = () => {},
  start?: IalsModel,
): IalsModel {
  const { factors, iterations, regularisation, alpha, steps, seed } = { ...IALS_DEFAULTS, ...parameters };
  const { count, userCount } = interactions;
  const users = interactions.users.subarray(0, count);
  const rows = interactions.titles.subarray(0, count);
  const weights = interactions.weights.subarray(0, count);
  const byUser = sparseRows(users, rows, weights, userCount);
  const byTitle = sparseRows(rows, users, weights, titles);

  const random = generator(seed);
  const people = new Float32Array(userCount * factors);
  const items = new Float32Array(titles * factors);
  const spread = 0.1 / Math.sqrt(factors);
  for (let title = 0; title < titles; title++) {
    if (byTitle.starts[title] === byTitle.starts[title + 1]) continue;
    for (let f = 0; f < factors; f++)
      items[title * factors + f] = start?.items[title * factors + f] || spread * normal(random);
  }
  for (let iteration = 0; iteration < iterations; iteration++) {
    // The first pass starts from zero vectors, far from the solution.
    const count = iteration === 0 ? 2 * steps : steps;
    improve(people, items, byUser, factors, regularisation, alpha, count);
    improve(items, people, byTitle, factors, regularisation, alpha, count);
    progress((iteration + 1) / iterations);
  }
  return { factors, regularisation: regularisation * titles, alpha, items, gram: gramOf(items, factors) };
}

/**
 * The vector of one user from what they watched, by the exact least-squares solution against the model's titles.
 * A title may occur more than once; unknown rows (outside the model) are ignored. No history gives the zero vector.
 *
 * @param titles  catalogue rows
 * @param weights parallel to `titles`, same scale as in training
 */
export function foldIn(
  model: IalsModel,
  titles: ArrayLike<number>,
  weights: ArrayLike<number>,
  count: number = titles.length,
): Float32Array {
  const { factors, items, alpha, gram, regularisation } = model;
  const size = items.length / factors;
  const matrix = gram.slice();
  const right = new Float64Array(factors);
  let weighed = 0;
  let held = -1;
  let heldWeight = 0;
  for (let entry = 0; entry < count; entry++) {
    const title = titles[entry]!;
    if (title < 0 || title >= size) continue;
    const weight = alpha * weights[entry]!;
    weighed += weight;
    if (held < 0) {
      held = title;
      heldWeight = weight;
    } else {
      addTwo(matrix, right, items, held, heldWeight, title, weight);
      held = -1;
    }
  }
  if (held >= 0) addTwo(matrix, right, items, held, heldWeight, held, 0);
  if (right.every((value) => value === 0)) return new Float32Array(factors);
  const penalty = regularisation * (1 + weighed / size);
  for (let f = 0; f < factors; f++) matrix[f * factors + f]! += penalty;
  solveCholesky(matrix, right, factors);
  return Float32Array.from(right);
}

/**
 * right += v y + w z, and the lower half of matrix += v y y' + w z z', for the rows y and z of two titles. Two at once,
 * because each pass over the matrix costs more than the products.
 */
function addTwo(
  matrix: Float64Array,
  right: Float64Array,
  items: Float32Array,
  first: number,
  firstWeight: number,
  second: number,
  secondWeight: number,
): void {
  const factors = right.length;
  const y = first * factors;
  const z = second * factors;
  for (let f = 0; f < factors; f++) {
    const v = firstWeight * items[y + f]!;
    const w = secondWeight * items[z + f]!;
    right[f]! += v + w;
    const row = f * factors;
    for (let g = 0; g <= f; g++) matrix[row + g]! += v * items[y + g]! + w * items[z + g]!;
  }
}

/** Conjugate gradient steps on every row of `mine` against the fixed rows of `theirs`. Rows without entries stay as they are. */
function improve(
  mine: Float32Array,
  theirs: Float32Array,
  entries: SparseRows,
  factors: number,
  regularisation: number,
  alpha: number,
  steps: number,
): void {
  const gram = gramOf(theirs, factors);
  const { starts, columns, values } = entries;
  const others = theirs.length / factors;
  const solution = new Float64Array(factors);
  const residual = new Float64Array(factors);
  const direction = new Float64Array(factors);
  const image = new Float64Array(factors);

  /** image = (gram + penalty I + sum of alpha w y y') direction */
  const apply = (row: number, penalty: number): void => {
    for (let f = 0; f < factors; f++) {
      let sum = penalty * direction[f]!;
      const offset = f * factors;
      for (let g = 0; g < factors; g++) sum += gram[offset + g]! * direction[g]!;
      image[f] = sum;
    }
    for (let entry = starts[row]!; entry < starts[row + 1]!; entry++) {
      const offset = columns[entry]! * factors;
      // Four sums at once: one would wait for each addition.
      let [a, b, c, d] = [0, 0, 0, 0];
      let f = 0;
      for (; f + 3 < factors; f += 4) {
        a += theirs[offset + f]! * direction[f]!;
        b += theirs[offset + f + 1]! * direction[f + 1]!;
        c += theirs[offset + f + 2]! * direction[f + 2]!;
        d += theirs[offset + f + 3]! * direction[f + 3]!;
      }
      for (; f < factors; f++) a += theirs[offset + f]! * direction[f]!;
      const product = (a + b + c + d) * alpha * values[entry]!;
      for (f = 0; f < factors; f++) image[f]! += product * theirs[offset + f]!;
    }
  };

  for (let row = 0; row < starts.length - 1; row++) {
    if (starts[row] === starts[row + 1]) continue;
    let confidence = others;
    for (let entry = starts[row]!; entry < starts[row + 1]!; entry++) confidence += alpha * values[entry]!;
    const penalty = regularisation * confidence;
    for (let f = 0; f < factors; f++) direction[f] = solution[f] = mine[row * factors + f]!;
    apply(row, penalty);
    for (let f = 0; f < factors; f++) residual[f] = -image[f]!;
    for (let entry = starts[row]!; entry < starts[row + 1]!; entry++) {
      const offset = columns[entry]! * factors;
      const weight = alpha * values[entry]!;
      for (let f = 0; f < factors; f++) residual[f]! += weight * theirs[offset + f]!;
    }
    direction.set(residual);
    let norm = squared(residual);
    for (let step = 0; step < steps && norm > 1e-20; step++) {
      apply(row, penalty);
      let curvature = 0;
      for (let f = 0; f < factors; f++) curvature += direction[f]! * image[f]!;
      const length = norm / curvature;
      for (let f = 0; f < factors; f++) {
        solution[f]! += length * direction[f]!;
        residual[f]! -= length * image[f]!;
      }
      const next = squared(residual);
      for (let f = 0; f < factors; f++) direction[f] = residual[f]! + (next / norm) * direction[f]!;
      norm = next;
    }
    for (let f = 0; f < factors; f++) mine[row * factors + f] = solution[f]!;
  }
}

function squared(vector: Float64Array): number {
  let sum = 0;
  for (let f = 0; f < vector.length; f++) sum += vector[f]! * vector[f]!;
  return sum;
}

/** Y'Y of a row-major matrix with `factors` columns. */
function gramOf(rows: Float32Array, factors: number): Float64Array {
  const gram = new Float64Array(factors * factors);
  for (let offset = 0; offset < rows.length; offset += factors) {
    for (let f = 0; f < factors; f++) {
      const left = rows[offset + f]!;
      if (left === 0) continue;
      for (let g = 0; g <= f; g++) gram[f * factors + g]! += left * rows[offset + g]!;
    }
  }
  for (let f = 0; f < factors; f++)
    for (let g = 0; g < f; g++) gram[g * factors + f] = gram[f * factors + g]!;
  return gram;
}
