import type { CoverageAggregates } from '../aggregates.ts';
import { type ArmEstimate, computed, type Result, refused } from './effect.ts';

/**
 * Share of the catalogue that an arm's slates showed, over the same number of units in every arm. It is no mean over
 * units, so its variance is that of the distinct titles over bootstrap resamples of units (Efron 1979).
 */
export function coverage(aggregates: CoverageAggregates, variant: string): Result<ArmEstimate> {
  const arm = aggregates.arms.find((candidate) => candidate.variant === variant);
  const count = arm?.resamples.length ?? 0;
  if (!arm || aggregates.unitsPerArm < 2) return refused('an arm has fewer than 2 units');
  if (!(aggregates.catalogueSize > 0)) return refused('the catalogue is empty');
  if (count < 2) return refused('needs at least 2 bootstrap resamples');
  const centre = arm.resamples.reduce((sum, titles) => sum + titles, 0) / count;
  const squares = arm.resamples.reduce((sum, titles) => sum + (titles - centre) ** 2, 0);
  return computed({
    value: arm.titles / aggregates.catalogueSize,
    variance: squares / (count - 1) / aggregates.catalogueSize ** 2,
    n: aggregates.unitsPerArm,
  });
}
