import type { Centred } from '../centred.ts';
import { centredOf, sum } from '../numbers/summation.ts';
import { formatCount, formatShare } from '../report/format.ts';
import type { Diagnostics } from '../report/report.ts';

/** Units per arm and squared skewness at which a 95 % t interval misses by at most 1 point a side (Kohavi et al. 2014). */
const UNITS_PER_SQUARED_SKEWNESS = 355;

/** Share of units at 0 from which a mean says little of the unit one meets. */
const MOSTLY_ZERO = 0.95;

/** Share of units above which a cap is no longer about outliers. */
const HEAVILY_CAPPED = 0.05;

/** Shape of the unit values of one arm, after capping but for `capped`. */
export interface Shape {
  /** Column 0: the values' mean and sum of squares. */
  readonly centred: Centred;
  /** Units at 0. */
  readonly zeros: number;
  /** sum (y - mean)^3 over the units. */
  readonly cubed: number;
  /** Units whose value was capped. */
  readonly capped: number;
}

/** Shape of raw unit values, one value a unit, all finite. */
export function shapeOf(values: ArrayLike<number>, capped = 0): Shape {
  const { n, mean, products } = centredOf([values]);
  const [centre = 0] = mean;
  const cubes = Float64Array.from(values, (value) => (value - centre) ** 3);
  let zeros = 0;
  for (let i = 0; i < n; i++) if (values[i] === 0) zeros += 1;
  const square = products[0]?.[0] ?? 0;
  return {
    centred: {
      n,
      mean: [centre, 1],
      products: [
        [square, 0],
        [0, 0],
      ],
    },
    zeros,
    cubed: sum(cubes),
    capped,
  };
}

/** Moment coefficient g1 = m3 / m2^(3/2), m_r = sum (y - mean)^r / n; null where fewer than 3 units or none varies. */
export function skewness({ centred: { n, products }, cubed }: Shape): number | null {
  const squares = products[0]?.[0] ?? 0;
  if (n < 3 || !(squares > 0)) return null;
  const g1 = (cubed / squares) * Math.sqrt(n / squares);
  return Number.isFinite(g1) ? g1 : null;
}

/**
 * Whether the normal approximation behind Welch's interval can be trusted, and what was done to the values, in words.
 *
 * `unitsNeeded` is 355 g1^2 of the most skewed arm: the units at which the interval of one mean keeps its 95 % to within
 * 1 point a side (Kohavi, Deng, Longbotham and Xu, KDD 2014, rule 7). It errs on the safe side for a difference of
 * equally large arms, where much of the skew cancels, and does not for arms of very unequal size. null: skewness unknown.
 */
export function diagnose(
  arms: readonly (Shape & { readonly arm: string })[],
  cap?: Diagnostics['cap'],
): Diagnostics {
  const warnings: string[] = [];
  const shown = arms.map((shape) => {
    const { arm, zeros, capped } = shape;
    const { n } = shape.centred;
    const share = (count: number) => (n > 0 ? count / n : 0);
    return { arm, n, zeros: share(zeros), skewness: skewness(shape), winsorised: share(capped) };
  });
  const needed = (g1: number) => Math.ceil(UNITS_PER_SQUARED_SKEWNESS * g1 * g1);
  for (const { arm, n, zeros, skewness: g1, winsorised } of shown) {
    if (g1 !== null && needed(g1) > n) {
      warnings.push(
        `arm ${arm} has ${formatCount(n)} units and skewness ${g1.toFixed(1)}: Welch's interval may miss its level; ` +
          `${formatCount(needed(g1))} units are advised`,
      );
    }
    if (n > 0 && zeros === 1) warnings.push(`arm ${arm} has only units at 0`);
    else if (zeros >= MOSTLY_ZERO) {
      warnings.push(
        `${formatShare(zeros)} of the units of arm ${arm} are at 0: the mean speaks of the few that are not; ` +
          'the share above 0 may be the better metric',
      );
    }
    if (winsorised > HEAVILY_CAPPED) {
      warnings.push(
        `${formatShare(winsorised)} of the units of arm ${arm} were cut to the cap: it hides what their upper values do`,
      );
    }
  }
  const skewed = shown.flatMap(({ skewness: g1 }) => (g1 === null ? [] : [needed(g1)]));
  return {
    arms: shown.map(({ arm, zeros, skewness: g1, winsorised }) => ({ arm, zeros, skewness: g1, winsorised })),
    ...(cap && { cap }),
    unitsNeeded: skewed.length > 0 ? Math.max(...skewed) : null,
    warnings,
  };
}
