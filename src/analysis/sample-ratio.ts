import { chiSquareTail } from './distributions.ts';
import { computed, type Result, refused } from './effect.ts';

export interface SampleRatioArm {
  readonly variant: string;
  readonly units: number;
  /** Declared share; need not be normalised. */
  readonly weight: number;
}

export interface SampleRatio {
  readonly statistic: number;
  readonly df: number;
  readonly p: number;
}

/** Under this many expected units in an arm the chi-square approximation says nothing. */
const LEAST_EXPECTED = 5;

/**
 * Pearson's chi-square of units against declared weights. Arms of weight 0 expect nobody and take no degree of freedom
 * (units in one make the split impossible, which is a refusal with that reason); empty arms of positive weight count.
 */
export function sampleRatio(arms: readonly SampleRatioArm[]): Result<SampleRatio> {
  const strays = arms.find((arm) => !(arm.weight > 0) && arm.units > 0);
  if (strays) return refused(`${strays.variant} has weight 0 and yet ${strays.units} units`);
  const open = arms.filter((arm) => arm.weight > 0);
  if (open.length < 2) return refused('fewer than two arms have a weight, so there is no ratio');
  const total = open.reduce((sum, arm) => sum + arm.units, 0);
  const weights = open.reduce((sum, arm) => sum + arm.weight, 0);
  let statistic = 0;
  for (const arm of open) {
    const expected = (total * arm.weight) / weights;
    if (expected < LEAST_EXPECTED) {
      return refused(`fewer than ${LEAST_EXPECTED} units are expected in ${arm.variant}: too early to judge`);
    }
    statistic += (arm.units - expected) ** 2 / expected;
  }
  const df = open.length - 1;
  return computed({ statistic, df, p: chiSquareTail(statistic, df) });
}
