/** One figure of a report beside what is true of it. */
export interface FaultFigure {
  readonly what: string;
  /** `%`: fractions shown as percent; anything else stands behind the number. */
  readonly unit: string;
  /** Null where the report gives none. */
  readonly estimate: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Null where there is none to know. */
  readonly truth: number | null;
}

/** One planted fault and what the platform made of it. */
export interface FaultRow {
  readonly key: string;
  readonly fault: string;
  /** What exactly was done. */
  readonly planted: string;
  readonly figures: readonly FaultFigure[];
  /** Whether the report says what was planted; of the world in which nothing was, that it says nothing. */
  readonly found: boolean;
  /** In the report's own words. */
  readonly by: string;
  readonly verdict: string;
}

/** Table 4. */
export interface FaultTable {
  /** Viewers of the world in which most faults are planted. */
  readonly viewers: number;
  readonly rows: readonly FaultRow[];
}
