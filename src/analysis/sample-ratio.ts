import { computed, type Result, refused } from './estimate/effect.ts';
import { chiSquareTail, logGamma } from './numbers/distributions.ts';
import { logChiSquareTail } from './numbers/log-tails.ts';

export interface SampleRatioArm {
  readonly variant: string;
  readonly units: number;
  /** Declared share; need not be normalised. */
  readonly weight: number;
}

export interface SampleRatio {
  /** Pearson's. */
  readonly statistic: number;
  readonly df: number;
  readonly p: number;
  /** Natural logarithm of p, also where p itself is 0. */
  readonly logP: number;
  readonly method: 'chi-square' | 'exact multinomial';
}

/** Under this many expected units in an arm the chi-square approximation says nothing. */
const LEAST_EXPECTED = 5;
/** Outcomes that the exact test looks at before it gives up. */
const MOST_OUTCOMES = 200_000;
/** Outcomes as likely as the one seen count as not more likely despite rounding, as in R's binom.test. */
const AS_LIKELY = 1e-7;

/** Ways to spread `total` units over `arms` arms, C(total + arms - 1, arms - 1). */
function outcomes(total: number, arms: number): number {
  let ways = 1;
  for (let i = 1; i < arms; i++) ways = (ways * (total + i)) / i;
  return ways;
}

/** log P(an outcome no more likely than `units`) of a multinomial with these shares, by going through all of them. */
function exactMultinomial(units: readonly number[], shares: readonly number[], total: number): number {
  const factorials = Array.from({ length: total + 1 }, (_, k) => logGamma(k + 1));
  const logs = shares.map(Math.log);
  const term = (arm: number, k: number) => k * (logs[arm] ?? 0) - (factorials[k] ?? 0);
  const constant = factorials[total] ?? 0;
  const seen = constant + units.reduce((sum, k, arm) => sum + term(arm, k), 0) + AS_LIKELY;
  let relative = 0;
  const spread = (arm: number, left: number, sum: number): void => {
    if (arm === shares.length - 1) {
      const log = sum + term(arm, left);
      if (log <= seen) relative += Math.exp(log - seen);
      return;
    }
    for (let k = 0; k <= left; k++) spread(arm + 1, left - k, sum + term(arm, k));
  };
  spread(0, total, constant);
  return Math.min(0, seen + Math.log(relative));
}

/**
 * The arms that can have units at all, or why the split cannot be judged. Arms of weight 0 expect nobody and take no
 * degree of freedom; units in one make the split impossible, which is a refusal with that reason.
 */
function openArms(arms: readonly SampleRatioArm[]): Result<readonly SampleRatioArm[]> {
  const strays = arms.find((arm) => !(arm.weight > 0) && arm.units > 0);
  if (strays) return refused(`${strays.variant} has weight 0 and yet ${strays.units} units`);
  const open = arms.filter((arm) => arm.weight > 0);
  if (open.length < 2) return refused('fewer than two arms have a weight, so there is no ratio');
  return computed(open);
}

/**
 * Pearson's chi-square of units against declared weights: sum (units - expected)^2 / expected over arms of positive
 * weight, one degree of freedom less than there are of them; empty arms count. Where fewer than 5 units are expected in
 * an arm p is that of the exact multinomial test, two-sided by likelihood (for two arms: the exact binomial test), and
 * refused where that would go through more than 200,000 outcomes.
 */
export function sampleRatio(arms: readonly SampleRatioArm[]): Result<SampleRatio> {
  const checked = openArms(arms);
  if (!checked.ok) return checked;
  const open = checked.value;
  const total = open.reduce((sum, arm) => sum + arm.units, 0);
  if (total === 0) return refused('no units yet: too early to judge');
  const weights = open.reduce((sum, arm) => sum + arm.weight, 0);
  let statistic = 0;
  let scarce: string | null = null;
  for (const arm of open) {
    const expected = (total * arm.weight) / weights;
    if (expected < LEAST_EXPECTED) scarce ??= arm.variant;
    statistic += (arm.units - expected) ** 2 / expected;
  }
  const df = open.length - 1;
  if (scarce === null) {
    const logP = logChiSquareTail(statistic, df);
    return computed({ statistic, df, p: chiSquareTail(statistic, df), logP, method: 'chi-square' });
  }
  if (outcomes(total, open.length) > MOST_OUTCOMES) {
    return refused(`fewer than ${LEAST_EXPECTED} units are expected in ${scarce}: too early to judge`);
  }
  const logP = exactMultinomial(
    open.map((arm) => arm.units),
    open.map((arm) => arm.weight / weights),
    total,
  );
  return computed({ statistic, df, p: Math.exp(logP), logP, method: 'exact multinomial' });
}

export interface SequentialSampleRatio {
  /** Always-valid p: the least of 1 / Bayes factor after any batch so far; never rises. */
  readonly p: number;
  readonly logP: number;
  /** Natural logarithm of the Bayes factor (an e-value) against the declared weights, after the last batch. */
  readonly logBayesFactor: number;
  /** p after each batch. */
  readonly looks: readonly number[];
}

/** The mixture is as wide as what this many units tell: shares off by half a percentage point in a 50:50 test. */
const CONCENTRATION = 10_000;

/**
 * Sequential multinomial test of the declared weights, for a split that is watched (Lindon and Malek 2022, "Anytime-valid
 * inference for multinomial count data"). Under the alternative the shares have a Dirichlet distribution with parameters
 * a_i = concentration x share_i, centred on the declared ones; with S_i units so far, n in all and A = sum a_i
 *   B = Gamma(A) / Gamma(A + n) x product Gamma(a_i + S_i) / (Gamma(a_i) share_i^S_i)
 * is a martingale with mean 1 as long as the weights hold, so it ever reaches 1 / alpha with probability at most alpha,
 * however often it is looked at and whatever the batches (Ville). Takes the units of each batch, new ones only, in the
 * order of `weights`; weight 0 as in `sampleRatio`.
 */
export function sequentialSampleRatio(
  batches: readonly (readonly number[])[],
  weights: readonly number[],
  concentration = CONCENTRATION,
): Result<SequentialSampleRatio> {
  const total = weights.reduce((sum, weight) => sum + Math.max(0, weight), 0);
  const units = weights.map(() => 0);
  let logP = 0;
  let logBayesFactor = 0;
  const looks: number[] = [];
  for (const batch of batches) {
    for (const [arm, count] of batch.entries()) units[arm] = (units[arm] ?? 0) + count;
    const checked = openArms(
      units.map((count, arm) => ({ variant: `arm ${arm + 1}`, units: count, weight: weights[arm] ?? 0 })),
    );
    if (!checked.ok) return checked;
    const n = checked.value.reduce((sum, arm) => sum + arm.units, 0);
    logBayesFactor = logGamma(concentration) - logGamma(concentration + n);
    for (const arm of checked.value) {
      const share = arm.weight / total;
      const prior = concentration * share;
      logBayesFactor += logGamma(prior + arm.units) - logGamma(prior) - arm.units * Math.log(share);
    }
    logP = Math.min(logP, -logBayesFactor);
    looks.push(Math.exp(logP));
  }
  if (!units.some((count) => count > 0)) return refused('no units yet: too early to judge');
  return computed({ p: Math.exp(logP), logP, logBayesFactor, looks });
}
