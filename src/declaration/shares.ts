import type { AllocationPhase } from '../analysis/study/phase-ratio.ts';

/** Shares by arm as written: parts of 1 or of 100, or percent. */
export type WrittenShares = Readonly<Record<string, number | string>>;

/** Weights as written, in parts of their whole. */
export function weightParts(weights: WrittenShares): readonly (readonly [string, number])[] {
  return Object.entries(weights).map(([arm, written]) => [
    arm,
    typeof written === 'number' ? written : Number(written.slice(0, -1)),
  ]);
}

/** Weights as fractions of their whole. */
export function toShares(weights: WrittenShares): AllocationPhase['weights'] {
  const parts = weightParts(weights);
  const whole = parts.reduce((sum, [, part]) => sum + part, 0);
  return parts.map(([arm, part]) => ({ arm, weight: part / whole }));
}

/** The arms of all phases, each with its mean share: which arms there are, until units say how large the phases were. */
export function armsOf(phases: readonly AllocationPhase[]): AllocationPhase['weights'] {
  const all = phases.flatMap(({ weights }) => weights);
  return [...new Set(all.map(({ arm }) => arm))].map((arm) => {
    const own = all.filter((entry) => entry.arm === arm);
    return { arm, weight: own.reduce((sum, { weight }) => sum + weight, 0) / phases.length };
  });
}
