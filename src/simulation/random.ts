/**
 * Counter-based random numbers: each is a hash of (seed, who, when, what for), so a simulation gives the same draws
 * in whatever order and batches it runs.
 */

const ROUND = 0x9e3779b9;

/** The 32-bit finaliser of murmur3: every input bit reaches every output bit. */
function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** A 32-bit unsigned hash of four integers. */
export function hash(seed: number, a: number, b: number, c: number): number {
  let h = mix(seed ^ ROUND);
  h = mix(Math.imul(h, 5) + a + ROUND);
  h = mix(Math.imul(h, 5) + b + ROUND);
  return mix(Math.imul(h, 5) + c + ROUND) >>> 0;
}

/** Uniform in (0, 1), never an end. */
export function uniform(seed: number, a: number, b: number, c: number): number {
  return (hash(seed, a, b, c) + 0.5) / 4294967296;
}

/** Exponential with mean 1. */
export function exponential(seed: number, a: number, b: number, c: number): number {
  return -Math.log(uniform(seed, a, b, c));
}

/** Standard normal, by Box and Muller from two draws of the same key. */
export function normal(seed: number, a: number, b: number, c: number): number {
  const radius = Math.sqrt(-2 * Math.log(uniform(seed, a, b, c)));
  return radius * Math.cos(2 * Math.PI * uniform(seed ^ 0x5bd1e995, a, b, c));
}

/** A row drawn with probability proportional to `weights` (all >= 0, some > 0). */
export function pick(weights: ArrayLike<number>, u: number): number {
  let total = 0;
  for (let i = 0; i < weights.length; i++) total += weights[i]!;
  let left = u * total;
  for (let i = 0; i < weights.length; i++) {
    left -= weights[i]!;
    if (left < 0) return i;
  }
  return weights.length - 1;
}
