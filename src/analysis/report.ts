import type { StageDeclaration } from '../declarations.ts';

export const VERDICTS = ['ship', 'do-not-ship', 'roll-back', 'keep-running', 'undecided', 'invalid'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** An estimate that could not be made says why; it is never 0, 1 or NaN. */
export type Estimate =
  | {
      readonly ok: true;
      readonly estimate: number;
      readonly standardError: number;
      readonly interval: readonly [number | null, number | null];
    }
  | { readonly ok: false; readonly reason: string };

export const GUARDRAIL_STATES = ['safe', 'safe-but-worse', 'unproven', 'harm', 'breach'] as const;
export type GuardrailState = (typeof GUARDRAIL_STATES)[number];

export interface ArmValue {
  readonly variant: string;
  /** Units whose window is complete. */
  readonly n: number;
  /** In the metric's display unit. */
  readonly value: number | null;
}

/** Treatment minus control, always. */
export interface Comparison {
  readonly variant: string;
  readonly control: string;
  readonly absolute: Estimate;
  /** As a fraction of the control: 0.035 is +3.5 %. */
  readonly relative: Estimate;
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
}

export interface HealthCard {
  readonly key:
    | 'sample-ratio'
    | 'crossed-units'
    | 'late-events'
    | 'assignment'
    | 'latency'
    | 'fallback'
    | 'dead-letters'
    | 'power';
  readonly title: string;
  readonly status: 'pass' | 'warn' | 'fail' | 'unknown';
  readonly value: string;
  readonly threshold: string;
  readonly detail: string;
  readonly likelyCause: string;
}

/** One clause of the declared rule and whether it holds. */
export interface Reason {
  readonly clause: string;
  readonly holds: boolean | null;
  readonly text: string;
  /** Metric or health card it speaks of. */
  readonly ref?: string;
}

/** The report: built once by `analyze`, stored as JSON, drawn as a page and as Markdown. */
export interface Report {
  readonly schema: 'screentest/report/v1';
  readonly environment: string;
  readonly experiment: {
    readonly key: string;
    readonly owner: string;
    readonly hypothesis: string;
    readonly design: 'ab' | 'interleaving';
    readonly iteration: number;
    readonly control: string;
    readonly surface: string | null;
    readonly variants: readonly {
      readonly key: string;
      readonly weight: number;
      readonly pipeline: readonly StageDeclaration[] | null;
    }[];
    readonly alpha: number;
    /** When the declaration calls estimates mature; earlier days of the lift are drawn dashed. */
    readonly maturity?: { readonly days: number; readonly unitsPerArm: number };
    readonly yaml: string;
  };
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
    readonly summary: string;
    readonly reasons: readonly Reason[];
  };
  readonly health: readonly HealthCard[];
  readonly metrics: readonly MetricReport[];
  /** Cumulative relative lift by experiment day, for success metrics and guardrails. */
  readonly daily: readonly {
    readonly metric: string;
    readonly variant: string;
    readonly day: number;
    readonly date: string;
    readonly n: number;
    readonly relative: Estimate;
  }[];
  readonly exposures: readonly {
    readonly date: string;
    readonly variant: string;
    readonly units: number;
    readonly cumulative: number;
  }[];
  readonly segments: readonly {
    readonly attribute: string;
    readonly value: string;
    readonly metric: string;
    readonly variant: string;
    readonly n: number;
    readonly relative: Estimate;
    readonly p: number | null;
    readonly pAdjusted: number | null;
  }[];
  readonly interleaving?: {
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
  };
}
