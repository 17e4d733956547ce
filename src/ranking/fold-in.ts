import { solveCholesky } from './cholesky.ts';
import { confidenceOf, penaltyOf } from './confidence.ts';
import type { IalsModel } from './models.ts';

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
  const { factors, items, gram } = model;
  const size = items.length / factors;
  const matrix = gram.slice();
  const right = new Float64Array(factors);
  let weighed = 0;
  let held = -1;
  let heldWeight = 0;
  for (let entry = 0; entry < count; entry++) {
    const title = titles[entry]!;
    if (title < 0 || title >= size) continue;
    const weight = confidenceOf(model, weights[entry]!);
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
  const penalty = penaltyOf(model, weighed);
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
