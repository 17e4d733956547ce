import type { Correction } from '../declarations.ts';

/**
 * What an interval at the returned level covers: the one parameter (marginal), all at once (simultaneous), the expected
 * share among those found different (false-coverage), or nothing beyond agreeing with its adjusted p (step-wise): the
 * level is that of the step at which Holm's or Hochberg's procedure decided this hypothesis, and is laxer than what all
 * intervals together would need (Strassburger and Bretz 2008; Guilbaud 2008).
 */
export type CoverageKind = 'marginal' | 'simultaneous' | 'step-wise' | 'false-coverage';

export const COVERAGE: Readonly<Record<Correction, CoverageKind>> = {
  none: 'marginal',
  bonferroni: 'simultaneous',
  holm: 'step-wise',
  hochberg: 'step-wise',
  bh: 'false-coverage',
  by: 'false-coverage',
};

export interface Corrected {
  /** Adjusted p, in the order given; null where there was none. */
  readonly adjusted: readonly (number | null)[];
  /** alpha of each interval: it excludes the null exactly when the adjusted p is at most `alpha`. */
  readonly levels: readonly number[];
  /** Hypotheses corrected over. */
  readonly count: number;
}

/** sum 1 / i, i = 1 .. count: what arbitrary dependence costs the false discovery rate. */
function harmonic(count: number): number {
  let sum = 0;
  for (let i = count; i >= 1; i--) sum += 1 / i;
  return sum;
}

/** Adjusted p of step procedures: factor x p, made monotone from below (step down) or from above (step up). */
function monotone(
  order: readonly { readonly p: number }[],
  factor: (rank: number) => number,
  direction: 'down' | 'up',
): readonly number[] {
  const adjusted = order.map(({ p }, rank) => Math.min(1, p * factor(rank)));
  if (direction === 'down') {
    for (let i = 1; i < adjusted.length; i++) adjusted[i] = Math.max(adjusted[i - 1] ?? 0, adjusted[i] ?? 1);
  } else {
    for (let i = adjusted.length - 2; i >= 0; i--) {
      adjusted[i] = Math.min(adjusted[i + 1] ?? 1, adjusted[i] ?? 1);
    }
  }
  return adjusted;
}

/**
 * Corrects a family of m two-sided p-values, each in [0, 1], at level alpha. A hypothesis without a p-value still counts
 * as one of the family, as if its p were 1, so that a metric that fails to compute never makes the others look better.
 *
 * Family-wise error: Bonferroni, m p; Holm 1979, step down with (m - i + 1) p_(i), both under any dependence; Hochberg
 * 1988, step up with the same factors, for independent or positively dependent p-values. False discovery rate:
 * Benjamini and Hochberg 1995, step up with m p_(i) / i, independent or positively dependent; Benjamini and Yekutieli
 * 2001, the same times sum 1 / j, any dependence.
 *
 * Levels: with R rejected, alpha / m (Bonferroni); alpha / (m - i + 1) for the i-th rejected and alpha / (m - R) for the
 * others (Holm); alpha / (m - R + 1) for all (Hochberg); R alpha / m and R alpha / (m sum 1 / j) for all, with R at least
 * 1 (BH, BY): for the rejected ones these keep the false coverage rate at alpha (Benjamini and Yekutieli 2005), under
 * the conditions of the procedure. A p-value is at most its level exactly when its adjusted p is at most alpha.
 */
export function correct(
  pValues: readonly (number | null)[],
  correction: Correction,
  alpha: number,
): Corrected {
  const count = pValues.length;
  const order = pValues
    .map((p, index) => ({ p, index }))
    .filter((entry): entry is { p: number; index: number } => entry.p !== null)
    .sort((a, b) => a.p - b.p);
  const price = correction === 'by' ? harmonic(count) : 1;
  const factors: Readonly<Record<Correction, (rank: number) => number>> = {
    none: () => 1,
    bonferroni: () => count,
    holm: (rank) => count - rank,
    hochberg: (rank) => count - rank,
    bh: (rank) => count / (rank + 1),
    by: (rank) => (count / (rank + 1)) * price,
  };
  const inOrder = monotone(order, factors[correction], correction === 'holm' ? 'down' : 'up');
  const rejected = inOrder.filter((p) => p <= alpha).length;
  const last = Math.max(1, rejected);
  const levelAt: Readonly<Record<Correction, (rank: number) => number>> = {
    none: () => alpha,
    bonferroni: () => alpha / count,
    holm: (rank) => alpha / Math.max(1, count - Math.min(rank, rejected)),
    hochberg: () => alpha / (count - last + 1),
    bh: () => alpha * Math.min(1, last / count),
    by: () => (alpha * Math.min(1, last / count)) / price,
  };
  const adjusted = new Array<number | null>(count).fill(null);
  // One without a p stands after all the others.
  const levels = new Array<number>(count).fill(levelAt[correction](count));
  for (const [rank, { index }] of order.entries()) {
    adjusted[index] = inOrder[rank] ?? null;
    levels[index] = levelAt[correction](rank);
  }
  return { adjusted, levels, count };
}
