import { normal } from './generator.ts';

/** A fully connected layer: out = x W + b, with W inputs x outputs, row-major. */
export interface Dense {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

/** Sums of gradients of one layer, shaped as the layer. */
export interface DenseGradient {
  readonly weights: Float64Array;
  readonly bias: Float64Array;
}

/** Normal weights of variance 2 / inputs (He et al. 2015), zero bias. */
export function createDense(inputs: number, outputs: number, random: () => number): Dense {
  const spread = Math.sqrt(2 / inputs);
  const weights = Float32Array.from({ length: inputs * outputs }, () => spread * normal(random));
  return { inputs, outputs, weights, bias: new Float32Array(outputs) };
}

/** A layer that puts out its bias, the same for every output, whatever comes in. */
export function silentDense(inputs: number, outputs: number, bias = 0): Dense {
  return {
    inputs,
    outputs,
    weights: new Float32Array(inputs * outputs),
    bias: new Float32Array(outputs).fill(bias),
  };
}

export function createGradient({ inputs, outputs }: Dense): DenseGradient {
  return { weights: new Float64Array(inputs * outputs), bias: new Float64Array(outputs) };
}

/** out = x W + b, or max(0, that). Zero inputs cost nothing, and most features are one-hot. */
export function forward(layer: Dense, x: Float64Array, out: Float64Array, rectify: boolean): void {
  const { inputs, outputs, weights, bias } = layer;
  for (let o = 0; o < outputs; o++) out[o] = bias[o]!;
  for (let i = 0; i < inputs; i++) {
    const value = x[i]!;
    if (value === 0) continue;
    const row = i * outputs;
    for (let o = 0; o < outputs; o++) out[o] = out[o]! + value * weights[row + o]!;
  }
  if (rectify) for (let o = 0; o < outputs; o++) if (out[o]! < 0) out[o] = 0;
}

/**
 * Adds to the layer's gradient and, where `dx` is given, writes the loss's derivative by the inputs from `dxFrom` on.
 * @param dout derivative by the layer's outputs before any rectifier
 */
export function backward(
  layer: Dense,
  gradient: DenseGradient,
  x: Float64Array,
  dout: Float64Array,
  dx?: Float64Array,
  dxFrom = 0,
): void {
  const { inputs, outputs, weights } = layer;
  for (let o = 0; o < outputs; o++) gradient.bias[o] = gradient.bias[o]! + dout[o]!;
  for (let i = 0; i < inputs; i++) {
    const value = x[i]!;
    if (value === 0) continue;
    const row = i * outputs;
    for (let o = 0; o < outputs; o++)
      gradient.weights[row + o] = gradient.weights[row + o]! + value * dout[o]!;
  }
  if (dx === undefined) return;
  for (let i = dxFrom; i < inputs; i++) {
    const row = i * outputs;
    let sum = 0;
    for (let o = 0; o < outputs; o++) sum += weights[row + o]! * dout[o]!;
    dx[i] = sum;
  }
}

/** Derivative through max(0, out): zero where the unit was off. */
export function gate(out: Float64Array, dout: Float64Array): void {
  for (let o = 0; o < out.length; o++) if (out[o]! <= 0) dout[o] = 0;
}
