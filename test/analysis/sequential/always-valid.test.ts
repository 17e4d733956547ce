import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixedHorizon } from '../../../src/analysis/estimate/effect.ts';
import { alwaysValid, alwaysValidT } from '../../../src/analysis/sequential/always-valid.ts';
import { msprt, msprtReference } from '../../../src/analysis/sequential/msprt.ts';
import { expectNear } from '../vectors.ts';
import { sequential } from './sequential-vectors.ts';

describe('mixture t confidence sequence', () => {
  it.each(sequential.mixtureT)(
    'equals a ratio of densities in R: n $n, planned $plannedUnits, df $df, t $statistic',
    (row) => {
      const reference = alwaysValidT(row.n, row.plannedUnits, row.alpha, row.df);
      expectNear(reference.logP(row.statistic), row.logP, 1e-9);
      expectNear(reference.p(row.statistic), Math.exp(row.logP), 1e-9);
      expectNear(reference.critical(row.alpha), row.critical ?? Number.POSITIVE_INFINITY, 1e-9);
    },
  );

  it('tends to the asymptotic sequence as degrees of freedom grow', () => {
    const [t, normal] = [alwaysValidT(5000, 10_000, 0.05, 1e9), alwaysValid(5000, 10_000, 0.05)];
    expectNear(t.critical(0.05), normal.critical(0.05), 1e-7);
    expectNear(t.p(3.4), normal.p(3.4), 1e-6);
  });

  it('is wider than the asymptotic sequence, and that wider than the fixed horizon', () => {
    for (const n of [12, 50, 400, 10_000]) {
      const t = alwaysValidT(n, 500, 0.05, n - 2).critical(0.05);
      const asymptotic = alwaysValid(n, 500, 0.05).critical(0.05);
      expect(t).toBeGreaterThan(asymptotic);
      expect(asymptotic).toBeGreaterThan(fixedHorizon(null).critical(0.05));
    }
  });

  it('four units bound nothing, and no statistic is then small enough a p', () => {
    const reference = alwaysValidT(4, 1000, 0.05, 2);
    expect(reference.critical(0.05)).toBe(Number.POSITIVE_INFINITY);
    expect(reference.p(1e9)).toBeGreaterThan(0.05);
  });

  it.each([
    ['0', 0, 1],
    ['tiny', 1e-200, 1],
  ])('p of a statistic of %s is %s', (_, statistic, p) => {
    expect(alwaysValidT(100, 1000, 0.05, 98).p(statistic)).toBe(p);
    expect(alwaysValid(100, 1000, 0.05).p(statistic)).toBe(p);
  });

  it('log p goes on where p cannot', () => {
    const reference = alwaysValid(100_000, 100_000, 0.05);
    expect(reference.p(60)).toBe(0);
    expect(reference.logP(60)).toBeLessThan(-1000);
  });
});

describe('every interval that may be watched excludes the null exactly when its p is at most the level', () => {
  const positive = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  it.each([
    ['asymptotic', (n: number, planned: number) => alwaysValid(n, planned, 0.05)],
    ['t', (n: number, planned: number, df: number) => alwaysValidT(n, planned, 0.05, df)],
    ['mSPRT', (n: number, planned: number) => msprtReference(1 / Math.sqrt(n), 3 / Math.sqrt(planned))],
  ])('%s', (_, make) => {
    fc.assert(
      fc.property(
        positive(4, 1e6),
        positive(10, 1e6),
        positive(1, 1e6),
        positive(0, 30),
        positive(1e-6, 0.3),
        (n, planned, df, statistic, level) => {
          const reference = make(n, planned, df);
          const critical = reference.critical(level);
          if (Math.abs(statistic - critical) < 1e-9 * critical) return;
          expect(reference.p(statistic) <= level).toBe(statistic > critical);
        },
      ),
      { numRuns: 2000, seed: 5 },
    );
  });
});

describe('mSPRT', () => {
  it.each(sequential.ratios)('equals a ratio of normal densities in R, mixing $mixing', (row) => {
    const looks = row.n.map((n, look) => ({
      n,
      estimate: row.estimate[look] ?? 0,
      standardError: row.standardError[look] ?? 0,
    }));
    const result = msprt(looks, row.mixing);
    if (!result.ok) throw new Error(result.reason);
    for (const [look, at] of result.value.looks.entries()) {
      expectNear(at.logLikelihoodRatio, row.logLikelihoodRatio[look] ?? 0, 1e-9);
      expectNear(at.p, row.p[look] ?? 0, 1e-9);
    }
    expect(result.value.p).toBe(result.value.looks.at(-1)?.p);
  });

  it('is the asymptotic sequence with the mixing put on the scale of effects', () => {
    // k = n rho^2 = (tau / se)^2 when se = sigma / sqrt(n) and tau = sigma rho.
    const [n, planned, alpha] = [800, 5000, 0.05];
    const budget = -2 * Math.log(alpha);
    const rho = Math.sqrt((budget + Math.log(budget + 1)) / planned);
    const [a, b] = [alwaysValid(n, planned, alpha), msprtReference(2 / Math.sqrt(n), 2 * rho)];
    expectNear(a.critical(0.01), b.critical(0.01), 1e-12);
    expectNear(a.p(3.3), b.p(3.3), 1e-12);
  });

  it('p never rises', () => {
    const result = msprt(
      [4, 1, 3, 0.1, 5].map((z, look) => ({ n: 100 * (look + 1), estimate: z, standardError: 1 })),
      1,
    );
    if (!result.ok) throw new Error(result.reason);
    const p = result.value.looks.map((look) => look.p);
    expect(p).toEqual([...p].sort((a, b) => b - a));
  });

  it.each([
    ['no look', msprt([], 1), /no look/],
    ['no mixing', msprt([{ n: 10, estimate: 1, standardError: 1 }], 0), /mixing/],
    ['no error', msprt([{ n: 10, estimate: 1, standardError: 0 }], 1), /no standard error/],
    [
      'fewer units than before',
      msprt(
        [20, 10].map((n) => ({ n, estimate: 1, standardError: 1 })),
        1,
      ),
      /consumed once/,
    ],
  ])('refuses %s', (_, result, pattern) => {
    expect(result.ok ? '' : result.reason).toMatch(pattern);
  });
});
