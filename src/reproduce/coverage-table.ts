/** How often intervals covered the truth. */
export interface Covered {
  readonly share: number;
  /** Monte Carlo standard error of the share. */
  readonly error: number;
}

export interface CoverageRow {
  readonly metric: string;
  readonly name: string;
  /** Relative effect of the kept units, known without error. */
  readonly truth: number;
  readonly unadjusted: Covered;
  /** With the declared covariates and strata. */
  readonly adjusted: Covered;
  /** Mean share of the variance that they take away: as large a share of the users is spared. */
  readonly reduction: number;
  /**
   * Of always-valid intervals: covered at every daily look, each time the truth among those looked at; null where no
   * experiment was large enough to be looked at.
   */
  readonly alwaysValid: Covered | null;
}

/** Table 3. */
export interface CoverageTable {
  readonly replications: number;
  /** Drawn for each. */
  readonly units: number;
  /** Drawn from. */
  readonly population: number;
  readonly level: number;
  readonly rows: readonly CoverageRow[];
}
