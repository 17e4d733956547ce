import type { Correction, IntervalKind } from '../../declarations.ts';
import type { InterleavingReport } from '../interleaving/interleaving-report.ts';
import type { CoverageKind } from '../multiplicity.ts';
import type { Estimate } from './estimate.ts';
import type { HealthCard } from './health-card.ts';
import type { ReportSubject } from './report-subject.ts';

export const VERDICTS = ['ship', 'do-not-ship', 'roll-back', 'keep-running', 'undecided', 'invalid'] as const;
export type Verdict = (typeof VERDICTS)[number];

export type { Estimate, HealthCard };

/** What an interval promises and what it was corrected for: stands beside every one. */
export interface IntervalPromise {
  readonly kind: IntervalKind;
  /** 1 - alpha after correction. */
  readonly level: number;
  readonly coverage: CoverageKind;
  readonly correction: Correction;
  readonly sides: 'two-sided';
}

/** Both scales by one kind of interval, whether or not the plan permits to judge by it. */
export type IntervalPair =
  | {
      readonly ok: true;
      readonly absolute: Estimate;
      readonly relative: Estimate;
      readonly p: number | null;
      readonly method: string;
      /** Units consumed: those whose window is complete. */
      readonly n: number;
      /** Where it speaks of another quantity than the fixed one: "each unit's first 7 days". */
      readonly estimand?: string;
    }
  | { readonly ok: false; readonly reason: string };

/** What covariates and strata took away of the variance. */
export interface AdjustmentReport {
  readonly covariates: readonly string[];
  /** Left out, with the reason: constant, collinear. */
  readonly dropped: readonly { readonly covariate: string; readonly reason: string }[];
  /** Attributes of the post-stratification; none: []. */
  readonly strata: readonly string[];
  /** 1 - variance after / variance before of the absolute effect, in (-inf, 1]. */
  readonly reduction: number;
  /** The effect without adjustment, fixed horizon, same level. */
  readonly unadjusted: Estimate;
}

/** Posterior of the effect, under the declared prior. */
export type Posterior =
  | {
      readonly ok: true;
      readonly scale: 'relative' | 'absolute';
      readonly mean: number;
      readonly standardDeviation: number;
      readonly interval: readonly [number, number];
      /** P(the treatment is better), in the metric's direction. */
      readonly chanceToWin: number;
      /** Expected loss, on `scale`, of choosing the treatment / of keeping the control. */
      readonly expectedLoss: { readonly treatment: number; readonly control: number };
      readonly prior: string;
    }
  | { readonly ok: false; readonly reason: string };

/** Whether the normal approximation can be trusted, and what was done to the values. */
export interface Diagnostics {
  readonly arms: readonly {
    readonly arm: string;
    /** Share of units at 0. */
    readonly zeros: number;
    readonly skewness: number | null;
    /** Share of units whose value was winsorised. */
    readonly winsorised: number;
  }[];
  /** Value, in display units, at which values were capped: a quantile pooled over the arms. */
  readonly cap?: { readonly quantile: number; readonly value: number };
  /** Units an arm needs for Welch's interval to keep its level at this skewness: 355 skewness^2 (Kohavi et al. 2014). */
  readonly unitsNeeded: number | null;
  readonly warnings: readonly string[];
}

export const GUARDRAIL_STATES = ['safe', 'safe-but-worse', 'unproven', 'harm', 'breach'] as const;
export type GuardrailState = (typeof GUARDRAIL_STATES)[number];

export interface ArmValue {
  readonly arm: string;
  /** Units whose window is complete. */
  readonly n: number;
  /** In the metric's display unit. */
  readonly value: number | null;
}

/** Treatment minus control, always. */
export interface Comparison {
  readonly arm: string;
  readonly control: string;
  /** By the interval that the declared plan permits. */
  readonly absolute: Estimate;
  /** As a fraction of the control: 0.035 is +3.5 %. */
  readonly relative: Estimate;
  readonly interval: IntervalPromise;
  /** Right when looked at once, at the planned end. */
  readonly fixedHorizon: IntervalPair;
  /** Right at every look. */
  readonly alwaysValid: IntervalPair;
  readonly adjustment?: AdjustmentReport;
  readonly posterior?: Posterior;
  readonly statistic: number | null;
  readonly df: number | null;
  /** Two-sided. */
  readonly p: number | null;
  readonly pAdjusted: number | null;
  readonly method: string;
  /** Judged by pAdjusted at alpha, in the metric's direction. */
  readonly outcome: 'better' | 'worse' | 'inconclusive';
  readonly guardrail?: {
    readonly margin: number;
    readonly marginKind: 'relative' | 'absolute';
    readonly state: GuardrailState;
    /** Harm-oriented interval on the margin's scale: positive is worse. */
    readonly harm: readonly [number | null, number | null];
    readonly limit?: {
      readonly limit: number;
      readonly value: number;
      readonly holds: boolean;
      /** The treatment's whole interval lies past the limit. */
      readonly certain?: boolean;
    };
  };
}

/** One effect on both scales. */
export interface EffectPair {
  readonly absolute: Estimate;
  readonly relative: Estimate;
}

export interface MetricReport {
  readonly key: string;
  readonly name: string;
  readonly description: string;
  readonly role: 'success' | 'guardrail' | 'secondary';
  readonly kind: 'mean' | 'proportion' | 'ratio' | 'quantile' | 'coverage';
  /** Display unit: '%', 'h/week', 'ms' ... */
  readonly unit: string;
  readonly direction: 'higher-is-better' | 'lower-is-better';
  readonly maturity: {
    readonly mature: number;
    readonly exposed: number;
    readonly completeAt: string | null;
    readonly ready: boolean;
  };
  readonly arms: readonly ArmValue[];
  readonly comparisons: readonly Comparison[];
  readonly correction: string;
  readonly minimumEffect?: number;
  readonly diagnostics?: Diagnostics;
  /** Does the effect fade or grow: effect on days 8 to 14 since first exposure minus that on days 1 to 7. */
  readonly novelty?: readonly {
    readonly arm: string;
    readonly change: Estimate;
    readonly interval?: IntervalPromise;
    readonly p: number | null;
  }[];
  /**
   * Effects with and without the units that behave implausibly, neither of them adjusted; absent where there are none.
   */
  readonly plausible?: readonly {
    readonly arm: string;
    /** Units left out, by arm. */
    readonly leftOut: readonly { readonly arm: string; readonly units: number }[];
    readonly all: EffectPair;
    readonly without: EffectPair;
    readonly interval: IntervalPromise;
  }[];
}

/** Pearson's chi-square on configured weights, and the test that may be watched every day. */
export interface SampleRatioReport {
  readonly status: 'pass' | 'fail' | 'unknown';
  readonly statistic: number | null;
  readonly df: number | null;
  readonly p: number | null;
  readonly reason?: string;
  readonly arms: readonly { readonly arm: string; readonly units: number; readonly expected: number }[];
  /** Sequential multinomial test: valid at every look. */
  readonly sequentialP: number | null;
  /** Cuts of the same check, p adjusted over all of them (BH). */
  readonly cuts: readonly {
    readonly by: string;
    readonly value: string;
    readonly p: number | null;
    readonly pAdjusted: number | null;
  }[];
}

/** One clause of the declared rule and whether it holds. */
export interface Reason {
  readonly clause: string;
  readonly holds: boolean | null;
  readonly text: string;
  /** Metric or health card it speaks of. */
  readonly ref?: string;
}

export interface SegmentReport {
  readonly attribute: string;
  readonly value: string;
  readonly metric: string;
  readonly arm: string;
  readonly n: number;
  readonly relative: Estimate;
  readonly p: number | null;
  readonly pAdjusted: number | null;
  /** False: looked at without having been declared; never a ground to ship. */
  readonly declared: boolean;
  readonly interval: IntervalPromise;
  /** Covariates that the effect is adjusted by within the segment, and what they took away of the variance there; absent: none. */
  readonly adjustment?: Pick<AdjustmentReport, 'covariates' | 'reduction'>;
  /** Effect in the segment minus effect in the rest, absolute; p adjusted over all rows of the table. */
  readonly interaction: {
    readonly difference: Estimate;
    readonly interval?: IntervalPromise;
    readonly p: number | null;
    readonly pAdjusted: number | null;
  };
  /** Relative effect drawn towards the common one by as much as it is noisy (empirical Bayes). */
  readonly shrunken: Estimate;
}

/** The report: built once by `analyze`, stored as JSON, drawn as a page and as Markdown. */
export interface Report {
  readonly schema: 'screentest/report/v1';
  readonly environment: string;
  readonly experiment: ReportSubject;
  readonly state: 'not-started' | 'collecting' | 'immature' | 'ready' | 'invalid';
  /** Day n of the planned days; 0 before the start. */
  readonly day: number;
  readonly plannedDays: number;
  /** ISO 8601, UTC. */
  readonly start: string;
  readonly end: string;
  readonly observeUntil: string;
  readonly cutoff: string;
  readonly configuration: string;
  readonly verdict: {
    readonly decision: Verdict;
    readonly variant: string | null;
    /** Ship to this segment only. */
    readonly segment?: { readonly attribute: string; readonly value: string };
    readonly summary: string;
    readonly reasons: readonly Reason[];
  };
  readonly health: readonly HealthCard[];
  readonly metrics: readonly MetricReport[];
  /** Cumulative relative lift by experiment day, for success metrics and guardrails. */
  readonly daily: readonly {
    readonly metric: string;
    readonly arm: string;
    readonly day: number;
    readonly date: string;
    readonly n: number;
    readonly relative: Estimate;
  }[];
  /** What the intervals of `daily` and of `rhythm` promise. */
  readonly promises?: { readonly daily: IntervalPromise; readonly rhythm: IntervalPromise };
  readonly exposures: readonly {
    readonly date: string;
    readonly variant: string;
    readonly units: number;
    readonly cumulative: number;
  }[];
  readonly segments: readonly SegmentReport[];
  readonly sampleRatio?: SampleRatioReport;
  /** Absolute effects by days since first exposure (0 = the first) and by weekday (1 = Monday). */
  readonly rhythm?: readonly {
    readonly metric: string;
    readonly arm: string;
    readonly by: 'since-exposure' | 'weekday';
    readonly day: number;
    readonly n: number;
    readonly absolute: Estimate;
  }[];
  readonly interleaving?: InterleavingReport;
}
