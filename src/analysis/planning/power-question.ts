import type { Spending } from '../../declarations.ts';
import { computed, type Result, refused } from '../estimate/effect.ts';

/**
 * A metric as a plan knows it: the control's value and the spread of what one unit adds. For a ratio the standard
 * deviation is that of the linearised value (y - R x) / mean(x), so that se = sd / sqrt(n) as for a mean. A share's
 * variance follows from the share. The treatment's spread is the control's unless it is given.
 */
export type PlannedMetric =
  | {
      readonly kind: 'mean' | 'ratio';
      readonly control: number;
      /** Per unit, > 0. */
      readonly standardDeviation: number;
      readonly treatmentStandardDeviation?: number;
    }
  | { readonly kind: 'proportion'; readonly control: number };

/** Treatment against control: as a fraction of the control, or in the metric's unit (a share: fractions of 1). */
export type Change = { readonly relative: number } | { readonly absolute: number };

/**
 * superiority: two-sided, the interval excludes 0. non-inferiority: the harmful end of the same two-sided interval stays
 * inside the margin (> 0), which is a one-sided test at alpha / 2; a relative margin is tested with the control's
 * variance, by Fieller's contrast treatment - (1 -+ margin) control.
 */
export type Aim =
  | { readonly kind: 'superiority' }
  | {
      readonly kind: 'non-inferiority';
      readonly margin: Change;
      readonly direction: 'higher-is-better' | 'lower-is-better';
    };

/** When the data are looked at. `information`: fractions of the final units, ascending, the last one 1. */
export type Looks =
  | {
      readonly kind: 'always-valid';
      readonly information: readonly number[];
      /** Units of both arms at which the sequence is tightest; absent: the final units. */
      readonly plannedUnits?: number;
      /** Level it is tuned for; absent: `alpha` of the question. */
      readonly tunedAlpha?: number;
    }
  | {
      readonly kind: 'group-sequential';
      readonly information: readonly number[];
      readonly spending: Spending;
    };

export interface PowerQuestion {
  readonly metric: PlannedMetric;
  readonly aim: Aim;
  /** True treatment - control; for non-inferiority usually {absolute: 0}. */
  readonly effect: Change;
  /** Two-sided, after correction, in (0, 1). */
  readonly alpha: number;
  /** Absent: judged once, at the end. */
  readonly looks?: Looks;
}

/** What decides the power: how far the truth lies from what the test must exclude, and the noise per unit. */
export interface Contrast {
  /** Expected treatment - factor x control - bound, signed so that positive is towards rejection. */
  readonly distance: number;
  readonly factor: number;
  /** Per unit. */
  readonly treatmentVariance: number;
  readonly controlVariance: number;
  readonly tails: 1 | 2;
}

function inUnits(change: Change, control: number): number {
  return 'relative' in change ? change.relative * control : change.absolute;
}

function variances(metric: PlannedMetric, effect: number): Result<readonly [number, number]> {
  if (metric.kind === 'proportion') {
    const [c, t] = [metric.control, metric.control + effect];
    if (!(c > 0 && c < 1)) return refused(`a share lies between 0 and 1, the control's is ${c}`);
    if (!(t >= 0 && t <= 1)) return refused(`the effect would take the share to ${t}, outside 0 to 1`);
    return computed([t * (1 - t), c * (1 - c)]);
  }
  const { standardDeviation: c, treatmentStandardDeviation: t = c } = metric;
  if (!(c > 0 && t > 0 && Number.isFinite(c + t)))
    return refused('a standard deviation must be a number above 0');
  return computed([t * t, c * c]);
}

/** What a variance may be, so that what is computed from it neither overflows nor vanishes. */
const LEAST = 1e-200;
const MOST = 1e200;

/** Reduces a question to its contrast, or says what of it makes no sense. */
export function contrastOf({ metric, aim, effect, alpha }: PowerQuestion): Result<Contrast> {
  const { control } = metric;
  if (!(alpha > 0 && alpha < 1)) return refused(`alpha must lie between 0 and 1, it is ${alpha}`);
  const relative = 'relative' in effect || (aim.kind === 'non-inferiority' && 'relative' in aim.margin);
  if (relative && !(control > 0)) {
    return refused(`a relative change needs a control value above 0, it is ${control}`);
  }
  const change = inUnits(effect, control);
  if (!Number.isFinite(change)) return refused('the effect must be a finite number');
  const spread = variances(metric, change);
  if (!spread.ok) return spread;
  const [treatmentVariance, controlVariance] = spread.value;
  const sum = treatmentVariance + controlVariance;
  if (!(sum >= LEAST && sum <= MOST && Math.abs(change) <= MOST && Math.abs(control) <= MOST)) {
    return refused('the figures are too large or too small to be squared: use another unit');
  }
  if (aim.kind === 'superiority') {
    return computed({ distance: Math.abs(change), factor: 1, treatmentVariance, controlVariance, tails: 2 });
  }
  const margin = inUnits(aim.margin, control);
  if (!(margin > 0)) return refused('a margin is the harm that would be tolerated: it must be above 0');
  const times = 'relative' in aim.margin ? 1 + aim.margin.relative : 1;
  if (!(margin <= MOST && times ** 2 * controlVariance <= MOST)) {
    return refused('the margin is too large to be squared');
  }
  const good = aim.direction === 'higher-is-better' ? 1 : -1;
  return computed({
    distance: margin + good * change,
    factor: 'relative' in aim.margin ? 1 - good * aim.margin.relative : 1,
    treatmentVariance,
    controlVariance,
    tails: 1,
  });
}
