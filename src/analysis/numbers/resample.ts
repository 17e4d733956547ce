import { logGamma } from './distributions.ts';

/** Uniform numbers in [0, 1), such as a seeded generator's. */
export type Uniform = () => number;

/**
 * One binomial draw: n trials, success probability p. Inversion outwards from the mode, in about sqrt(n p (1 - p)) steps
 * and one uniform; exact but for rounding of the probabilities.
 */
export function drawBinomial(n: number, p: number, random: Uniform): number {
  if (n <= 0 || p <= 0) return 0;
  if (p >= 1) return n;
  const mode = Math.min(n, Math.floor((n + 1) * p));
  const peak = Math.exp(
    logGamma(n + 1) -
      logGamma(mode + 1) -
      logGamma(n - mode + 1) +
      mode * Math.log(p) +
      (n - mode) * Math.log1p(-p),
  );
  const odds = p / (1 - p);
  const below = (k: number, at: number) => (k > 0 ? (at * k) / ((n - k + 1) * odds) : 0);
  const above = (k: number, at: number) => (k < n ? (at * (n - k) * odds) / (k + 1) : 0);
  let [low, high] = [mode, mode];
  let [down, up] = [below(mode, peak), above(mode, peak)];
  let left = random() - peak;
  while (left >= 0 && (down > 0 || up > 0)) {
    if (up >= down) {
      high += 1;
      left -= up;
      if (left < 0) return high;
      up = above(high, up);
    } else {
      low -= 1;
      left -= down;
      if (left < 0) return low;
      down = below(low, down);
    }
  }
  return mode;
}

/** One multinomial draw of as many units as `counts` hold, each cell with its share of them. */
export function drawMultinomial(counts: readonly number[], random: Uniform): number[] {
  let units = counts.reduce((sum, count) => sum + count, 0);
  let rest = units;
  return counts.map((count) => {
    const drawn = count === 0 ? 0 : drawBinomial(units, count / rest, random);
    units -= drawn;
    rest -= count;
    return drawn;
  });
}
