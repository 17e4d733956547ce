import { adjustments } from './plan/adjustments.js';
import { comparisons } from './plan/comparisons.js';
import { counts } from './plan/counts.js';
import { decisions } from './plan/decisions.js';
import { lookingEarly } from './plan/looking-early.js';
import { powerCurves } from './plan/power.js';
import { reading } from './plan/reading.js';

/**
 * Everything that is measured, with its sizes and what is claimed of it, to be fixed before it is run.
 *
 * Kinds of claim: `nominal`, the rate is `expected`, both ways; `at-most` and `at-least`; `above`, it is certainly above (what
 * must not be done does harm); `never`; `calibrated`, events happen as often as they were predicted to; `measured`, nothing
 * is claimed because the method is outside its conditions (few units, extreme skew) or promises no rate, and the table says
 * by how much it misses `expected`.
 */
export const plan = [
  ...comparisons,
  ...adjustments,
  ...lookingEarly,
  ...decisions,
  ...counts,
  ...reading,
  ...powerCurves,
];

export const SEED = 20_241;
/** Simulated experiments of every scenario. */
export const TESTS = 10_000;
