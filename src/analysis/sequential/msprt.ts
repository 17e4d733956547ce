import { computed, type Result, refused } from '../estimate/effect.ts';
import type { LoggedReference } from './always-valid.ts';

/** Everything seen up to a look: cumulative, each unit consumed once. */
export interface SequentialLook {
  /** Units of both arms. */
  readonly n: number;
  readonly estimate: number;
  readonly standardError: number;
}

export interface SequentialRatio {
  /** Always-valid p: the smallest of 1 / likelihood ratio over the looks so far; never rises. */
  readonly p: number;
  readonly logP: number;
  /** By look. */
  readonly looks: readonly { readonly logLikelihoodRatio: number; readonly p: number }[];
}

/**
 * Log likelihood ratio of a normal mixture of effects with mean 0 and standard deviation `mixing` against no effect:
 * log sqrt(V / (V + tau^2)) + tau^2 estimate^2 / (2 V (V + tau^2)), V = standard error squared.
 */
function logMixtureRatio(statistic: number, k: number): number {
  return (statistic * statistic * k) / (2 * (k + 1)) - Math.log1p(k) / 2;
}

/**
 * Mixture sequential probability ratio test (Robbins 1970; Johari, Koomen, Pekelis and Walsh 2022, "Always valid
 * inference: continuous monitoring of A/B tests") of no effect. `mixing` (tau > 0) is on the effect's scale and has to
 * be fixed before the data: about the size of effects that are hoped for. The p-value at a look is the least of
 * 1 / likelihood ratio so far, so it never rises and may be acted on at any time. Takes the standard errors as true:
 * right for large n only.
 */
export function msprt(looks: readonly SequentialLook[], mixing: number): Result<SequentialRatio> {
  if (!(mixing > 0 && Number.isFinite(mixing)))
    return refused('the mixing standard deviation has to be positive');
  if (looks.length === 0) return refused('no look yet');
  let before = 0;
  let logP = 0;
  const out: { logLikelihoodRatio: number; p: number }[] = [];
  for (const { n, estimate, standardError } of looks) {
    if (!(n >= before)) return refused('units may only be added from look to look: each is consumed once');
    if (!(standardError > 0 && Number.isFinite(standardError) && Number.isFinite(estimate))) {
      return refused('a look has no estimate or no standard error');
    }
    before = n;
    const logLikelihoodRatio = logMixtureRatio(estimate / standardError, (mixing / standardError) ** 2);
    logP = Math.min(logP, -logLikelihoodRatio);
    out.push({ logLikelihoodRatio, p: Math.exp(logP) });
  }
  return computed({ p: Math.exp(logP), logP, looks: out });
}

/**
 * The interval that goes with `msprt` at one look, estimate -+ se sqrt((k + 1) / k log((k + 1) / alpha^2)) with
 * k = (mixing / standardError)^2, and the p-value of this look alone.
 */
export function msprtReference(standardError: number, mixing: number): LoggedReference {
  const k = (mixing / standardError) ** 2;
  const logP = (statistic: number) => Math.min(0, -logMixtureRatio(statistic, k));
  return {
    name: 'mixture sequential probability ratio',
    critical: (level) => Math.sqrt(((k + 1) / k) * (Math.log1p(k) - 2 * Math.log(level))),
    p: (statistic) => Math.exp(logP(statistic)),
    logP,
  };
}
