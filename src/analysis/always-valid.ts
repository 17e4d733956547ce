import type { Reference } from './effect.ts';

/**
 * Asymptotic confidence sequence with a normal mixture (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform
 * central limit theory and asymptotic confidence sequences", 2021): with k = n rho^2 the interval is
 * estimate -+ se sqrt((k + 1) / k log((k + 1) / alpha^2)), valid at all looks at once. Units are consumed once, so n
 * counts units whose window is complete. rho makes the interval tightest at `plannedUnits`; `alpha` fixes it beforehand.
 */
export function alwaysValid(n: number, plannedUnits: number, alpha: number): Reference {
  const budget = -2 * Math.log(alpha);
  const k = (n * (budget + Math.log(budget + 1))) / plannedUnits;
  return {
    name: 'asymptotic confidence sequence',
    critical: (level) => Math.sqrt(((k + 1) / k) * Math.log((k + 1) / (level * level))),
    p: (statistic) => Math.min(1, Math.sqrt(k + 1) * Math.exp((-statistic * statistic * k) / (2 * (k + 1)))),
  };
}
