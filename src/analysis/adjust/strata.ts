import type { Centred } from '../centred.ts';
import { mergeCentred } from '../numbers/summation.ts';

const NONE: Centred = { n: 0, mean: [], products: [] };

/** Units of several groups as one group. Groups with units should have the same columns. */
export function pool(groups: readonly Centred[]): Centred {
  const filled = groups.filter(({ n }) => n > 0);
  return filled.length === 0 ? (groups[0] ?? NONE) : filled.reduce(mergeCentred);
}

/** A stratum is usable when every arm has a variance in it. */
const usable = (arms: readonly Centred[]) => arms.every(({ n }) => n >= 2);

const size = (arms: readonly Centred[]) => arms.reduce((sum, { n }) => sum + n, 0);

const together = (strata: readonly (readonly Centred[])[]): readonly Centred[] =>
  (strata[0] ?? []).map((_, a) => pool(strata.flatMap((arms) => arms[a] ?? [])));

/**
 * Strata in which every arm has at least 2 units. The others become one rest stratum; where that is still too small,
 * the smallest usable stratum joins it, and so on. `merged` counts the strata that went into the rest.
 */
export function usableStrata(strata: readonly (readonly Centred[])[]): {
  readonly strata: readonly (readonly Centred[])[];
  readonly merged: number;
} {
  const filled = strata.filter((arms) => size(arms) > 0);
  const good = filled.filter(usable).sort((a, b) => size(b) - size(a));
  const rest = filled.filter((arms) => !usable(arms));
  if (rest.length === 0) return { strata: filled.length > 0 ? filled : strata.slice(0, 1), merged: 0 };
  let merged = together(rest);
  while (!usable(merged) && good.length > 0) {
    const smallest = good.pop() ?? [];
    rest.push(smallest);
    merged = together(rest);
  }
  const kept = filled.filter((arms) => good.includes(arms));
  return { strata: [...kept, merged], merged: rest.length };
}
