import type { Range } from './published-rows.ts';

/** One published claim beside what was measured. */
export interface ClaimRow {
  readonly claim: string;
  readonly published: string;
  /** '-' where nothing can be measured. */
  readonly ours: string;
  readonly state: 'reproduced' | 'not reproduced' | 'not comparable';
  /** What was measured, or why it cannot be. */
  readonly why: string;
}

/** What retained subscribers are worth. */
export interface BusinessFigure {
  /** Per year, before costs; `low` and `high` from the interval of 30-day retention. */
  readonly dollars: number;
  readonly subscribers: number;
  readonly interval: Range;
}

/** Table 2. */
export interface ClaimTable {
  readonly rows: readonly ClaimRow[];
  /** Null where retention has no estimate. */
  readonly business: BusinessFigure | null;
  /** Viewers whose next choices were held out. */
  readonly judged: number;
}
