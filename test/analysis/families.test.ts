import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { correct } from '../../src/analysis/multiplicity.ts';
import { creditDifference, preference } from '../../src/analysis/preference.ts';
import { sampleRatio } from '../../src/analysis/sample-ratio.ts';
import { expectNear, vectors } from './vectors.ts';

const CORRECTIONS = ['none', 'bonferroni', 'holm', 'bh'] as const;

describe('correction over many comparisons', () => {
  for (const correction of CORRECTIONS) {
    it.each(vectors.adjustments)(`${correction} equals p.adjust: $p`, (expected) => {
      const { adjusted } = correct(expected.p, correction, 0.05);
      for (const [index, p] of adjusted.entries())
        expectNear(p ?? -1, expected[correction][index] ?? -1, 1e-14);
    });
  }

  it('an interval at the returned level excludes the null exactly when the adjusted p is at most alpha', () => {
    const p = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(p, { minLength: 1, maxLength: 12 }),
        fc.constantFrom(...CORRECTIONS),
        (pValues, correction) => {
          const { adjusted, levels } = correct(pValues, correction, 0.05);
          for (const [index, raw] of pValues.entries()) {
            const level = levels[index] ?? -1;
            // Ties at the boundary are equal in exact arithmetic only.
            if (Math.abs(raw - level) < 1e-15) continue;
            expect(raw <= level).toBe((adjusted[index] ?? 2) <= 0.05);
          }
        },
      ),
      { numRuns: 2000, seed: 7 },
    );
  });

  it('counts a comparison that could not be computed', () => {
    expect(correct([0.02, null, null], 'bonferroni', 0.05).adjusted).toEqual([0.06, null, null]);
    expect(correct([0.02, null], 'holm', 0.05).adjusted).toEqual([0.04, null]);
    expect(correct([], 'holm', 0.05)).toEqual({ adjusted: [], levels: [], count: 0 });
  });
});

describe('sample ratio', () => {
  const arms = (units: readonly number[], weights: readonly number[]) =>
    units.map((count, index) => ({ variant: `v${index}`, units: count, weight: weights[index] ?? 0 }));

  it.each(vectors.sampleRatios)('equals chisq.test: $units', ({ units, weights, statistic, df, p }) => {
    const result = sampleRatio(arms(units, weights));
    if (!result.ok) throw new Error(result.reason);
    expectNear(result.value.statistic, statistic, 1e-12);
    expect(result.value.df).toBe(df);
    expectNear(result.value.p, p);
  });

  it('an arm of weight 0 and no units takes no degree of freedom', () => {
    const [with0, without] = [arms([510, 490, 0], [0.5, 0.5, 0]), arms([510, 490], [0.5, 0.5])];
    expect(sampleRatio(with0)).toEqual(sampleRatio(without));
  });

  it.each([
    ['units in an arm of weight 0', arms([10, 10, 1], [0.5, 0.5, 0]), /weight 0 and yet 1/],
    ['no units', arms([0, 0], [0.5, 0.5]), /too early/],
    ['one arm', arms([10], [1]), /fewer than two arms/],
  ])('refuses %s', (_, given, pattern) => {
    const result = sampleRatio(given);
    expect(result.ok ? '' : result.reason).toMatch(pattern);
  });
});

describe('interleaving preference', () => {
  it.each(vectors.preferences)('sign test equals binom.test: $firstWins to $secondWins', (expected) => {
    const result = preference(expected.firstWins, expected.secondWins, 0.05);
    if (!result.ok) throw new Error(result.reason);
    expectNear(result.value.p, expected.p);
    expectNear(result.value.pNormal, expected.pNormal, 1e-9);
    expectNear(result.value.interval[0], expected.interval[0], 1e-9, 0.1);
    expectNear(result.value.interval[1], expected.interval[1], 1e-9, 0.1);
  });

  it('credit differences: t test equals R', () => {
    const { n, d, dd, ...expected } = vectors.credit;
    const result = creditDifference(n, d, dd, 0.05);
    if (!result.ok) throw new Error(result.reason);
    for (const key of ['estimate', 'standardError', 'statistic', 'df', 'p'] as const) {
      expectNear(result.value[key], expected[key]);
    }
    for (const end of [0, 1] as const) expectNear(result.value.interval[end], expected.interval[end]);
  });

  it.each([
    ['nobody decided', preference(0, 0, 0.05), /no unit preferred/],
    ['one unit', creditDifference(1, 1, 1, 0.05), /at least 2/],
    ['all the same', creditDifference(5, 5, 5, 0.05), /same for every unit/],
  ])('refuses when %s', (_, result, pattern) => {
    expect(result.ok ? '' : result.reason).toMatch(pattern);
  });
});
