import { describe, expect, it } from 'vitest';
import { creditDifference, preference } from '../../../src/analysis/interleaving/preference.ts';
import { expectNear, vectors } from '../vectors.ts';

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
