/**
 * The boundary between SQL and statistics. SQL returns only these sums; every statistic is computed from them, so
 * every statistic can be tested without a database.
 */

/** Sums over the units of one arm. y: the numerator (or the value itself); x: the denominator (1 for means, so x = xx = n). */
export interface Moments {
  readonly n: number;
  readonly y: number;
  readonly yy: number;
  readonly x: number;
  readonly xx: number;
  readonly xy: number;
  /** Covariates z_1 .. z_k, in the order of `MetricAggregates.covariates`; absent: none. */
  readonly z?: CovariateSums;
  /** The same already centred, where the source could: of values far from 0 beside their spread the sums keep nothing. */
  readonly centred?: {
    readonly mean: readonly number[];
    readonly products: readonly (readonly number[])[];
  };
}

export interface CovariateSums {
  /** sum z_i. */
  readonly z: readonly number[];
  /** sum z_i z_j, symmetric. */
  readonly zz: readonly (readonly number[])[];
  /** sum z_i y and sum z_i x. */
  readonly zy: readonly number[];
  readonly zx: readonly number[];
}

export interface ArmMoments {
  readonly variant: string;
  readonly moments: Moments;
}

/** One metric of one experiment up to a cut-off. */
export interface MetricAggregates {
  readonly metric: string;
  readonly arms: readonly ArmMoments[];
  /** Units whose window is complete / exposed units: only complete ones are in `arms`. */
  readonly mature: number;
  readonly exposed: number;
  /** When the last exposed unit's window completes, epoch ms. */
  readonly completeAt: number;
  readonly segments: readonly {
    readonly attribute: string;
    readonly value: string;
    readonly arms: readonly ArmMoments[];
  }[];
  /** Cumulative by day of the experiment (1 = first day): what `arms` was at the end of that day. */
  readonly daily: readonly { readonly day: number; readonly arms: readonly ArmMoments[] }[];
  /** Names of the columns of `Moments.z`, in `arms` and `strata`; absent: none. */
  readonly covariates?: readonly string[];
  /** `arms` cut by all values of the attributes stratified by; absent: not stratified. */
  readonly strata?: readonly { readonly key: string; readonly arms: readonly ArmMoments[] }[];
  /**
   * What a sequential method may consume: each unit once, when its window of fixed length is complete, cumulative by day.
   * Absent: `daily` and `arms` are that already (the metric has a window that closes once), unless it `grows`.
   */
  readonly once?: {
    /** "each unit's first 7 days". */
    readonly estimand: string;
    readonly arms: readonly ArmMoments[];
    readonly daily: readonly { readonly day: number; readonly arms: readonly ArmMoments[] }[];
  };
  /** Totals go on growing while a unit is observed: without `once` there is nothing that may be judged at every look. */
  readonly grows?: boolean;
  /** Over units with 14 complete days: y is the value of days 8 to 14 since the opening, x that of days 1 to 7. Means only. */
  readonly novelty?: readonly ArmMoments[];
  /** Values of one day, of units for which that day is complete: by days since the opening (0 = the first), by weekday (1 = Monday). */
  readonly sinceExposure?: readonly { readonly day: number; readonly arms: readonly ArmMoments[] }[];
  readonly weekdays?: readonly { readonly day: number; readonly arms: readonly ArmMoments[] }[];
  /** Shape of the unit values of each arm, after capping but for `capped`. */
  readonly shape?: readonly {
    readonly variant: string;
    readonly zeros: number;
    /** sum (y - mean)^3, in display units. */
    readonly cubed: number;
    /** Units above the cap. */
    readonly capped: number;
  }[];
  /**
   * Those units of `arms` that clicked nearly everything they viewed (`IMPLAUSIBLE`), none of them as n = 0; absent: not
   * looked for, as no metric counts clicks over viewed impressions.
   */
  readonly implausible?: readonly ArmMoments[];
  /** Pooled quantile at which values were capped, and its value in display units. */
  readonly cap?: { readonly quantile: number; readonly value: number };
}

/** A quantile of request values and what its clustered variance needs (second pass). */
export interface QuantileAggregates {
  readonly metric: string;
  readonly q: number;
  readonly arms: readonly {
    readonly variant: string;
    /** The quantile, in the metric's display unit: the field's times `scale`. */
    readonly value: number;
    /** Per unit: y = requests at or under `value`, x = requests. */
    readonly moments: Moments;
    /** Share of the requests per display unit around `value`: the density there. 0 when it cannot be estimated. */
    readonly density: number;
  }[];
}

/** Catalogue coverage over an equal number of units per arm, by bootstrap over those units. */
export interface CoverageAggregates {
  readonly metric: string;
  readonly unitsPerArm: number;
  readonly catalogueSize: number;
  readonly arms: readonly {
    readonly variant: string;
    /** Distinct titles in the slates of the sampled units. */
    readonly titles: number;
    /** Distinct titles of each bootstrap resample. */
    readonly resamples: readonly number[];
  }[];
}

/** Interleaved impressions by unit: who was credited. */
export interface PreferenceAggregates {
  readonly variants: readonly [string, string];
  /** Per-unit credit difference (second minus first variant) as sums over units: n units, d, d squared. */
  readonly n: number;
  readonly d: number;
  readonly dd: number;
  /** Units that preferred the first, neither, the second. */
  readonly firstWins: number;
  readonly ties: number;
  readonly secondWins: number;
  readonly impressions: number;
  /** How many units have which credit difference (second minus first); its sums are n, d and dd. */
  readonly histogram?: readonly { readonly difference: number; readonly units: number }[];
}

/** Counts that health checks are judged by. */
export interface HealthAggregates {
  readonly arms: readonly { readonly variant: string; readonly units: number; readonly forced: number }[];
  /** Units that were exposed to more than one variant. */
  readonly crossed: number;
  /** Exposures by UTC day. */
  readonly exposuresByDay: readonly {
    readonly date: string;
    readonly variant: string;
    readonly units: number;
  }[];
  /** Units by attribute and value, and by ramp phase (`by: 'phase'`), for the sample ratio of each. */
  readonly cuts?: readonly {
    readonly by: string;
    readonly value: string;
    readonly arms: readonly { readonly variant: string; readonly units: number }[];
  }[];
  /** Outcome records received more than 24 h after their time. */
  readonly lateOutcomes: number;
  readonly outcomes: number;
  readonly requests: readonly {
    readonly variant: string;
    readonly requests: number;
    readonly errors: number;
    readonly fallbacks: number;
  }[];
  /** Outcome records put aside as unusable since the start. */
  readonly deadLetters: number;
}

/** Everything one analysis reads: the only input of `analyze`. */
export interface ExperimentAggregates {
  readonly experiment: string;
  readonly iteration: number;
  readonly environment: string;
  /** Epoch ms: nothing later than this was read. */
  readonly cutoff: number;
  readonly health: HealthAggregates;
  readonly metrics: readonly MetricAggregates[];
  readonly quantiles: readonly QuantileAggregates[];
  readonly coverage: readonly CoverageAggregates[];
  readonly preference?: PreferenceAggregates;
}
