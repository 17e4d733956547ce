import type { Reference } from '../estimate/effect.ts';

/** A reference that knows its p-value also where a double cannot hold it. */
export interface LoggedReference extends Reference {
  /** Natural logarithm of the p-value. */
  logP(statistic: number): number;
}

/**
 * k = n / g, the information in n units relative to that in the mixture (g units' worth), with g such that the interval
 * at level 1 - alpha is tightest at about `plannedUnits` (Waudby-Smith et al. 2021). Fixed beforehand.
 */
function mixtureRatio(n: number, plannedUnits: number, alpha: number): number {
  const budget = -2 * Math.log(alpha);
  return (n * (budget + Math.log(budget + 1))) / plannedUnits;
}

/**
 * Asymptotic confidence sequence with a normal mixture (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform
 * central limit theory and asymptotic confidence sequences", 2021): with k = n rho^2 the interval is
 * estimate -+ se sqrt((k + 1) / k log((k + 1) / alpha^2)), valid at all looks at once. Units are consumed once, so n
 * counts units whose window is complete. rho makes the interval tightest at `plannedUnits`; `alpha` fixes it beforehand.
 *
 * It takes the standard error as known. Measured on normal values looked at after every pair of units, with 50 units
 * planned: 11.5 % of A/A tests reject at 5 % when watched from the fourth unit on and 5.5 % from the tenth, where
 * `alwaysValidT` has 3.0 and 2.9 %; from a few hundred units on the two are the same. So `alwaysValidT` is the one to use
 * wherever there are degrees of freedom.
 */
export function alwaysValid(n: number, plannedUnits: number, alpha: number): LoggedReference {
  const k = mixtureRatio(n, plannedUnits, alpha);
  const logP = (statistic: number) =>
    Math.min(0, Math.log1p(k) / 2 - (statistic * statistic * k) / (2 * (k + 1)));
  return {
    name: 'asymptotic confidence sequence',
    critical: (level) => Math.sqrt(((k + 1) / k) * (Math.log1p(k) - 2 * Math.log(level))),
    p: (statistic) => Math.exp(logP(statistic)),
    logP,
  };
}

/**
 * The same mixture for a t statistic, when the variance is estimated too (Lindon, Ham, Tingley and Bojinov 2022,
 * "Anytime-valid linear models and regression adjusted causal inference in randomized experiments"): with
 * r = g / (g + n) and nu degrees of freedom the Bayes factor against no effect is
 *   B(t) = sqrt(r) ((1 + t^2 / nu) / (1 + r t^2 / nu))^((nu + 1) / 2),   p = min(1, 1 / B),
 * and the critical value solves B = 1 / level: with q = (level^2 r)^(-1 / (nu + 1)), t^2 = nu (q - 1) / (1 - q r).
 * When q r >= 1 no t is large enough and it is Infinity: so few units bound nothing at that level. It is exact at every
 * n for normal values of equal variance (nu = n - 2); Welch's degrees of freedom make it approximate, and it tends to
 * `alwaysValid` as they grow. The default for every effect that has degrees of freedom.
 */
export function alwaysValidT(n: number, plannedUnits: number, alpha: number, df: number): LoggedReference {
  const k = mixtureRatio(n, plannedUnits, alpha);
  const r = 1 / (1 + k);
  const logP = (statistic: number) => {
    const square = (statistic * statistic) / df;
    // log((1 + s) / (1 + r s)) = log1p((1 - r) s / (1 + r s)), which keeps its digits for small and for huge s.
    const growth = Math.log1p(k / (1 + k) / (1 / square + r));
    return Math.min(0, Math.log1p(k) / 2 - ((df + 1) / 2) * growth);
  };
  return {
    name: 'mixture t confidence sequence',
    critical: (level) => {
      const logQ = (Math.log1p(k) - 2 * Math.log(level)) / (df + 1);
      const rest = -Math.expm1(logQ - Math.log1p(k));
      return rest > 0 ? Math.sqrt((df * Math.expm1(logQ)) / rest) : Number.POSITIVE_INFINITY;
    },
    p: (statistic) => Math.exp(logP(statistic)),
    logP,
  };
}
