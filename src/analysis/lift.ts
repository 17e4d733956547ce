import { type ArmEstimate, computed, type Effect, type Result, refused, symmetricEffect } from './effect.ts';

/** The control must be this many standard errors away from zero for a first-order expansion of the quotient to hold. */
const LEAST_CONTROL = 3;

/**
 * Relative effect t / c - 1 by the delta method, the control's own uncertainty included:
 * Var = Var(t) / c^2 + t^2 Var(c) / c^4. A negative control is divided by its size, so that the sign stays the effect's.
 */
export function lift(treatment: ArmEstimate, control: ArmEstimate, effect: Effect): Result<Effect> {
  const size = Math.abs(control.value);
  if (size === 0) return refused('the control is 0, so there is no relative change');
  if (size < LEAST_CONTROL * Math.sqrt(control.variance)) {
    return refused(
      `the control is within ${LEAST_CONTROL} standard errors of 0: too close for a relative change`,
    );
  }
  const quotient = treatment.value / control.value;
  const standardError = Math.sqrt(treatment.variance + quotient * quotient * control.variance) / size;
  if (!(standardError > 0)) return refused('neither arm varies, so no uncertainty can be estimated');
  return computed(
    symmetricEffect({
      estimate: (treatment.value - control.value) / size,
      standardError,
      df: effect.df,
      n: effect.n,
      method: `${effect.method}, relative by the delta method`,
    }),
  );
}
