import { describe, expect, it } from 'vitest';
import type { Moments } from '../../../src/analysis/aggregates.ts';
import { centre } from '../../../src/analysis/centred.ts';
import { coverage } from '../../../src/analysis/estimate/coverage.ts';
import {
  difference,
  type Effect,
  fixedHorizon,
  type Result,
  residualSquares,
} from '../../../src/analysis/estimate/effect.ts';
import { compareMeans, mean } from '../../../src/analysis/estimate/mean.ts';
import { compareProportions, newcombe, wilson } from '../../../src/analysis/estimate/proportion.ts';
import { compareQuantiles, quantile } from '../../../src/analysis/estimate/quantile.ts';
import { compareRatios, ratio } from '../../../src/analysis/estimate/ratio.ts';
import { alwaysValid } from '../../../src/analysis/sequential/always-valid.ts';
import { expectNear, vectors } from '../vectors.ts';

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.reason);
  return result.value;
}

function reason(result: Result<unknown>): string {
  if (result.ok) throw new Error('computed, but should have been refused');
  return result.reason;
}

const of = (...values: readonly number[]): Moments => ({
  n: values.length,
  y: values.reduce((a, b) => a + b, 0),
  yy: values.reduce((a, b) => a + b * b, 0),
  x: values.length,
  xx: values.length,
  xy: values.reduce((a, b) => a + b, 0),
});

interface Expected {
  estimate: number;
  standardError: number;
  df?: number;
  statistic: number;
  p: number;
  interval: readonly [number, number];
}

function expectEffect(effect: Effect, expected: Expected): void {
  const reference = fixedHorizon(effect.df);
  const [low, high] = effect.bounds(reference.critical(0.05));
  expectNear(effect.estimate, expected.estimate, 1e-9, expected.standardError);
  expectNear(effect.standardError, expected.standardError);
  if (expected.df !== undefined) expectNear(effect.df ?? Number.NaN, expected.df);
  expectNear(effect.statistic ?? Number.NaN, expected.statistic, 1e-9, 1);
  expectNear(reference.p(effect.statistic ?? Number.NaN), expected.p, 1e-8);
  expectNear(low, expected.interval[0], 1e-9, expected.standardError);
  expectNear(high, expected.interval[1], 1e-9, expected.standardError);
}

describe('means: Welch from moments equals R t.test on the units', () => {
  it.each(vectors.means)('$name', (expected) => {
    expectEffect(value(compareMeans(centre(expected.treatment), centre(expected.control))), expected);
  });

  it.each([
    ['one unit', of(3), of(1, 2), /at least 2 units/],
    ['no units', of(), of(1, 2), /at least 2 units/],
    ['both constant', of(3, 3, 3), of(2, 2), /neither arm varies/],
    [
      'constant and not exact in binary',
      of(0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1),
      of(0.3, 0.3, 0.3),
      /neither arm varies/,
    ],
  ])('refuses %s with a reason', (_, treatment, control, pattern) => {
    expect(reason(compareMeans(centre(treatment), centre(control)))).toMatch(pattern);
  });

  it.each([1e-150, 1e-60, 1e60, 1e150])('does not depend on the unit: times %d', (unit) => {
    const [t, c] = [
      { value: 3 * unit, variance: 2 * unit ** 2, n: 20 },
      { value: 2 * unit, variance: unit ** 2, n: 9 },
    ];
    const effect = value(difference(t, c, 'm'));
    expectNear(effect.df ?? Number.NaN, 9 / (4 / 19 + 1 / 8), 1e-12);
    expectNear(effect.statistic ?? Number.NaN, 1 / Math.sqrt(3), 1e-12);
  });

  it('takes a difference within rounding for no variation, never for a negative variance', () => {
    expect(residualSquares(1e18, 1e18 + 128)).toBe(0);
    expect(residualSquares(1e18, 1e18 - 128)).toBe(0);
    expect(residualSquares(10, 4)).toBe(6);
    expect(value(mean(centre({ ...of(1, 1), yy: 2 - 1e-16 }))).variance).toBe(0);
  });
});

describe('ratios: delta method equals Welch on linearised residuals in R', () => {
  it.each(vectors.ratios)('$name', (expected) => {
    expectEffect(value(compareRatios(centre(expected.treatment), centre(expected.control))), expected);
  });

  it('with the denominator 1 it is the mean', () => {
    const y = centre(of(2, 3, 9, 1));
    expectNear(value(ratio(y)).variance, value(mean(y)).variance, 1e-12);
  });

  it('refuses an empty denominator', () => {
    expect(reason(ratio(centre({ n: 5, y: 0, yy: 0, x: 0, xx: 0, xy: 0 })))).toMatch(/denominator/);
  });
});

describe('proportions', () => {
  it.each(vectors.proportions)('unpooled z: $treatment against $control', (expected) => {
    expectEffect(value(compareProportions(expected.treatment, expected.control)), expected);
  });

  it.each(vectors.scores)(
    'Wilson interval of $successes in $trials equals prop.test',
    ({ interval, ...count }) => {
      const [low, high] = wilson(count, fixedHorizon(null).critical(0.05));
      expectNear(low, interval[0], 1e-9, 1e-3);
      expectNear(high, interval[1]);
    },
  );

  it('Newcombe (1998), table II, method 10: 56/70 against 48/80 is 0.0524 to 0.3339', () => {
    const [low, high] = newcombe(
      { successes: 56, trials: 70 },
      { successes: 48, trials: 80 },
      1.959963984540054,
    );
    expect(low).toBeCloseTo(0.0524, 4);
    expect(high).toBeCloseTo(0.3339, 4);
  });

  it('Newcombe (1998), table II, method 10: 0/20 against 0/10 is -0.2775 to 0.1611', () => {
    const [low, high] = newcombe(
      { successes: 0, trials: 20 },
      { successes: 0, trials: 10 },
      1.959963984540054,
    );
    expect(low).toBeCloseTo(-0.2775, 4);
    expect(high).toBeCloseTo(0.1611, 4);
  });

  it('few successes: the score p-value and interval agree at any level', () => {
    const effect = value(compareProportions({ successes: 9, trials: 500 }, { successes: 1, trials: 480 }));
    expect(effect.method).toMatch(/Newcombe/);
    const reference = fixedHorizon(effect.df);
    const p = reference.p(effect.statistic ?? Number.NaN);
    expect(effect.bounds(reference.critical(p * 1.001))[0]).toBeGreaterThan(0);
    expect(effect.bounds(reference.critical(p * 0.999))[0]).toBeLessThan(0);
  });

  it('nothing seen in either arm: bounded on both sides, and no statistic', () => {
    const effect = value(compareProportions({ successes: 0, trials: 900 }, { successes: 0, trials: 1000 }));
    const [low, high] = effect.bounds(1.96);
    expect([low < 0, high > 0, effect.statistic]).toEqual([true, true, null]);
  });
});

describe('quantiles', () => {
  const arm = { variant: 'a', ...vectors.clustered };

  it('clustered variance equals the linearisation in R', () => {
    expectNear(Math.sqrt(value(quantile(arm)).variance), vectors.clustered.standardError);
  });

  it('needs a density', () => {
    expect(reason(compareQuantiles(arm, { ...arm, density: 0 }))).toMatch(/density/);
  });
});

describe('coverage', () => {
  const arms = [{ variant: 'a', titles: 120, resamples: [100, 110, 90] }];
  const sums = { metric: 'c', unitsPerArm: 50, catalogueSize: 200, arms };

  it('takes its variance from the resamples', () => {
    expect(value(coverage(sums, 'a'))).toEqual({ value: 0.6, variance: 100 / 200 ** 2, n: 50 });
  });

  it.each([
    ['an absent arm', sums, 'b', /fewer than 2 units/],
    ['one resample', { ...sums, arms: [{ variant: 'a', titles: 1, resamples: [1] }] }, 'a', /resamples/],
    ['an empty catalogue', { ...sums, catalogueSize: 0 }, 'a', /catalogue is empty/],
  ])('refuses %s', (_, aggregates, variant, pattern) => {
    expect(reason(coverage(aggregates, variant))).toMatch(pattern);
  });
});

describe('always-valid intervals', () => {
  it.each(vectors.sequences)('boundary and p of statistic $statistic at $n units', (expected) => {
    const { n, plannedUnits, alpha, statistic, critical, p } = expected;
    const reference = alwaysValid(n, plannedUnits, alpha);
    expectNear(reference.critical(alpha), critical, 1e-12);
    expectNear(reference.p(statistic), p, 1e-9);
  });

  it('is tightest, relative to its root-n rate, about the planned number of units', () => {
    const width = (n: number) => alwaysValid(n, 5000, 0.05).critical(0.05);
    expect(width(5000)).toBeLessThan(width(500));
    expect(width(5000)).toBeLessThan(width(50_000));
  });
});

describe('fixed-horizon reference', () => {
  it.each([null, 7.5, 1998])('df %s: one- and two-sided p and its logarithm fit together', (df) => {
    const reference = fixedHorizon(df);
    for (const statistic of [-3, 0, 0.4, 2, 6]) {
      const two = reference.p(statistic);
      const up = reference.pOneSided?.(statistic) ?? Number.NaN;
      const down = reference.pOneSided?.(-statistic) ?? Number.NaN;
      expectNear(2 * Math.min(up, down), two, 1e-12);
      expectNear(up + down, 1, 1e-12);
      expectNear(Math.exp(reference.logP?.(statistic) ?? Number.NaN), two, 1e-12);
      expectNear(Math.abs(statistic), reference.critical(two), 1e-9, 1e-6);
    }
  });

  it('has a logarithm where p itself is 0', () => {
    expect(fixedHorizon(null).p(1000)).toBe(0);
    // R: (log(2) + pnorm(-1000, log.p = TRUE)) / log(10)
    expectNear((fixedHorizon(null).logP?.(1000) ?? Number.NaN) / Math.LN10, -217150.3390119987);
  });
});
