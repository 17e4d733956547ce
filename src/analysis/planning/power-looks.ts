import { computed, type Result, refused } from '../estimate/effect.ts';
import { alwaysValid } from '../sequential/always-valid.ts';
import { crossing } from '../sequential/crossing.ts';
import { groupSequential } from '../sequential/group-sequential.ts';
import type { Looks } from './power-question.ts';

/** Equally spaced looks. */
export function evenly(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => (index + 1) / count);
}

export interface PowerAtLooks {
  /** P(crossing at some look). */
  readonly power: number;
  /** Mean fraction of the final units used when it stops at the first crossing, or at the end. */
  readonly meanFraction: number;
  /** P(having crossed by then), a number a look. */
  readonly byLook: readonly number[];
}

/** Critical value of the standardised statistic at each look, for final units of both arms. */
function boundariesOf(looks: Looks, alpha: number): (units: number) => readonly number[] {
  if (looks.kind === 'group-sequential') {
    const { boundaries } = groupSequential({
      information: looks.information,
      spending: looks.spending,
      alpha,
    });
    return () => boundaries;
  }
  const { information, plannedUnits, tunedAlpha = alpha } = looks;
  return (units) =>
    information.map((fraction) =>
      alwaysValid(fraction * units, plannedUnits ?? units, tunedAlpha).critical(alpha),
    );
}

/**
 * How a design with looks answers: with `units` in both arms at the end and a statistic whose mean there is `drift`
 * (effect over standard error). `tails` 1 counts only crossings on the side of the effect. Boundaries that do not depend
 * on the units are solved once.
 */
export function atLooks(
  looks: Looks,
  alpha: number,
  tails: 1 | 2,
): Result<(units: number, drift: number) => PowerAtLooks> {
  const { information } = looks;
  const rising = information.every((at, index) => at - (information[index - 1] ?? 0) > 1e-6 * at);
  if (information.length === 0 || !rising || Math.abs((information.at(-1) ?? 0) - 1) > 1e-9) {
    return refused('looks are rising fractions of the final units, the last one 1');
  }
  const boundaries = boundariesOf(looks, alpha);
  return computed((units, drift) => {
    let [power, stopped, spent] = [0, 0, 0];
    const byLook = crossing(boundaries(units), information, drift).map(({ upper, lower }, index) => {
      const now = tails === 2 ? upper + lower : upper;
      power += now;
      stopped += upper + lower;
      spent += (upper + lower) * (information[index] ?? 1);
      return power;
    });
    return { power, meanFraction: Math.min(1, spent + 1 - stopped), byLook };
  });
}
