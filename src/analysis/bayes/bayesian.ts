import type { Prior } from '../../declarations.ts';
import { computed, type Result, refused } from '../estimate/effect.ts';
import { normalQuantile, normalTail } from '../numbers/distributions.ts';
import { formatDifference, formatLift } from '../report/format.ts';
import type { Posterior } from '../report/report.ts';

export interface NormalPosterior {
  readonly mean: number;
  readonly standardDeviation: number;
  /** Equal-tailed. */
  readonly interval: readonly [number, number];
  /** P(effect > 0), in (0, 1). */
  readonly chancePositive: number;
  /** E[max(effect, 0)] and E[max(-effect, 0)]. */
  readonly expectedGain: number;
  readonly expectedLoss: number;
}

/**
 * Mills' ratio's remainder phi(z) - z P(Z > z) = E[max(Z - z, 0)]: the standard normal loss function. From z = 4 on by
 * Laplace's continued fraction, because there the difference loses its digits.
 */
function normalLoss(z: number): number {
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z < 4) return density - z * normalTail(z);
  let fraction = 0;
  for (let k = 80; k >= 1; k--) fraction = k / (z + fraction);
  return (density * fraction) / (z + fraction);
}

/**
 * Posterior of an effect with a normal prior N(prior mean, prior sd^2) and a normal likelihood: the precisions add and
 * the means are weighted by them (Gelman et al., Bayesian Data Analysis, 3rd edition, section 2.5). A prior sd of
 * Infinity is the flat prior. Assumes that the estimate is normal with known standard error > 0. The expected losses are
 * closed forms of the normal loss function (Raiffa and Schlaifer 1961). `level` of the interval in (0, 1).
 */
export function normalPosterior(
  prior: Pick<Prior, 'mean' | 'standardDeviation'>,
  estimate: number,
  standardError: number,
  level = 0.95,
): Result<NormalPosterior> {
  if (!(standardError > 0 && Number.isFinite(standardError) && Number.isFinite(estimate))) {
    return refused('needs an estimate with a standard error above 0');
  }
  if (!(prior.standardDeviation > 0)) return refused("the prior's standard deviation must be above 0");
  // Shares of the weight, formed so that neither squares overflow nor a flat prior divides by infinity.
  const ratio = standardError / prior.standardDeviation;
  const weight = 1 / (1 + ratio * ratio);
  const mean = ratio === 0 ? estimate : prior.mean + weight * (estimate - prior.mean);
  const standardDeviation = standardError * Math.sqrt(weight);
  const half = normalQuantile((1 - level) / 2) * standardDeviation;
  const z = mean / standardDeviation;
  const loss = standardDeviation * normalLoss(Math.abs(z));
  const gain = Math.abs(mean) + loss;
  return computed({
    mean,
    standardDeviation,
    interval: [mean - half, mean + half],
    chancePositive: normalTail(-z),
    expectedGain: z >= 0 ? gain : loss,
    expectedLoss: z >= 0 ? loss : gain,
  });
}

function describe({ scale, mean, standardDeviation }: Prior): string {
  const text = (value: number) => (scale === 'relative' ? formatLift(value) : formatDifference(value, ''));
  const spread = text(standardDeviation).replace(/^\+/, '');
  return `normal, mean ${text(mean)}, standard deviation ${spread}, on the ${scale} effect`;
}

/**
 * The report's posterior of one comparison. `estimate` and `standardError` are on the prior's scale; chance to win and
 * losses are in the metric's direction. With a flat prior the chance to win is 1 - the one-sided p.
 */
export function posteriorOf(
  prior: Prior,
  estimate: number,
  standardError: number,
  direction: 'higher-is-better' | 'lower-is-better',
  level = 0.95,
): Posterior {
  const found = normalPosterior(prior, estimate, standardError, level);
  if (!found.ok) return found;
  const { mean, standardDeviation, interval, expectedGain, expectedLoss } = found.value;
  const up = direction === 'higher-is-better';
  return {
    ok: true,
    scale: prior.scale,
    mean,
    standardDeviation,
    interval,
    chanceToWin: normalTail(up ? -mean / standardDeviation : mean / standardDeviation),
    expectedLoss: {
      treatment: up ? expectedLoss : expectedGain,
      control: up ? expectedGain : expectedLoss,
    },
    prior: describe(prior),
  };
}
