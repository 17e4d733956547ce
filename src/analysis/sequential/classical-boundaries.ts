import type { Spending } from '../../declarations.ts';
import { normalQuantile } from '../numbers/distributions.ts';
import { crossing } from './crossing.ts';

/**
 * The classical two-sided designs of `looks` equally spaced looks at level `alpha`: |Z_k| >= C at every look (Pocock
 * 1977), or |Z_k| >= C sqrt(K / k) (O'Brien and Fleming 1979), with the constant C for which the looks together reject
 * in alpha of the trials without an effect (Jennison and Turnbull 2000, tables 2.1 and 2.3). Solved to 1e-12; for looks
 * at other times use error spending, group-sequential.ts.
 */
export function classicalBoundaries(shape: Spending, looks: number, alpha: number): readonly number[] {
  const information = Array.from({ length: looks }, (_, k) => (k + 1) / looks);
  const boundaries = (constant: number) =>
    information.map((fraction) => (shape === 'pocock' ? constant : constant / Math.sqrt(fraction)));
  const excess = (constant: number) =>
    crossing(boundaries(constant), information, 0).reduce(
      (sum, { upper, lower }) => sum + upper + lower,
      -alpha,
    );
  // One look alone is too lax, Bonferroni's is too strict.
  let low = normalQuantile(alpha / 2);
  let high = normalQuantile(alpha / 2 / looks);
  if (looks === 1) return [low];
  let [atLow, atHigh] = [excess(low), excess(high)];
  for (let step = 0; step < 100 && high - low > 1e-13; step++) {
    // Regula falsi; the Illinois halving below keeps both ends moving.
    const middle = high - (atHigh * (high - low)) / (atHigh - atLow);
    const value = excess(middle);
    if (Math.abs(value) < 1e-15) return boundaries(middle);
    if (value > 0) {
      [low, atLow] = [middle, value];
      atHigh /= 2;
    } else {
      [high, atHigh] = [middle, value];
      atLow /= 2;
    }
  }
  return boundaries((low + high) / 2);
}
