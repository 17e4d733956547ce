import type { Correction, IntervalKind, MetricDeclaration, Prior, Spending } from '../../declarations.ts';
import type { ExperimentAggregates } from '../aggregates.ts';

/** What the statistics need to know of a metric. */
export type StudyMetric = Pick<
  MetricDeclaration,
  'key' | 'name' | 'description' | 'kind' | 'direction' | 'scale' | 'unit' | 'q' | 'cap' | 'perWeek'
>;

/** How an effect is set in relation to the control: Fieller's interval excludes 0 exactly when the absolute one does. */
export type RelativeMethod = 'fieller' | 'delta' | 'log';

/**
 * What the statistics need to know of an experiment, or of an analysis.yaml: who is compared, on what, and which
 * intervals its plan permits. Aggregates and a study are all that an analysis reads.
 */
export interface Study {
  readonly control: string;
  /** In declared order, with configured shares that sum to 1. */
  readonly arms: readonly { readonly arm: string; readonly weight: number }[];
  /** Arms compared with the control. */
  readonly treatments: readonly string[];
  readonly metrics: readonly {
    readonly metric: StudyMetric;
    readonly role: 'success' | 'guardrail' | 'secondary';
    readonly minimumEffect?: number;
  }[];
  readonly alpha: number;
  readonly interval: IntervalKind;
  /** Units of both arms at which the always-valid interval is tightest. */
  readonly plannedUnits: number;
  /** Units that each arm needs before an estimate is called ready; default 2. */
  readonly leastUnits?: number;
  /**
   * group-sequential only: looks in days since the start, or in shares of the planned units, ascending; so much is
   * `complete`, absent: all.
   */
  readonly design?: {
    readonly looks: readonly number[];
    readonly spending: Spending;
    readonly complete?: number;
  };
  readonly relative: RelativeMethod;
  readonly correction: { readonly success: Correction; readonly segments: Correction };
  readonly prior?: Prior;
  readonly segments: readonly { readonly attribute: string; readonly declared: boolean }[];
  /** Attributes that `strata` of the aggregates are cut by. */
  readonly stratify: readonly string[];
}

/** The sums that an analysis of a study reads. */
export type StudyAggregates = Pick<ExperimentAggregates, 'metrics' | 'quantiles' | 'coverage'>;
