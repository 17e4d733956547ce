import type { RampPhase, VariantDeclaration } from '../declarations.ts';

/** Salt that decides who takes part; apart from `variantSalt`, so that a ramp does not skew the arms. */
export function trafficSalt(experiment: string, iteration: number): string {
  return `${experiment}/${iteration}/traffic`;
}

/** Salt that decides the variant. */
export function variantSalt(experiment: string, iteration: number): string {
  return `${experiment}/${iteration}/variant`;
}

/**
 * Upper ends of the variants' shares of [0, 1), in declared order. The last is 1 whatever rounding made of the sum,
 * so every point belongs to a variant.
 */
export function variantEnds(variants: readonly VariantDeclaration[]): Float64Array {
  const ends = new Float64Array(variants.length);
  let sum = 0;
  variants.forEach((variant, i) => {
    sum += variant.weight;
    ends[i] = sum;
  });
  ends[variants.length - 1] = 1;
  return ends;
}

/** Starts of the ramp phases, epoch ms. */
export function phaseStarts(startMs: number, ramp: readonly RampPhase[]): Float64Array {
  const starts = new Float64Array(ramp.length);
  let at = startMs;
  ramp.forEach((phase, i) => {
    starts[i] = at;
    at += phase.forMs ?? Number.POSITIVE_INFINITY;
  });
  return starts;
}

/** Row of the phase in force at `at`; -1 before the first. */
export function phaseAt(starts: Float64Array, at: number): number {
  let phase = starts.length - 1;
  while (phase >= 0 && !(at >= starts[phase]!)) phase--;
  return phase;
}
