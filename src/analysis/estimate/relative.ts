import type { RelativeMethod } from '../study/study.ts';
import { type ArmEstimate, computed, type Effect, type Result, refused, symmetricEffect } from './effect.ts';
import { fieller } from './fieller.ts';

/** An estimate must be this many standard errors away from 0 for a first-order expansion around it to hold. */
const LEAST = 3;

function closeToZero(name: string, { value, variance }: ArmEstimate): string | undefined {
  if (Math.abs(value) >= LEAST * Math.sqrt(variance)) return undefined;
  return `the ${name} is within ${LEAST} standard errors of 0: too close for a relative change by this method`;
}

/**
 * Relative effect (t - c) / |c| of independent estimates; divided by the control's size, so that the sign is the absolute
 * effect's. The control's own uncertainty is always part of it. `absolute` is the difference of the same two arms and
 * supplies degrees of freedom, units and, but for delta and log, the statistic.
 *
 * - fieller: see fieller.ts; where the absolute interval is not symmetric its own `relativeBounds`. Excludes 0 exactly
 *   when the absolute interval does; may be unbounded.
 * - delta: estimate -+ k se, se^2 = (Vt + (t / c)^2 Vc) / c^2, first order in both arms. Refused within 3 standard
 *   errors of a control of 0.
 * - log: exp(log t - log c -+ k se) - 1, se^2 = Vt / t^2 + Vc / c^2; both arms above 0 by 3 standard errors.
 *
 * `standardError` is the delta method's for all three.
 */
export function relativeEffect(
  method: RelativeMethod,
  treatment: ArmEstimate,
  control: ArmEstimate,
  absolute: Effect,
): Result<Effect> {
  const size = Math.abs(control.value);
  if (size === 0) return refused('the control is 0, so there is no relative change');
  const { statistic, relativeBounds, df, n } = absolute;
  const estimate = (treatment.value - control.value) / size;
  const quotient = treatment.value / control.value;
  const standardError = Math.sqrt(treatment.variance + quotient * quotient * control.variance) / size;
  if (!Number.isFinite(estimate) || !Number.isFinite(standardError)) {
    return refused('the control is too close to 0 beside the treatment for a relative change');
  }
  const by = (name: string) => `${absolute.method}, relative by ${name}`;

  if (method === 'fieller' && relativeBounds) {
    // An arm at 0 has no variance of its own; the absolute effect has put another in its place.
    const error = standardError > 0 ? standardError : absolute.standardError / size;
    const name = by('the same limits');
    return computed({
      estimate,
      standardError: error,
      statistic,
      df,
      n,
      method: name,
      bounds: relativeBounds,
    });
  }
  if (!(treatment.variance + control.variance > 0)) {
    return refused('neither arm varies, so no uncertainty can be estimated');
  }
  if (!(standardError > 0))
    return refused('the treatment is 0 in every unit, so no uncertainty can be estimated');
  if (method === 'fieller') {
    const interval = fieller(treatment, control);
    return computed({
      estimate,
      standardError,
      statistic,
      df,
      n,
      method: by("Fieller's theorem"),
      ...interval,
    });
  }
  if (method === 'delta') {
    const close = closeToZero('control', control);
    if (close) return refused(close);
    return computed(symmetricEffect({ estimate, standardError, df, n, method: by('the delta method') }));
  }
  if (!(treatment.value > 0 && control.value > 0)) {
    return refused('the logarithm of a ratio needs both arms above 0');
  }
  const close = closeToZero('control', control) ?? closeToZero('treatment', treatment);
  if (close) return refused(close);
  const log = Math.log(quotient);
  const error = Math.sqrt(treatment.variance / treatment.value ** 2 + control.variance / control.value ** 2);
  return computed({
    estimate,
    standardError,
    statistic: log / error,
    df,
    n,
    method: by('the log ratio'),
    bounds: (multiplier) => [Math.expm1(log - multiplier * error), Math.expm1(log + multiplier * error)],
  });
}
