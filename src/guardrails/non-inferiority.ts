import type { Estimate, GuardrailState } from '../analysis/report/report.ts';
import type { Margin, MetricDeclaration } from '../declarations.ts';

export interface NonInferiority {
  readonly margin: number;
  readonly marginKind: 'relative' | 'absolute';
  readonly state: GuardrailState;
  readonly harm: readonly [number | null, number | null];
}

/** Turns an effect's interval round where higher is better, so that positive always means harm. */
export function harmInterval(
  [low, high]: readonly [number | null, number | null],
  direction: MetricDeclaration['direction'],
): readonly [number | null, number | null] {
  if (direction === 'lower-is-better') return [low, high];
  return [high === null ? null : -high || 0, low === null ? null : -low || 0];
}

/**
 * The state of a harm-oriented interval against a margin m > 0: safe (upper end under m), safe but worse (and lower
 * end over 0), breach (lower end over m), harm (lower end over 0, straddles m), unproven (straddles m). An open end, or
 * no interval, proves nothing: not finding harm is not safety.
 */
export function guardrailState(
  [low, high]: readonly [number | null, number | null],
  margin: number,
): GuardrailState {
  if (high !== null && high < margin) return low !== null && low > 0 ? 'safe-but-worse' : 'safe';
  if (low !== null && low > margin) return 'breach';
  return low !== null && low > 0 ? 'harm' : 'unproven';
}

/** Judges one comparison against the declared margin, on the margin's own scale. */
export function nonInferiority(
  effects: { readonly absolute: Estimate; readonly relative: Estimate },
  margin: Margin,
  direction: MetricDeclaration['direction'],
): NonInferiority {
  const relative = 'relative' in margin;
  const effect = relative ? effects.relative : effects.absolute;
  const size = relative ? margin.relative : margin.absolute;
  const harm = effect.ok ? harmInterval(effect.interval, direction) : ([null, null] as const);
  return {
    margin: size,
    marginKind: relative ? 'relative' : 'absolute',
    state: guardrailState(harm, size),
    harm,
  };
}
