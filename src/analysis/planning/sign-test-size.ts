import { computed, type Result, refused } from '../estimate/effect.ts';
import { normalQuantile } from '../numbers/distributions.ts';

export interface SignTestSize {
  /** Before rounding up. */
  readonly exact: number;
  readonly units: number;
}

/**
 * Units at which the two-sided sign test over those that prefer one of two rankers has the power, by the normal
 * approximation with the variance of the binomial under the null and under the preference:
 *
 *     decided = ((z_(alpha/2) / 2 + z_(1 - power) sqrt(p (1 - p))) / (p - 1/2))^2,   units = decided / share that decides
 *
 * (Fleiss, Levin and Paik 2003, section 2.5). The exact test of the product is a little blunter where few units decide.
 *
 * @param preferred  share of the deciding units that prefer the second ranker, in (0, 1) and not one half
 * @param decided    share of the units that decide, in (0, 1]
 */
export function signTestSize(
  preferred: number,
  decided: number,
  alpha: number,
  power: number,
): Result<SignTestSize> {
  if (!(alpha > 0 && alpha < 1)) return refused(`alpha must lie between 0 and 1, it is ${alpha}`);
  if (!(power > alpha && power < 1))
    return refused(`the wanted power must lie between alpha (${alpha}) and 1, it is ${power}`);
  if (!(decided > 0 && decided <= 1)) return refused('no unit prefers either ranker');
  if (!(preferred >= 0 && preferred <= 1)) return refused(`a share lies between 0 and 1, it is ${preferred}`);
  if (preferred === 0.5) return refused('no number of units detects a preference of nothing');
  const spread = Math.sqrt(preferred * (1 - preferred));
  const needed = (normalQuantile(alpha / 2) / 2 + normalQuantile(1 - power) * spread) / (preferred - 0.5);
  const exact = needed ** 2 / decided;
  return computed({ exact, units: Math.ceil(exact) });
}
