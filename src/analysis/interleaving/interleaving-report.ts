import type { Estimate } from '../report/estimate.ts';

/** Which of two rankers that share one list is preferred. */
export interface InterleavingReport {
  readonly variants: readonly [string, string];
  readonly impressions: number;
  readonly units: number;
  readonly firstWins: number;
  readonly ties: number;
  readonly secondWins: number;
  /** Share of deciding units that preferred the second variant, minus one half. */
  readonly preference: Estimate;
  /** Mean over units of credit for the second minus credit for the first, with its t interval. */
  readonly creditDifference?: Estimate;
  /** Exact sign test. */
  readonly p: number | null;
  /** The normal approximation of the same test. */
  readonly pNormal?: number;
  /** The same two figures with percentile limits from resampled units, where their histogram is known. */
  readonly bootstrap?: {
    readonly preference: Estimate;
    readonly creditDifference: Estimate;
    readonly resamples: number;
  };
  readonly winner: string | null;
  readonly credit: string;
}
