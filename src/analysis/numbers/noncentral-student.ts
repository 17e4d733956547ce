import { normalTail } from './distributions.ts';

/** Terms below this share of the largest, or of the sum, are left out. */
const NEGLIGIBLE = 1e-19;

/**
 * P(T > t) for the noncentral t with df > 0 degrees of freedom and noncentrality delta: T = (Z + delta) / S, where
 * S^2 is an independent chi-square over its df. The normal tail P(Z > t s - delta) is averaged over log S by the
 * trapezoidal rule, which converges geometrically for such integrands (Trefethen and Weideman 2014), so upper tails
 * keep their relative accuracy and no df or delta is too large; the weights are normalised by their own sum. df = Infinity is the shifted normal.
 */
export function noncentralStudentTail(t: number, df: number, delta: number): number {
  if (df > 1e12) return normalTail(t - delta);
  // log density of u = log S, less its constant: df (u - e^(2u) / 2), with its peak at u = 0.
  const logDensity = (u: number) => df * (u - Math.expm1(2 * u) / 2);
  const width = 1 / Math.sqrt(2 * df);
  // The normal tail falls where t s is about delta, over 1 / delta of u; a fall sharper than 10,000 steps is a jump.
  const steepness = Math.min(Math.abs(t), Math.abs(delta) + 8);
  const step = Math.min(width, 1) / (8 * Math.min(10_000, Math.max(1, (steepness * width) / 2)));
  let total = 0;
  let mass = 0;
  for (const direction of [1, -1]) {
    for (let index = direction === 1 ? 0 : 1; ; index++) {
      const u = direction * index * step;
      const weight = Math.exp(logDensity(u));
      const term = weight * normalTail(t * Math.exp(u) - delta);
      total += term;
      mass += weight;
      // In a far tail of T the chi factor's own tail decides: go on for as long as terms still add.
      if (weight < NEGLIGIBLE && !(term > total * NEGLIGIBLE)) break;
    }
  }
  return total / mass;
}
