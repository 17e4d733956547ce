/**
 * What engineers declare, after parsing: shares are fractions of 1, times are milliseconds. The YAML schemas in
 * `experiment.ts` and its neighbours yield these; everything past the edge reads only these.
 */

/** A test on one attribute of the user or the request. */
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | {
      readonly attribute: string;
      readonly operator: 'equals' | 'in' | 'atLeast' | 'atMost' | 'exists';
      readonly value: string | number | boolean | readonly (string | number)[];
    };

/** One stage of a pipeline as declared: parameters already validated against the stage's schema. */
export interface StageDeclaration {
  readonly stage: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface VariantDeclaration {
  readonly key: string;
  /** Share of the experiment's units, all variants sum to 1. */
  readonly weight: number;
  /** Absent: the surface's default pipeline (an A/A test, or an experiment outside ranking). */
  readonly pipeline?: readonly StageDeclaration[];
}

/** A margin of tolerated harm, always positive. */
export type Margin = { readonly relative: number } | { readonly absolute: number };

export interface SuccessMetric {
  readonly metric: string;
  /** Smallest relative change worth detecting. */
  readonly minimumEffect?: number;
}

export interface GuardrailMetric {
  readonly metric: string;
  readonly margin: Margin;
  /** Absolute limit of the treatment's value, in the metric's own unit, whatever the control does. */
  readonly limit?: number;
}

export interface RampPhase {
  /** Share of the layer slice that takes part. */
  readonly share: number;
  /** Absent: until the end. */
  readonly forMs?: number;
}

export type Correction = 'none' | 'bonferroni' | 'holm' | 'hochberg' | 'bh' | 'by';

/** fixed: judged once. always-valid: at every look. group-sequential: at declared looks. */
export type IntervalKind = 'fixed' | 'always-valid' | 'group-sequential';

export type Spending = 'pocock' | 'obrien-fleming';

/** Normal prior of an effect, on its scale: a relative 0.02 is 2 %. */
export interface Prior {
  readonly scale: 'relative' | 'absolute';
  readonly mean: number;
  readonly standardDeviation: number;
}

export interface Experiment {
  readonly key: string;
  readonly owner: string;
  readonly hypothesis: string;
  readonly design: 'ab' | 'interleaving';
  readonly unit: 'user_id';
  readonly iteration: number;
  readonly layer: { readonly name: string; readonly from: number; readonly to: number };
  /** Surface whose pipeline the variants replace; absent where no variant has a pipeline. */
  readonly surface?: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly observeForMs: number;
  readonly targeting: Condition;
  readonly stratify: readonly string[];
  readonly control: string;
  /** In declared order; the order is part of the hash mapping. */
  readonly variants: readonly VariantDeclaration[];
  readonly metrics: {
    readonly success: readonly SuccessMetric[];
    readonly guardrails: readonly GuardrailMetric[];
    readonly secondary: readonly string[];
  };
  readonly analysis: {
    readonly alpha: number;
    readonly interval: IntervalKind;
    /** group-sequential only: days since the start at whose end it is judged, ascending, the last one the planned end. */
    readonly looks?: readonly number[];
    /** group-sequential only: Lan-DeMets spending function. */
    readonly spending?: Spending;
    readonly correction: { readonly success: Correction; readonly segments: Correction };
    readonly segments: readonly string[];
    /** Attributes looked at without having been declared as segments to judge by. */
    readonly exploratory?: readonly string[];
    /** Metrics with a window before first exposure, or numeric attributes frozen at it. */
    readonly covariates: readonly string[];
    readonly prior?: Prior;
    readonly maturity: { readonly days: number; readonly unitsPerArm: number };
  };
  readonly ramp: readonly RampPhase[];
  readonly decision: {
    readonly ship: {
      readonly success: 'any-superior' | 'all-superior';
      readonly worse: 'none';
      readonly guardrails: 'all-non-inferior';
      readonly health: 'pass';
    };
    readonly rollBack: { readonly guardrails: 'any-breach' | 'any-harm' };
    readonly otherwise: 'undecided' | 'do-not-ship';
  };
  /** The declaration as written, for the report. */
  readonly source: { readonly file: string; readonly yaml: string };
}

export interface Layer {
  readonly name: string;
  /** Salts the hash that places units in slices of this layer. */
  readonly salt: string;
  /** Share of units kept out of every experiment of this layer; `name` salts who they are. */
  readonly holdout?: { readonly name: string; readonly share: number };
}

export interface Surface {
  readonly name: string;
  readonly slots: number;
  /** Users in a holdout, outside the slice or in no experiment get this. */
  readonly pipeline: readonly StageDeclaration[];
  /** From a request's arrival: past it no stage is begun. Absent: none. */
  readonly deadlineMs?: number;
  /** When no exposure can be made durable. default, also where absent: its own pipeline outside all experiments. strict: 503. */
  readonly durability?: 'default' | 'strict';
  /** Absent: USUAL_CACHE. */
  readonly cache?: SlateCacheDeclaration;
}

/** What is kept of the slates of a surface. */
export interface SlateCacheDeclaration {
  /** So long the same user gets the same slate again; 0: never. */
  readonly repeatMs: number;
  /** So long a slate may stand in for a pipeline that fails; 0: never. */
  readonly fallbackMs: number;
  /** Most slates kept by one process. */
  readonly slates: number;
}

export const USUAL_CACHE: SlateCacheDeclaration = { repeatMs: 0, fallbackMs: 3_600_000, slates: 10_000 };

/**
 * What a measure counts: one integer per unit and day. `exists` and `absent` count like `count` by day and become
 * 1 or 0 per unit; `distinct` counts a value on the first day of each 7-day block on which it is seen.
 */
export interface Measure {
  /** An outcome name; or `request`: the recommendation requests themselves; or `unit`: 1 for each exposed unit. */
  readonly event: string;
  readonly aggregate: 'sum' | 'count' | 'exists' | 'absent' | 'distinct';
  /**
   * sum: `value`, or a column of `request` (`latency_ms`, `error`, `fallback`, `slots`, `simpson_micro`, `long_tail`);
   * distinct: `title` or `genre`. Not used by count and exists.
   */
  readonly field?: string;
  readonly where: {
    readonly surface?: string;
    /** Only outcomes whose title is (true) or is not (false) in the long tail. */
    readonly longTail?: boolean;
    readonly genre?: string;
    readonly minValue?: number;
    readonly maxValue?: number;
    /** Only units whose frozen attribute differs from / equals this. */
    readonly attribute?: { readonly name: string; readonly equals?: string; readonly not?: string };
  };
  /**
   * Days are 24 h blocks from the opening of the session that holds the first exposure; an event belongs to the
   * window when fromMs <= its distance from that opening < toMs. Both are multiples of 24 h.
   */
  readonly window: {
    /** From first exposure, ms; negative: before it, of a covariate. */
    readonly fromMs: number;
    /** To, ms after first exposure; undefined: to the cut-off. */
    readonly toMs?: number;
  };
}

export interface MetricDeclaration {
  readonly key: string;
  readonly name: string;
  readonly description: string;
  /**
   * mean: numerator per unit; `perWeek`: over complete 7 x 24 h blocks since first exposure, divided by their number.
   * proportion: share of units with numerator > 0. ratio: sum of numerator / sum of denominator, clustered by unit.
   * quantile: of a `request` field. coverage: distinct titles of slates over the catalogue, equal-sized user samples.
   */
  readonly kind: 'mean' | 'proportion' | 'ratio' | 'quantile' | 'coverage';
  readonly numerator: Measure;
  readonly denominator?: Measure;
  readonly perWeek: boolean;
  /** quantile only, in (0, 1). */
  readonly q?: number;
  readonly direction: 'higher-is-better' | 'lower-is-better';
  /** Multiplies the computed value for display and limits: e.g. 1/3600 for seconds to hours. */
  readonly scale: number;
  readonly unit: string;
  /** Percentile of the pooled per-unit value above which values are capped; absent: no cap. */
  readonly cap?: number;
}

/** A model of the team's own: an ONNX file that scores candidates, and what it is fed with. */
export interface ScorerDeclaration {
  readonly name: string;
  /** Path of the ONNX file. */
  readonly file: string;
  /** By input of the model: features in the order of its columns, or the row of the title. */
  readonly inputs: readonly (
    | { readonly name: string; readonly features: readonly string[] }
    | { readonly name: string; readonly index: 'title' }
  )[];
  /** Absent: the model's only output. */
  readonly output?: string;
  /** Absent: the output's only column. */
  readonly column?: number;
}

/** What differs from the defaults of the models that are trained here. */
export interface TrainingDeclaration {
  readonly ials?: {
    readonly factors?: number;
    readonly iterations?: number;
    readonly regularisation?: number;
    readonly alpha?: number;
    readonly nu?: number;
    readonly binary?: boolean;
    readonly least?: number;
  };
  readonly ease?: { readonly lambda?: number };
  readonly itemKnn?: { readonly neighbours?: number; readonly shrink?: number };
}

/** One consistent set of declarations. */
export interface Declarations {
  /** Short SHA-256 of the files' contents. */
  readonly version: string;
  readonly experiments: readonly Experiment[];
  readonly metrics: readonly MetricDeclaration[];
  readonly layers: readonly Layer[];
  readonly surfaces: readonly Surface[];
  /** Absent: no models of the team's own. */
  readonly scorers?: readonly ScorerDeclaration[];
  /** Absent: every model is trained with its defaults. */
  readonly training?: TrainingDeclaration;
}
