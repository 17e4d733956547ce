import { computed, type Result, refused } from '../estimate/effect.ts';
import { normalQuantile, normalTail } from './distributions.ts';
import type { Uniform } from './resample.ts';

/** Units of one arm by row number; a row may occur several times. */
export type Rows = Int32Array;

export interface Bootstrap {
  readonly estimate: number;
  /** Standard deviation of the replicates. */
  readonly standardError: number;
  /** Sorted. */
  readonly replicates: Float64Array;
  readonly acceleration: number;
}

/** Blocks of units left out in turn for the acceleration: each unit its own block up to this many. */
const BLOCKS = 200;

/** Fewer replicates than this do not hold the quantiles of a 95 % interval steady. */
const FEWEST = 200;

/**
 * Bootstrap of any statistic of one arm or of several, over users: each replicate draws as many units from each arm as
 * it has, with replacement, whole units with all of their rows (Efron 1979). The exception for statistics that no sum over
 * units gives. `sizes`: units per arm, at least 2; `statistic`: from the drawn row numbers of each arm; `random`: uniform on
 * [0, 1), seeded by the caller, so that the same data give the same interval. Cost: `resamples` + 200 per arm statistics.
 */
export function bootstrap(
  sizes: readonly number[],
  statistic: (rows: readonly Rows[]) => number,
  random: Uniform,
  resamples = 2000,
): Result<Bootstrap> {
  const fewest = sizes.length > 0 ? Math.min(...sizes) : 0;
  if (!(fewest >= 2)) return refused(`needs at least 2 units in each arm, has ${fewest}`);
  if (!(resamples >= FEWEST)) return refused(`needs at least ${FEWEST} resamples, not ${resamples}`);
  const whole = sizes.map((size) => Int32Array.from({ length: size }, (_, row) => row));
  const estimate = statistic(whole);
  const drawn = sizes.map((size) => new Int32Array(size));
  const replicates = Float64Array.from({ length: resamples }, () => {
    for (const rows of drawn) {
      for (let i = 0; i < rows.length; i++) rows[i] = Math.floor(random() * rows.length);
    }
    return statistic(drawn);
  }).sort();
  const mean = replicates.reduce((sum, one) => sum + one / resamples, 0);
  const squares = replicates.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  if (!Number.isFinite(estimate) || !Number.isFinite(squares)) {
    return refused('the statistic cannot be computed on every resample');
  }
  if (replicates[0] === replicates[resamples - 1])
    return refused('the statistic is the same on every resample');
  const influence = whole.map((_, arm) => influenceOf(whole, arm, statistic));
  return computed({
    estimate,
    standardError: Math.sqrt(squares / (resamples - 1)),
    replicates,
    acceleration: accelerationOf(influence),
  });
}

/** Jackknife influence of each block of an arm's units: (g - 1) (mean of the g values without a block - the value without this one). */
function influenceOf(
  whole: readonly Rows[],
  arm: number,
  statistic: (rows: readonly Rows[]) => number,
): readonly number[] {
  const rows = whole[arm] as Rows;
  const blocks = Math.min(BLOCKS, rows.length);
  const without = Array.from({ length: blocks }, (_, block) =>
    statistic(
      whole.with(
        arm,
        rows.filter((row) => row % blocks !== block),
      ),
    ),
  );
  const mean = without.reduce((sum, one) => sum + one, 0) / blocks;
  return without.map((one) => (blocks - 1) * (mean - one));
}

/** a = sum_arms sum l^3 / n^3 / 6 (sum_arms sum l^2 / n^2)^(3/2) (Davison and Hinkley 1997, section 5.3); 0 where none varies. */
export function accelerationOf(influence: readonly (readonly number[])[]): number {
  let cubes = 0;
  let squares = 0;
  for (const arm of influence) {
    for (const one of arm) {
      cubes += (one / arm.length) ** 3;
      squares += (one / arm.length) ** 2;
    }
  }
  const found = cubes / 6 / squares ** 1.5;
  return Number.isFinite(found) ? found : 0;
}

/** Quantile of sorted replicates: number (R + 1) p, between two interpolated on the normal scale (Davison and Hinkley 1997, eq. 5.8). */
function quantileOf(replicates: Float64Array, p: number): number {
  const count = replicates.length;
  const at = (count + 1) * p;
  const k = Math.floor(at);
  if (k < 1) return replicates[0] as number;
  if (k >= count) return replicates[count - 1] as number;
  const below = replicates[k - 1] as number;
  if (at === k) return below;
  const z = (share: number) => -normalQuantile(share);
  const [low, high] = [z(k / (count + 1)), z((k + 1) / (count + 1))];
  return below + ((z(p) - low) / (high - low)) * ((replicates[k] as number) - below);
}

/** Percentile interval at level 1 - alpha: right for statistics whose replicates lie symmetrically around the estimate. */
export function percentileInterval({ replicates }: Bootstrap, alpha: number): readonly [number, number] {
  return [quantileOf(replicates, alpha / 2), quantileOf(replicates, 1 - alpha / 2)];
}

/**
 * Bias-corrected and accelerated interval at level 1 - alpha (Efron, JASA 1987): quantiles of the replicates at
 * Phi(z0 + (z0 + z) / (1 - a (z0 + z))), z0 from the share of replicates under the estimate. Refused where all lie on one side.
 */
export function bcaInterval(
  { estimate, replicates, acceleration }: Bootstrap,
  alpha: number,
): Result<readonly [number, number]> {
  const under = replicates.filter((one) => one < estimate).length;
  const share = under / replicates.length;
  if (share === 0 || share === 1) return refused('all replicates lie on one side of the estimate');
  const z0 = -normalQuantile(share);
  const shifted = (z: number) => {
    const moved = z0 + z;
    return normalTail(-(z0 + moved / (1 - acceleration * moved)));
  };
  const z = normalQuantile(alpha / 2);
  return computed([quantileOf(replicates, shifted(-z)), quantileOf(replicates, shifted(z))]);
}
