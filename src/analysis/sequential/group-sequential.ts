import type { Spending } from '../../declarations.ts';
import type { Reference } from '../estimate/effect.ts';
import { normalQuantile, normalTail, studentQuantile, studentTail } from '../numbers/distributions.ts';
import { advance, densityAt, START, tailAbove, type Walk } from './crossing.ts';
import { levelSpending, spent } from './spending.ts';

export interface GroupSequentialDesign {
  /**
   * Information at each look so far, positive and never falling: fractions of the planned end, or units consumed by
   * then. Only the ratios matter, for the correlation of the looks.
   */
  readonly information: readonly number[];
  /**
   * Share of the plan that is over at each look, in (0, 1], never falling; 1 at the last. Fixed before the data, it says how
   * much error may be spent by then; absent: `information`, read as fractions (Lan and DeMets 1989: two time scales).
   */
  readonly elapsed?: readonly number[];
  /** Two-sided. */
  readonly alpha: number;
  readonly spending: Spending;
}

/** One entry a look. */
export interface GroupSequentialBoundaries {
  /** |Z| at which the look rejects; Infinity where it has no error to spend. */
  readonly boundaries: readonly number[];
  /** Two-sided nominal levels of the boundaries, P(|Z| >= boundary). */
  readonly levels: readonly number[];
  /** Type I error spent up to and including the look. */
  readonly spent: readonly number[];
}

/** Boundary at which the walk's next look is reached, on either side together, with probability `error`. */
function boundaryFor(walk: Walk, information: number, error: number): number {
  if (!(error > 1e-300)) return Number.POSITIVE_INFINITY;
  if (walk.information === 0) return normalQuantile(error / 2);
  const root = Math.sqrt(information);
  let low = 0;
  let high = normalQuantile(error / 2);
  let z = high;
  for (let step = 0; step < 100; step++) {
    const tail = 2 * tailAbove(walk, information, z * root);
    if (tail > error) low = z;
    else high = z;
    const density = 2 * root * densityAt(walk, information, z * root);
    const newton = z + (Math.log(tail / error) * tail) / density;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    // Newton's next error is of the order of this step's square.
    if (Math.abs(next - z) <= 1e-7 * Math.max(1, z)) return next;
    z = next;
  }
  return z;
}

/** Standard deviations beyond which a walk watched at level alpha is of no account. */
const reachOf = (alpha: number) => 12 + normalQuantile(Math.min(0.5, alpha / 2));

/** The walk as the look at index `look` finds it, with the boundaries and the error spent before it. */
function arrive(design: GroupSequentialDesign, look: number) {
  const { information, alpha, spending, elapsed = information } = design;
  const boundaries: number[] = [];
  const cumulative: number[] = [];
  let walk = START;
  for (let k = 0; k < look; k++) {
    const now = information[k] ?? 0;
    const until = spent(spending, alpha, elapsed[k] ?? 0);
    const boundary = boundaryFor(walk, now, until - (cumulative[k - 1] ?? 0));
    boundaries.push(boundary);
    cumulative.push(until);
    const next = information[k + 1];
    if (next !== undefined) walk = advance(walk, now, boundary, next, 0, reachOf(alpha));
  }
  return { walk, boundaries, spent: cumulative };
}

/** Under this the differences between looks have no digits left. */
const LEAST_INFORMATION = 1e-280;

/** Looks closer to one another than this share of their information count as so far apart. */
const LEAST_STEP = 1e-4;

/** The design with its information a little apart where two looks saw (almost) the same units. */
function prepared(design: GroupSequentialDesign): GroupSequentialDesign & { elapsed: readonly number[] } {
  const { information, elapsed = information } = design;
  if (elapsed.length !== information.length) throw new RangeError('one elapsed share for each look');
  const apart: number[] = [];
  for (const [look, now] of information.entries()) {
    const before = information[look - 1] ?? 0;
    if (!(now >= LEAST_INFORMATION && now >= before && (elapsed[look] ?? 0) >= (elapsed[look - 1] ?? 0))) {
      throw new RangeError(`information has to be positive and not to fall: ${information.join(', ')}`);
    }
    apart.push(Math.max(now, (apart[look - 1] ?? 0) * (1 + LEAST_STEP)));
  }
  return { ...design, information: apart, elapsed };
}

/**
 * Two-sided symmetric boundaries by Lan-DeMets error spending, for looks at any times: at each look the probability of
 * crossing now for the first time, were there no effect, is the error that may be spent since the look before. Pocock's
 * shape spends evenly; O'Brien and Fleming's keeps almost all of it for the end. Boundaries of the looks so far do not
 * depend on later ones. Equal to adaptive quadrature within 1e-9, and to rpact within its own precision, 1e-6.
 */
export function groupSequential(design: GroupSequentialDesign): GroupSequentialBoundaries {
  const { boundaries, spent: cumulative } = arrive(prepared(design), design.information.length);
  return { boundaries, levels: boundaries.map((z) => 2 * normalTail(z)), spent: cumulative };
}

/** Where a function that falls from positive to negative on [low, high] is 0: secant steps kept inside the bracket. */
function fallingRoot(f: (x: number) => number, low: number, high: number, start: number): number {
  let [a, b] = [low, high];
  let [x, before] = [start, Number.NaN];
  let [value, valueBefore] = [f(start), Number.NaN];
  for (let step = 0; step < 100 && value !== 0; step++) {
    if (value > 0) a = x;
    else b = x;
    const slope = Number.isNaN(before) ? -1 : (value - valueBefore) / (x - before);
    const secant = x - value / slope;
    const next = secant > a && secant < b ? secant : (a + b) / 2;
    if (Math.abs(next - x) <= 1e-9 * Math.max(1, Math.abs(x))) return next;
    [before, valueBefore, x] = [x, value, next];
    value = f(next);
  }
  return x;
}

/**
 * Repeated confidence intervals of a group-sequential design (Jennison and Turnbull 1989, "Interim analyses: the
 * repeated confidence interval approach"): at look `look` (1 is the first) the interval is estimate -+ boundary x
 * standard error, right at all looks at once whatever was done about earlier ones. The p-value is the repeated one, the
 * smallest alpha at which this look would have crossed its boundary, so it is at most alpha exactly when the interval
 * excludes the null. Beyond 1e-300 it is given as 1e-300.
 *
 * `critical(level)` is the boundary of the same design at another level. With `df` a t statistic is compared by way of
 * its own tail probability, the significance-level approach to t tests (Jennison and Turnbull 2000); null: a normal one. Wants units consumed once,
 * so that increments are independent.
 */
export function groupSequentialReference(
  design: GroupSequentialDesign,
  look: number,
  df: number | null = null,
): Reference {
  if (!(Number.isInteger(look) && look >= 1 && look <= design.information.length)) {
    throw new RangeError(`no look ${look} of ${design.information.length}`);
  }
  const fixed = prepared(design);
  const { information, elapsed, spending } = fixed;
  const now = information[look - 1] ?? 1;
  const at = (alpha: number) => arrive({ ...fixed, alpha }, look - 1);
  /** Log of what crossing here at |z| would cost less log of what may be spent, at this alpha. */
  const excess = (z: number, alpha: number) => {
    const before = at(alpha);
    const tail = 2 * tailAbove(before.walk, now, z * Math.sqrt(now));
    const budget = spent(spending, alpha, elapsed[look - 1] ?? 1) - (before.spent[look - 2] ?? 0);
    return Math.log(Math.max(tail, Number.MIN_VALUE)) - Math.log(Math.max(budget, Number.MIN_VALUE));
  };
  const logP = (statistic: number) => {
    const size = Math.abs(statistic);
    const z = df === null ? size : normalQuantile(Math.max(studentTail(size, df), Number.MIN_VALUE));
    // No repeated p is smaller than that of a single look.
    const single = Math.max(2 * normalTail(z), 1e-300);
    if (excess(z, 1) >= 0) return 0;
    const start = Math.log(levelSpending(spending, single, elapsed[look - 1] ?? 1));
    return fallingRoot((logAlpha) => excess(z, Math.exp(logAlpha)), Math.log(single), 0, start);
  };
  return {
    name: 'group-sequential',
    critical: (level) => {
      const before = at(level);
      const budget = spent(spending, level, elapsed[look - 1] ?? 1) - (before.spent[look - 2] ?? 0);
      const z = boundaryFor(before.walk, now, budget);
      return df === null || z === Number.POSITIVE_INFINITY ? z : studentQuantile(normalTail(z), df);
    },
    p: (statistic) => Math.exp(logP(statistic)),
    logP,
  };
}
