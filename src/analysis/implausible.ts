import type { ArmMoments } from './aggregates.ts';

/**
 * A unit is implausible that viewed at least so many titles and clicked at least this share of them. People look at far
 * more than they want: who clicks everything is a program. The rule is blind to the arm and fixed beforehand, so that
 * nobody chooses who is left out by what comes of it.
 */
export const IMPLAUSIBLE = { viewed: 50, clickedShare: 0.8 } as const;

/** The sums of all units less those of some of them, without covariates. */
export function withoutUnits(all: readonly ArmMoments[], some: readonly ArmMoments[]): readonly ArmMoments[] {
  return all.map(({ variant, moments }) => {
    const less = some.find((one) => one.variant === variant)?.moments;
    const rest = (of: 'n' | 'y' | 'yy' | 'x' | 'xx' | 'xy') => moments[of] - (less?.[of] ?? 0);
    return {
      variant,
      moments: { n: rest('n'), y: rest('y'), yy: rest('yy'), x: rest('x'), xx: rest('xx'), xy: rest('xy') },
    };
  });
}
