import type { Spending } from '../../declarations.ts';
import { normalQuantile, normalTail } from '../numbers/distributions.ts';

/**
 * Type I error that a two-sided design of level `alpha` may have spent when the share `fraction`, in [0, 1], of its
 * planned information is in; all of it from 1 on. Each side spends half (Lan and DeMets 1983, "Discrete sequential
 * boundaries for clinical trials"), with a = alpha / 2 and t the fraction:
 * Pocock-like a log(1 + (e - 1) t); O'Brien-Fleming-like 2 P(Z > z / sqrt(t)) with P(Z > z) = a / 2.
 */
export function spent(spending: Spending, alpha: number, fraction: number): number {
  if (fraction <= 0) return 0;
  if (fraction >= 1) return alpha;
  if (spending === 'pocock') return alpha * Math.log1p((Math.E - 1) * fraction);
  return 4 * normalTail(normalQuantile(alpha / 4) / Math.sqrt(fraction));
}

/** The inverse in alpha: level of the design that would have spent `error` at `fraction`; at most 1. */
export function levelSpending(spending: Spending, error: number, fraction: number): number {
  if (fraction >= 1) return Math.min(1, error);
  if (spending === 'pocock') return Math.min(1, error / Math.log1p((Math.E - 1) * fraction));
  return Math.min(1, 4 * normalTail(normalQuantile(error / 4) * Math.sqrt(fraction)));
}
