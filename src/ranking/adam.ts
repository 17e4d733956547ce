/** Adam (Kingma, Ba 2015) on one array of parameters. */
export interface Adam {
  readonly values: Float32Array;
  /** Sum of the minibatch's gradients; a step sets it back to zero. */
  readonly gradient: Float64Array;
  readonly mean: Float64Array;
  readonly square: Float64Array;
}

const MEAN_DECAY = 0.9;
const SQUARE_DECAY = 0.999;

export function createAdam(values: Float32Array, gradient: Float64Array): Adam {
  return {
    values,
    gradient,
    mean: new Float64Array(values.length),
    square: new Float64Array(values.length),
  };
}

/**
 * One step on the parameters [from, to) against their summed gradient.
 * @param batch examples in the sum
 * @param step  number of this step from 1, for the bias correction
 * @param l2    penalty l2 / 2 * value^2 on each parameter
 */
export function adamStep(
  { values, gradient, mean, square }: Adam,
  batch: number,
  step: number,
  learningRate: number,
  l2: number,
  from = 0,
  to = values.length,
): void {
  const rate = (learningRate * Math.sqrt(1 - SQUARE_DECAY ** step)) / (1 - MEAN_DECAY ** step);
  for (let p = from; p < to; p++) {
    const slope = gradient[p]! / batch + l2 * values[p]!;
    gradient[p] = 0;
    mean[p] = MEAN_DECAY * mean[p]! + (1 - MEAN_DECAY) * slope;
    square[p] = SQUARE_DECAY * square[p]! + (1 - SQUARE_DECAY) * slope * slope;
    values[p] = values[p]! - (rate * mean[p]!) / (Math.sqrt(square[p]!) + 1e-8);
  }
}
