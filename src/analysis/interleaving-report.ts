import type { Estimate } from './estimate.ts';

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
  readonly p: number | null;
  readonly winner: string | null;
  readonly credit: string;
}
