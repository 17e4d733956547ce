import type { Correction } from '../declarations.ts';

/**
 * What an interval at the returned level covers: the one parameter (marginal), all at once (simultaneous), or the
 * expected share among those found different (false-coverage). Holm's levels are those of its steps: they agree with
 * the adjusted p, yet promise simultaneous coverage only for the intervals that were not rejected.
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

/**
 * Corrects a family of two-sided p-values at level alpha. A hypothesis without a p-value still counts as one of the
 * family, so that a metric that fails to compute never makes the others look better.
 * Holm 1979; Benjamini and Hochberg 1995; intervals after BH: Benjamini and Yekutieli 2005.
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
  const adjusted = new Array<number | null>(count).fill(null);
  const levels = new Array<number>(count).fill(correction === 'none' ? alpha : alpha / Math.max(1, count));
  if (correction === 'none' || correction === 'bonferroni') {
    const factor = correction === 'none' ? 1 : count;
    for (const { p, index } of order) adjusted[index] = Math.min(1, p * factor);
    return { adjusted, levels, count };
  }
  if (correction === 'holm') {
    let running = 0;
    for (const [rank, { p, index }] of order.entries()) {
      running = Math.max(running, Math.min(1, p * (count - rank)));
      adjusted[index] = running;
    }
  } else {
    let running = 1;
    for (const [rank, { p, index }] of [...order.entries()].reverse()) {
      running = Math.min(running, (p * count) / (rank + 1));
      adjusted[index] = running;
    }
  }
  const rejected = order.filter(({ index }) => (adjusted[index] ?? 1) <= alpha).length;
  for (const [rank, { index }] of order.entries()) {
    levels[index] =
      correction === 'holm'
        ? alpha / (count - Math.min(rank, rejected))
        : (alpha * Math.max(1, rejected)) / count;
  }
  return { adjusted, levels, count };
}
