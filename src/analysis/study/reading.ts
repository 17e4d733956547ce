import type { IntervalKind } from '../../declarations.ts';
import type { Pair } from '../estimate/compare.ts';
import { type Effect, fixedHorizon, type Reference, type Result, refused } from '../estimate/effect.ts';
import type { Estimate, IntervalPair } from '../report/report.ts';
import { alwaysValid, alwaysValidT } from '../sequential/always-valid.ts';
import type { Study } from './study.ts';

/** What effects are judged by: the level is left to choose. */
export interface Scale {
  referenceOf(effect: Effect): Reference;
  /** Where the effect is of another quantity than the metric's values: "each unit's first 7 days". */
  readonly estimand?: string;
}

/** A pair with the distribution it is judged by. */
export interface Reading extends Scale {
  readonly kind: IntervalKind;
  readonly pair: Pair;
  /** Said after the method: "always-valid", "look 2 of 4". */
  readonly how?: string;
}

/** The same reference, whose critical values are computed once for each level. */
export function remembering(reference: Reference): Reference {
  const known = new Map<number, number>();
  return {
    name: reference.name,
    p: (statistic) => reference.p(statistic),
    critical: (level) => {
      const value = known.get(level) ?? reference.critical(level);
      known.set(level, value);
      return value;
    },
  };
}

/** The last reference again where the next effect has the same degrees of freedom and units, as both scales of one have. */
function lastOf(make: (effect: Effect) => Reference): Scale['referenceOf'] {
  let last: { readonly n: number; readonly df: number | null; readonly reference: Reference } | undefined;
  return (effect) => {
    if (!last || last.n !== effect.n || last.df !== effect.df) {
      last = { n: effect.n, df: effect.df, reference: remembering(make(effect)) };
    }
    return last.reference;
  };
}

/** Looked at once: normal or t. */
export const ONCE: Scale = { referenceOf: ({ df }) => fixedHorizon(df) };

/** Right when looked at once, at the planned end. */
export function fixedReading(pair: Pair): Reading {
  return { kind: 'fixed', pair, referenceOf: lastOf(ONCE.referenceOf) };
}

/** Looked at at any time: the mixture's normal or t. */
export function anyTime(study: Study): Scale {
  return {
    referenceOf: ({ n, df }) =>
      df === null
        ? alwaysValid(n, study.plannedUnits, study.alpha)
        : alwaysValidT(n, study.plannedUnits, study.alpha, df),
  };
}

/** Right at every look, where units are consumed once. */
export function alwaysValidReading(pair: Pair, study: Study, estimand?: string): Reading {
  return {
    kind: 'always-valid',
    pair,
    referenceOf: lastOf(anyTime(study).referenceOf),
    how: 'always-valid',
    ...(estimand === undefined ? {} : { estimand }),
  };
}

/** Two-sided p-value, at least the smallest double; null where it cannot be computed or the arms are equal without any event. */
export function pValue(effect: Result<Effect>, reading: Scale): number | null {
  if (!effect.ok || effect.value.statistic === null) return null;
  const p = reading.referenceOf(effect.value).p(effect.value.statistic);
  return Number.isFinite(p) ? Math.max(p, Number.MIN_VALUE) : null;
}

/** Estimate with its interval at level 1 - alpha; an unbounded side is null and says why. */
export function estimateOf(effect: Result<Effect>, reading: Scale, alpha: number): Estimate {
  if (!effect.ok) return effect;
  const { estimate, standardError } = effect.value;
  const multiplier = reading.referenceOf(effect.value).critical(alpha);
  const interval = effect.value.bounds(multiplier);
  if (![estimate, standardError].every(Number.isFinite) || interval.some(Number.isNaN)) {
    return refused('the sums are too large or too small to compute with');
  }
  const [low, high] = interval.map((end) => (Number.isFinite(end) ? end : null));
  const open = low === null || high === null;
  const note = [
    ...(open ? [effect.value.note?.(multiplier) ?? 'unbounded'] : []),
    ...(reading.estimand === undefined ? [] : [`of ${reading.estimand}`]),
  ].join('; ');
  return {
    ok: true,
    estimate,
    standardError,
    interval: [low ?? null, high ?? null],
    ...(note === '' ? {} : { note }),
  };
}

/** Both scales of a reading at one level. */
export function intervalPair(reading: Result<Reading>, alpha: number): IntervalPair {
  if (!reading.ok) return reading;
  const { pair, estimand } = reading.value;
  if (!pair.absolute.ok) return pair.absolute;
  return {
    ok: true,
    absolute: estimateOf(pair.absolute, reading.value, alpha),
    relative: estimateOf(pair.relative, reading.value, alpha),
    p: pValue(pair.absolute, reading.value),
    method: methodOf(reading.value),
    n: pair.absolute.value.n,
    ...(estimand === undefined ? {} : { estimand }),
  };
}

/** "Welch t, always-valid". */
export function methodOf({ pair, how }: Reading): string {
  if (!pair.absolute.ok) return 'not computed';
  return [pair.absolute.value.method, ...(how === undefined ? [] : [how])].join(', ');
}
