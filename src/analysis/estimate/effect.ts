import { normalQuantile, normalTail, studentQuantile, studentTail } from '../numbers/distributions.ts';
import { logNormalTail, logStudentTail } from '../numbers/log-tails.ts';

/** Something computed, or the reason why it could not be. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string };

export function computed<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function refused(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason };
}

/** Sums of squares overflow from about 1e154 on. */
export const TOO_LARGE = 'the values are too large for their squares to be added up: use a larger unit';

/** One arm's estimate and the variance of that estimate (not of the units). */
export interface ArmEstimate {
  readonly value: number;
  readonly variance: number;
  /** Units behind it; n - 1 degrees of freedom. */
  readonly n: number;
}

/** Treatment minus control, before a reference distribution turns it into an interval and a p-value. */
export interface Effect {
  readonly estimate: number;
  readonly standardError: number;
  /** Multiplier at which `bounds` touches zero, with the sign of the estimate; null when none does. */
  readonly statistic: number | null;
  /** Welch's degrees of freedom; null where the reference is the normal. */
  readonly df: number | null;
  /** Units of both arms. */
  readonly n: number;
  readonly method: string;
  /**
   * Interval for a critical value: estimate -+ multiplier x standard error, unless the method has better. Infinite where
   * the data set no bound.
   */
  bounds(multiplier: number): readonly [number, number];
  /** What must be said beside the interval of this multiplier, in plain words: why it is unbounded. */
  note?(multiplier: number): string | undefined;
  /**
   * Interval of treatment / control - 1 that excludes 0 exactly when `bounds` does; only where `bounds` is not symmetric,
   * so that Fieller's theorem does not apply.
   */
  relativeBounds?(multiplier: number): readonly [number, number];
}

/** What a statistic is compared with: the fixed-horizon normal or t here, a confidence sequence in always-valid.ts. */
export interface Reference {
  readonly name: string;
  /** Critical value of the two-sided interval at level 1 - alpha. */
  critical(alpha: number): number;
  /** Two-sided p-value, the one reported. */
  p(statistic: number): number;
  /** Natural logarithm of the two-sided p-value, also where that is under the smallest double. */
  logP?(statistic: number): number;
  /** One-sided p-value of treatment not being above control; the two-sided one is twice the smaller of the two sides. */
  pOneSided?(statistic: number): number;
}

/** Normal for df null, Student's t otherwise. Two-sided, unless asked. */
export function fixedHorizon(df: number | null): Reference {
  if (df === null) {
    return {
      name: 'normal',
      critical: (alpha) => normalQuantile(alpha / 2),
      p: (z) => 2 * normalTail(Math.abs(z)),
      logP: (z) => Math.LN2 + logNormalTail(Math.abs(z)),
      pOneSided: normalTail,
    };
  }
  return {
    name: 't',
    critical: (alpha) => studentQuantile(alpha / 2, df),
    p: (t) => 2 * studentTail(Math.abs(t), df),
    logP: (t) => Math.LN2 + logStudentTail(Math.abs(t), df),
    pOneSided: (t) => studentTail(t, df),
  };
}

/** An effect whose interval is symmetric around its estimate. */
export function symmetricEffect(parts: Omit<Effect, 'statistic' | 'bounds'>): Effect {
  return {
    ...parts,
    statistic: parts.estimate / parts.standardError,
    bounds: (multiplier) => [
      parts.estimate - multiplier * parts.standardError,
      parts.estimate + multiplier * parts.standardError,
    ],
  };
}

/**
 * Difference of two independent estimates, treatment minus control, se^2 = Vt + Vc, with Welch-Satterthwaite degrees of
 * freedom se^4 / (Vt^2 / (n_t - 1) + Vc^2 / (n_c - 1)) (Welch, "The generalization of Student's problem when several
 * different population variances are involved", Biometrika 1947); `normal` leaves the degrees of freedom out.
 */
export function difference(
  treatment: ArmEstimate,
  control: ArmEstimate,
  method: string,
  reference: 'welch' | 'normal' = 'welch',
): Result<Effect> {
  const variance = treatment.variance + control.variance;
  const estimate = treatment.value - control.value;
  if (!Number.isFinite(variance) || !Number.isFinite(estimate / Math.sqrt(variance || 1))) {
    return refused(TOO_LARGE);
  }
  if (!(variance > 0)) return refused('neither arm varies, so no uncertainty can be estimated');
  // As shares of the variance, whose squares neither overflow nor vanish in any unit.
  const share = treatment.variance / variance;
  const df = 1 / (share ** 2 / (treatment.n - 1) + (1 - share) ** 2 / (control.n - 1));
  return computed(
    symmetricEffect({
      estimate,
      standardError: Math.sqrt(variance),
      df: reference === 'welch' ? df : null,
      n: treatment.n + control.n,
      method,
    }),
  );
}

/**
 * A sum of squares left after subtraction. What is within rounding of zero (2^-50 of the terms subtracted) counts as
 * zero, so that cancellation never yields a negative variance or one that is noise.
 */
export function residualSquares(total: number, ...subtracted: readonly number[]): number {
  let rest = total;
  let size = Math.abs(total);
  for (const term of subtracted) {
    rest -= term;
    size = Math.max(size, Math.abs(term));
  }
  if (!Number.isFinite(size)) return Number.NaN;
  return rest <= size * 2 ** -50 ? 0 : rest;
}
