import { solveCholesky } from './cholesky.ts';

/** p = 1 / (1 + exp(-(intercept + weights . x))). */
export interface LogisticModel {
  readonly weights: Float64Array;
  readonly intercept: number;
}

/**
 * Logistic regression with an L2 penalty on the weights (not on the intercept): minimises
 * sum of -log likelihood + l2 / 2 * |weights|^2 by Newton's method with step halving. Deterministic.
 *
 * @param features n x width, row-major
 * @param labels   0 or 1, n of them
 * @param l2       > 0; it makes the problem strictly convex, so that constant or collinear features are no trouble
 */
export function trainLogistic(
  features: Float32Array,
  labels: Uint8Array,
  width: number,
  l2 = 1,
): LogisticModel {
  const size = width + 1;
  let solution: Float64Array = new Float64Array(size);
  let loss = objective(features, labels, width, l2, solution);
  for (let iteration = 0; iteration < 30; iteration++) {
    const step = newtonStep(features, labels, width, l2, solution);
    let scale = 1;
    let next = solution;
    let nextLoss = Number.POSITIVE_INFINITY;
    while (scale > 1e-6) {
      next = solution.map((value, index) => value + scale * step[index]!);
      nextLoss = objective(features, labels, width, l2, next);
      if (nextLoss <= loss) break;
      scale /= 2;
    }
    if (!(nextLoss <= loss)) break;
    const gain = loss - nextLoss;
    solution = next;
    loss = nextLoss;
    if (gain <= 1e-8 * Math.abs(loss)) break;
  }
  return { weights: solution.slice(0, width), intercept: solution[width]! };
}

/** Probabilities of the rows of `features`. */
export function predictLogistic(model: LogisticModel, features: Float32Array): Float32Array {
  const width = model.weights.length;
  const parameters = new Float64Array(width + 1);
  parameters.set(model.weights);
  parameters[width] = model.intercept;
  const probabilities = new Float32Array(features.length / width);
  for (let row = 0; row < probabilities.length; row++)
    probabilities[row] = 1 / (1 + Math.exp(-logit(features, row, width, parameters)));
  return probabilities;
}

function logit(features: Float32Array, row: number, width: number, parameters: Float64Array): number {
  let sum = parameters[width]!;
  for (let f = 0, offset = row * width; f < width; f++) sum += features[offset + f]! * parameters[f]!;
  return sum;
}

function objective(
  features: Float32Array,
  labels: Uint8Array,
  width: number,
  l2: number,
  parameters: Float64Array,
): number {
  let sum = 0;
  for (let f = 0; f < width; f++) sum += (l2 / 2) * parameters[f]! * parameters[f]!;
  for (let row = 0; row < labels.length; row++) {
    const z = logit(features, row, width, parameters);
    const signed = labels[row] === 1 ? -z : z;
    sum += Math.max(signed, 0) + Math.log1p(Math.exp(-Math.abs(signed)));
  }
  return sum;
}

/** -H^-1 g at `parameters`; the last one is the intercept. */
function newtonStep(
  features: Float32Array,
  labels: Uint8Array,
  width: number,
  l2: number,
  parameters: Float64Array,
): Float64Array {
  const size = width + 1;
  const hessian = new Float64Array(size * size);
  const step = new Float64Array(size);
  const row = new Float64Array(size);
  const present = new Int32Array(size);
  row[width] = 1;
  for (let example = 0; example < labels.length; example++) {
    const p = 1 / (1 + Math.exp(-logit(features, example, width, parameters)));
    const error = labels[example]! - p;
    const curvature = p * (1 - p);
    let filled = 0;
    for (let f = 0; f < size; f++) {
      if (f < width) row[f] = features[example * width + f]!;
      if (row[f] !== 0) present[filled++] = f;
    }
    for (let a = 0; a < filled; a++) {
      const f = present[a]!;
      step[f]! += error * row[f]!;
      const scaled = curvature * row[f]!;
      for (let b = 0; b <= a; b++) hessian[f * size + present[b]!]! += scaled * row[present[b]!]!;
    }
  }
  for (let f = 0; f < width; f++) {
    step[f]! -= l2 * parameters[f]!;
    hessian[f * size + f]! += l2;
  }
  // Keeps the intercept's row definite when every probability is almost 0 or 1.
  hessian[width * size + width]! += 1e-9;
  solveCholesky(hessian, step, size);
  return step;
}
