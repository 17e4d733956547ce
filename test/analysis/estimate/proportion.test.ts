import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fixedHorizon, type Result } from '../../../src/analysis/estimate/effect.ts';
import {
  type Count,
  compareByScore,
  compareProportions,
  newcombe,
  pooledProportions,
  proportion,
  relativeNewcombe,
  wilson,
} from '../../../src/analysis/estimate/proportion.ts';
import { relativeEffect } from '../../../src/analysis/estimate/relative.ts';
import { normalQuantile } from '../../../src/analysis/numbers/distributions.ts';
import { expectNear } from '../vectors.ts';

type Interval = readonly [number, number];
interface Pair {
  readonly treatment: Count;
  readonly control: Count;
}
const cases: {
  readonly pooled: readonly (Pair & {
    estimate: number;
    statistic: number;
    logP: number;
    interval: Interval;
  })[];
  readonly scores: readonly (Count & { level: number; interval: Interval })[];
  readonly newcombes: readonly (Pair & { level: number; interval: Interval; relative: Interval })[];
} = JSON.parse(readFileSync(new URL('../../cases/foundations.json', import.meta.url), 'utf8'));

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.reason);
  return result.value;
}

function expectInterval(actual: Interval, expected: Interval, floor: number): void {
  expectNear(actual[0], expected[0], 1e-9, floor);
  expectNear(actual[1], expected[1], 1e-9, floor);
}

const critical = (level: number) => normalQuantile((1 - level) / 2);

describe('pooled z: prop.test without correction', () => {
  it.each(cases.pooled)('$treatment against $control', ({ treatment, control, ...expected }) => {
    const effect = value(pooledProportions(treatment, control));
    const reference = fixedHorizon(effect.df);
    expectNear(effect.estimate, expected.estimate, 1e-12);
    expectNear(effect.statistic ?? Number.NaN, expected.statistic);
    expectNear(reference.logP?.(effect.statistic ?? Number.NaN) ?? Number.NaN, expected.logP);
    if (expected.logP > -690)
      expectNear(reference.p(effect.statistic ?? Number.NaN), Math.exp(expected.logP), 1e-6);
    expectInterval(effect.bounds(reference.critical(0.05)), expected.interval, 1e-3);
    expect(effect.method).toMatch(/test pooled, interval unpooled/);
  });

  it('is refused where every unit is alike', () => {
    const all = pooledProportions({ successes: 20, trials: 20 }, { successes: 30, trials: 30 });
    expect(all).toEqual({ ok: false, reason: expect.stringMatching(/neither arm varies/) });
    const few = pooledProportions({ successes: 1, trials: 1 }, { successes: 3, trials: 30 });
    expect(few).toEqual({ ok: false, reason: expect.stringMatching(/at least 2 units/) });
  });
});

describe('score intervals', () => {
  it.each(cases.scores)('Wilson at $level: $successes of $trials', ({ level, interval, ...count }) => {
    expectInterval(wilson(count, critical(level)), interval, 1e-3);
  });

  it.each(cases.newcombes)('Newcombe at $level: $treatment against $control', (expected) => {
    const { treatment, control, level, interval } = expected;
    const z = critical(level);
    expectInterval(newcombe(treatment, control, z), interval, 1e-3);
    expectInterval(relativeNewcombe(treatment, control, z), expected.relative, 1e-3);
  });

  it.each(cases.newcombes)(
    'absolute and relative at $level exclude 0 together: $treatment against $control',
    (pair) => {
      const { treatment, control } = pair;
      const absolute = compareByScore(treatment, control);
      const effect = value(
        relativeEffect('fieller', value(proportion(treatment)), value(proportion(control)), absolute),
      );
      expect(effect.statistic).toBe(absolute.statistic);
      for (let z = 0; z < 12; z += 0.037) {
        const [low, high] = effect.bounds(z);
        const [from, to] = absolute.bounds(z);
        expect(low <= effect.estimate + 1e-12 && effect.estimate <= high + 1e-12).toBe(true);
        // Where an end touches 0 the two forms may round apart.
        if (Math.min(Math.abs(from), Math.abs(to)) > 1e-12) {
          expect([low > 0, high < 0]).toEqual([from > 0, to < 0]);
        }
      }
    },
  );

  it('take over where an arm has fewer than 10 successes or failures', () => {
    const plenty = { successes: 10, trials: 20 };
    const method = (count: Count) => value(compareProportions(count, plenty)).method;
    expect(method({ successes: 9, trials: 500 })).toMatch(/Newcombe/);
    expect(method({ successes: 491, trials: 500 })).toMatch(/Newcombe/);
    expect(method({ successes: 10, trials: 500 })).toMatch(/unpooled/);
  });
});

/** Binomial probabilities of 0 .. n successes. */
function binomial(n: number, p: number): number[] {
  const probabilities = [(1 - p) ** n];
  for (let k = 1; k <= n; k++)
    probabilities.push((((probabilities[k - 1] ?? 0) * (n - k + 1)) / k) * (p / (1 - p)));
  return probabilities;
}

describe('exact coverage of the 95 % score intervals, summed over all outcomes', () => {
  it.each([
    { n: 200, t: 0.02, m: 200, c: 0.02 },
    { n: 200, t: 0.03, m: 150, c: 0.015 },
    { n: 30, t: 0.9, m: 40, c: 0.8 },
    { n: 50, t: 0.1, m: 50, c: 0.2 },
    { n: 500, t: 0.008, m: 400, c: 0.004 },
  ])('$t of $n against $c of $m', ({ n, t, m, c }) => {
    const z = critical(0.95);
    const [first, second] = [binomial(n, t), binomial(m, c)];
    const covered = { absolute: 0, relative: 0, all: 0 };
    first.forEach((p, successes) => {
      second.forEach((q, others) => {
        // Without a success in the control there is no relative effect; both are counted over the same outcomes.
        if (p * q < 1e-12 || others === 0) return;
        const treatment = { successes, trials: n };
        const control = { successes: others, trials: m };
        const [low, high] = newcombe(treatment, control, z);
        const [from, to] = relativeNewcombe(treatment, control, z);
        covered.all += p * q;
        if (low <= t - c && t - c <= high) covered.absolute += p * q;
        if (from <= t / c - 1 && t / c - 1 <= to) covered.relative += p * q;
      });
    });
    expect(covered.absolute / covered.all).toBeGreaterThan(0.95);
    expect(covered.relative / covered.all).toBeGreaterThan(0.95);
  });
});
