import Type, { type Static } from 'typebox';
import type { Centred } from '../analysis/centred.ts';
import { centre } from '../analysis/centred.ts';
import { computed, type Result, refused } from '../analysis/estimate/effect.ts';
import { centredOf } from '../analysis/numbers/summation.ts';

export const closed = { additionalProperties: false } as const;

export const values = Type.Array(Type.Number(), { maxItems: 1_000_000 });
/** A count. Above 2^53 - 1 whole numbers are no longer told apart. */
export const whole = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
export const alpha = Type.Optional(
  Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1, description: 'Two-sided level. Default 0.05.' }),
);
export const share = Type.Number({ minimum: 0, maximum: 1 });
export const degrees = Type.Optional(
  Type.Number({ minimum: 1, description: 'Degrees of freedom; left out: the normal.' }),
);
export const positive = Type.Number({ exclusiveMinimum: 0 });
export const direction = Type.Optional(
  Type.Enum(['higher-is-better', 'lower-is-better'], { description: 'Default higher-is-better.' }),
);
export const LEVEL = 0.05;

/** One arm of a mean. */
export const sample = Type.Union(
  [
    Type.Object({ n: whole, mean: Type.Number(), variance: Type.Number({ minimum: 0 }) }, closed),
    Type.Object({ n: whole, sum: Type.Number(), sumOfSquares: Type.Number({ minimum: 0 }) }, closed),
    Type.Object({ values }, closed),
  ],
  { description: '{n, mean, variance} (divided by n - 1), {n, sum, sumOfSquares}, or {values: [...]}' },
);
export type Sample = Static<typeof sample>;

/** One arm of a ratio: sums over units, or the units themselves. */
export const pairs = Type.Union(
  [
    Type.Object(
      {
        n: whole,
        numerator: Type.Number(),
        denominator: Type.Number(),
        numeratorSquares: Type.Number(),
        denominatorSquares: Type.Number(),
        products: Type.Number(),
      },
      closed,
    ),
    Type.Object({ numerators: values, denominators: values }, closed),
  ],
  {
    description:
      '{n, numerator, denominator, numeratorSquares, denominatorSquares, products} (sums over units), or {numerators, denominators} (lists)',
  },
);
export type Pairs = Static<typeof pairs>;

export const count = Type.Object({ successes: whole, trials: whole }, closed);

export function countMistake(...arms: readonly Static<typeof count>[]): string | undefined {
  const off = arms.find(({ successes, trials }) => successes > trials);
  return off && `has ${off.successes} successes in ${off.trials} trials`;
}

/** Moments of one arm, with a column of ones. */
export function toCentred(arm: Sample): Centred {
  if ('values' in arm) return centredOf([arm.values, arm.values.map(() => 1)]);
  if ('sum' in arm) {
    const { n, sum: y, sumOfSquares: yy } = arm;
    return centre({ n, y, yy, x: n, xx: n, xy: y });
  }
  const squares = arm.variance * Math.max(0, arm.n - 1);
  return {
    n: arm.n,
    mean: [arm.mean, 1],
    products: [
      [squares, 0],
      [0, 0],
    ],
  };
}

export function toPairs(arm: Pairs): Result<Centred> {
  if (!('numerators' in arm)) {
    const {
      n,
      numerator: y,
      denominator: x,
      numeratorSquares: yy,
      denominatorSquares: xx,
      products: xy,
    } = arm;
    return computed(centre({ n, y, yy, x, xx, xy }));
  }
  const { numerators, denominators } = arm;
  if (numerators.length !== denominators.length) {
    return refused(`has ${numerators.length} numerators and ${denominators.length} denominators`);
  }
  return computed(centredOf([numerators, denominators]));
}
