import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Adjusted, estimateArms, type MomentKind } from '../../../src/analysis/adjust/adjust.ts';
import type { Moments } from '../../../src/analysis/aggregates.ts';
import { type Centred, centre } from '../../../src/analysis/centred.ts';
import { difference, fixedHorizon, type Result } from '../../../src/analysis/estimate/effect.ts';
import { mean } from '../../../src/analysis/estimate/mean.ts';
import { proportion } from '../../../src/analysis/estimate/proportion.ts';
import { ratio } from '../../../src/analysis/estimate/ratio.ts';
import { centredOf } from '../../../src/analysis/numbers/summation.ts';
import { expectNear } from '../vectors.ts';

interface Case {
  readonly name: string;
  readonly kind: MomentKind;
  readonly strata: readonly (readonly Moments[])[];
  readonly kept: readonly number[];
  readonly theta: readonly number[];
  readonly value: readonly number[];
  readonly variance: readonly number[];
  readonly df: readonly number[];
  readonly reduction: number;
  readonly used: number;
  readonly welch?: {
    readonly estimate: number;
    readonly standardError: number;
    readonly df: number;
    readonly p: number;
  };
}

const { cases }: { readonly cases: readonly Case[] } = JSON.parse(
  readFileSync(new URL('../../cases/adjustment.json', import.meta.url), 'utf8'),
);

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.reason);
  return result.value;
}

const NAMES = ['before', 'age', 'titles', 'sessions'];

/** Units from columns y, x, z ..., all as one arm. */
const arm = (...columns: readonly (readonly number[])[]): Centred => centredOf(columns);

const ones = (n: number) => new Array<number>(n).fill(1);

/** An arm of a proportion from counts. */
const counts = (successes: number, trials: number): Centred =>
  centre({ n: trials, y: successes, yy: successes, x: trials, xx: trials, xy: successes });

describe('covariates and strata against unit rows in R', () => {
  it.each(cases)('$name', (expected) => {
    const strata = expected.strata.map((arms) => arms.map(centre));
    const { arms, adjustment } = value(estimateArms(expected.kind, strata, { covariates: NAMES }));
    for (const [a, estimate] of arms.entries()) {
      expectNear(estimate.value, expected.value[a] as number);
      expectNear(estimate.variance, expected.variance[a] as number);
      expectNear(estimate.df, expected.df[a] as number);
    }
    const given = (strata[0]?.[0]?.mean.length ?? 2) - 2;
    if (given === 0 && strata.length === 1) {
      expect(adjustment).toBeUndefined();
      return;
    }
    expect(adjustment?.covariates).toEqual(expected.kept.map((index) => NAMES[index]));
    expect(adjustment?.strata).toBe(expected.used);
    for (const [i, slope] of expected.theta.entries()) expectNear(adjustment?.theta[i] as number, slope);
    expectNear(adjustment?.reduction(1, 0) as number, expected.reduction, 1e-9, 0.01);
    if (expected.welch) {
      const [control, treatment] = arms as [Adjusted['arms'][0], Adjusted['arms'][0]];
      const effect = value(difference(treatment, control, 'CUPED'));
      expectNear(effect.estimate, expected.welch.estimate, 1e-9, expected.welch.standardError);
      expectNear(effect.standardError, expected.welch.standardError);
      expectNear(effect.df as number, expected.welch.df);
      expectNear(fixedHorizon(effect.df).p(effect.statistic as number), expected.welch.p, 1e-6);
    }
  });
});

describe('does not depend on', () => {
  const columns = (shift: number) => [
    Array.from({ length: 50 }, (_, i) => ((i * 7 + shift) % 13) + i / 10),
    Array.from({ length: 50 }, (_, i) => 1 + ((i * 11 + shift) % 5)),
    Array.from({ length: 50 }, (_, i) => ((i * 3 + shift) % 17) + i / 20),
    Array.from({ length: 50 }, (_, i) => (i * i + shift) % 19),
  ];
  const strata = (change: (columns: number[][]) => number[][]) =>
    [1, 2].map((s) => [3, 5].map((a) => arm(...change(columns(s * a)))));
  const effectOf = (kind: MomentKind, change: (columns: number[][]) => number[][]) => {
    const [c, t] = value(estimateArms(kind, strata(change))).arms as [
      Adjusted['arms'][0],
      Adjusted['arms'][0],
    ];
    return value(difference(t, c, 'adjusted'));
  };
  const at = (values: number[][], i: number) => values[i] as number[];

  it.each([
    ['the unit of a covariate', 1, (v) => [at(v, 0), at(v, 1), at(v, 2).map((z) => z * 1e6), at(v, 3)]],
    [
      'where a covariate has its zero',
      1,
      (v) => [at(v, 0), at(v, 1), at(v, 2).map((z) => z - 1e4), at(v, 3)],
    ],
    ['the order of the covariates', 1, (v) => [at(v, 0), at(v, 1), at(v, 3), at(v, 2)]],
    [
      'which combination of the covariates is given',
      1,
      (v) => [at(v, 0), at(v, 1), at(v, 2).map((z, i) => z + 2 * (at(v, 3)[i] as number)), at(v, 3)],
    ],
    ['a copy of a covariate', 1, (v) => [...v, at(v, 2)]],
    [
      'the unit of the metric, but for its size',
      1e-90,
      (v) => [at(v, 0).map((y) => y * 1e-90), ...v.slice(1)],
    ],
  ] as readonly (readonly [string, number, (values: number[][]) => number[][]])[])(
    '%s',
    (_, size, change) => {
      for (const kind of ['mean', 'ratio'] as const) {
        const plain = effectOf(kind, (same) => same);
        const changed = effectOf(kind, change);
        expectNear(changed.estimate, plain.estimate * size, 1e-9, plain.standardError * size);
        expectNear(changed.standardError, plain.standardError * size);
        expectNear(changed.df as number, plain.df as number);
      }
    },
  );
});

describe('without covariates or strata', () => {
  const first = arm([3, 1, 4, 1, 5, 9], [2, 7, 1, 8, 2, 8]);
  const second = arm([2, 6, 5, 3, 5], [3, 1, 4, 1, 5]);

  it.each([
    ['mean', mean],
    ['ratio', ratio],
  ] as const)('is exactly %s', (kind, plain) => {
    const { arms, adjustment } = value(estimateArms(kind, [[first, second]]));
    expect(arms).toEqual([first, second].map((one) => ({ ...value(plain(one)), df: one.n - 1 })));
    expect(adjustment).toBeUndefined();
  });

  it('is the proportion, with p (1 - p) / n', () => {
    const [estimate] = value(estimateArms('proportion', [[counts(12, 50)]])).arms;
    const expected = value(proportion({ successes: 12, trials: 50 }));
    expectNear(estimate?.variance as number, expected.variance, 1e-15);
    expect(estimate?.value).toBe(expected.value);
  });

  it('changes nothing when every covariate is dropped', () => {
    const z = [7, 7, 7, 7, 7, 7];
    const one = arm([3, 1, 4, 1, 5, 9], ones(6), z);
    const { arms, adjustment } = value(estimateArms('mean', [[one, one]], { covariates: ['age'] }));
    expect(arms[0]).toEqual({ ...value(mean(one)), df: 5 });
    expect(adjustment?.reduction(0, 1)).toBe(0);
    expect(adjustment?.dropped).toEqual([{ covariate: 'age', reason: 'it does not vary within any arm' }]);
  });
});

describe('covariates that cannot be used', () => {
  const n = 60;
  const index = Array.from({ length: n }, (_, i) => i);
  const y = index.map((i) => (i * 7) % 13);
  const a = index.map((i) => (i * 5) % 17);
  const b = index.map((i) => (i * 3) % 11);
  const droppedOf = (...columns: readonly (readonly number[])[]) => {
    const one = arm(y, ones(n), ...columns);
    const names = ['first', 'second', 'third'];
    return value(estimateArms('mean', [[one, one]], { covariates: names })).adjustment;
  };

  it.each([
    ['a copy', [a, a], 'second', /linear combination of first/],
    ['a sum of two', [a, b, a.map((v, i) => v + (b[i] as number))], 'third', /combination of first, second/],
    ['a constant', [a, ones(n)], 'second', /does not vary/],
    ['a shift of a copy, far from 0', [a, a.map((v) => v + 1e9)], 'second', /linear combination/],
  ])('%s is dropped with the reason', (_, columns, covariate, reason) => {
    const adjustment = droppedOf(...columns);
    expect(adjustment?.dropped).toEqual([{ covariate, reason: expect.stringMatching(reason) }]);
    expect(adjustment?.covariates).not.toContain(covariate);
  });

  it('one whose sums overflowed is dropped, the others are not', () => {
    const { mean: means, products } = arm(y, ones(n), a, b);
    const broken = (i: number, j: number, v: number) => (i === 2 || j === 2 ? Number.NaN : v);
    const one = {
      n,
      mean: means.map((v, i) => (i === 2 ? Number.POSITIVE_INFINITY : v)),
      products: products.map((row, i) => row.map((v, j) => broken(i, j, v))),
    };
    const { arms, adjustment } = value(estimateArms('mean', [[one, one]]));
    const alone = arm(y, ones(n), b);
    const expected = value(estimateArms('mean', [[alone, alone]])).arms[0];
    expect(adjustment?.dropped).toEqual([{ covariate: 'covariate 1', reason: 'its sums are not finite' }]);
    expectNear(arms[0]?.variance as number, expected?.variance as number);
    expectNear(arms[0]?.value as number, expected?.value as number);
  });

  it('what does not vary within the arms is dropped even where it differs between them', () => {
    const [t, c] = [1, 2].map((level) =>
      arm(
        y,
        ones(n),
        y.map(() => level),
      ),
    ) as [Centred, Centred];
    expect(value(estimateArms('mean', [[t, c]])).adjustment?.dropped[0]?.covariate).toBe('covariate 1');
  });

  it('asks for 20 degrees of freedom for each covariate', () => {
    const few = (columns: readonly (readonly number[])[]) => arm(...columns.map((v) => v.slice(0, 16)));
    const one = few([y, ones(n), a, b]);
    const adjustment = value(estimateArms('mean', [[one, one]])).adjustment;
    expect(adjustment?.covariates).toEqual(['covariate 1']);
    expect(adjustment?.dropped[0]?.reason).toMatch(/too few units/);
  });

  it.each([
    ['one unit', 'mean', [[arm([1], [1]), arm([1, 2], [1, 1])]], /at least 2 units/],
    ['no units', 'mean', [[{ n: 0, mean: [], products: [] }, arm([1, 2], [1, 1])]], /at least 2 units/],
    ['nothing below', 'ratio', [[arm([1, 2], [0, 0]), arm([1, 2], [1, 1])]], /denominator/],
    ['different columns', 'mean', [[arm([1, 2], [1, 1], [3, 4]), arm([1, 2], [1, 1])]], /differ in their/],
  ] as const)('refuses %s with a reason', (_, kind, strata, pattern) => {
    const result = estimateArms(kind, strata);
    expect(result.ok ? '' : result.reason).toMatch(pattern);
  });

  it('a value that the covariate explains wholly leaves no variance', () => {
    const one = arm(
      a.map((v) => 3 * v + 1),
      ones(n),
      a,
    );
    const { arms, adjustment } = value(estimateArms('mean', [[one, one]]));
    expect(arms[0]?.variance).toBe(0);
    expect(adjustment?.reduction(0, 1)).toBe(1);
  });
});
