import type { Centred } from './centred.ts';
import { computed, type Effect, type Result, residualSquares } from './estimate/effect.ts';
import { compareMeans } from './estimate/mean.ts';

/** The per-unit difference y - x as a column of its own. */
function change({ n, mean, products }: Centred): Centred {
  const [[yy = 0, xy = 0] = [], [, xx = 0] = []] = products;
  const [y = Number.NaN, x = Number.NaN] = mean;
  return {
    n,
    mean: [y - x, 1],
    products: [
      [residualSquares(yy + xx, 2 * xy), 0],
      [0, 0],
    ],
  };
}

/**
 * Does the effect fade or grow: Welch's t test on each unit's change, y (a later period) minus x (an earlier one), in the
 * metric's unit. The estimate is the effect on y minus the effect on x; a negative one on a metric that improved is a
 * novelty effect that wears off, a positive one means that users had to learn. Every unit should have both periods
 * whole, counted from its own first exposure, and stay in the sample whether or not it came back.
 */
export function noveltyChange(treatment: Centred, control: Centred): Result<Effect> {
  const effect = compareMeans(change(treatment), change(control));
  return effect.ok ? computed({ ...effect.value, method: "Welch t on each unit's change" }) : effect;
}
