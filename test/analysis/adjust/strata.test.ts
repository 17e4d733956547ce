import { describe, expect, it } from 'vitest';
import { type Adjusted, estimateArms } from '../../../src/analysis/adjust/adjust.ts';
import { type Centred, centre } from '../../../src/analysis/centred.ts';
import { difference, type Result } from '../../../src/analysis/estimate/effect.ts';
import { centredOf } from '../../../src/analysis/numbers/summation.ts';
import { expectNear } from '../vectors.ts';

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.reason);
  return result.value;
}

/** Units from columns y, x, z ..., all as one arm. */
const arm = (...columns: readonly (readonly number[])[]): Centred => centredOf(columns);

const ones = (n: number) => new Array<number>(n).fill(1);

/** An arm of a proportion from counts. */
const counts = (successes: number, trials: number): Centred =>
  centre({ n: trials, y: successes, yy: successes, x: trials, xx: trials, xy: successes });

describe("Simpson's paradox: the allocation changed from 1:99 to 50:50", () => {
  // Conversions of Crook, Frasca, Kohavi and Longbotham, "Seven pitfalls" (KDD 2009), table 1: better on both days.
  const friday = [counts(20_000, 990_000), counts(230, 10_000)];
  const saturday = [counts(5000, 500_000), counts(6000, 500_000)];
  const effectOf = (strata: readonly (readonly Centred[])[]) => {
    const [control, treatment] = value(estimateArms('proportion', strata)).arms as [
      Adjusted['arms'][0],
      Adjusted['arms'][0],
    ];
    return value(difference(treatment, control, 'z', 'normal'));
  };

  it('the days thrown together have the wrong sign, with certainty', () => {
    const together = [counts(25_000, 1_490_000), counts(6230, 510_000)];
    const effect = effectOf([together]);
    expectNear(effect.estimate, 6230 / 510_000 - 25_000 / 1_490_000);
    expect(effect.statistic).toBeLessThan(-20);
  });

  it('stratified by phase the sign is right', () => {
    const effect = effectOf([friday, saturday]);
    // Both days have 1,000,000 users, so each counts one half.
    expectNear(effect.estimate, (0.023 - 20_000 / 990_000 + 0.012 - 0.01) / 2);
    const variance = (p: number, n: number) => (p * (1 - p)) / (n - 1) / 4;
    const expected =
      variance(0.023, 10_000) +
      variance(20_000 / 990_000, 990_000) +
      variance(0.012, 500_000) +
      variance(0.01, 500_000);
    expectNear(effect.standardError, Math.sqrt(expected));
    expect(effect.statistic).toBeGreaterThan(3);
  });
});

describe('strata too small', () => {
  it('go into one rest stratum, and are counted', () => {
    const big = [arm([1, 2, 3, 5], ones(4)), arm([2, 2, 3, 7], ones(4))];
    const tiny = (v: number) => [arm([v, v + 1], ones(2)), arm([v], ones(1))];
    const { arms, adjustment } = value(estimateArms('mean', [big, tiny(5), tiny(9)]));
    expect(adjustment).toMatchObject({ strata: 2, merged: 2 });
    const w = 8 / 14;
    expectNear(arms[0]?.value as number, w * 2.75 + (1 - w) * 7.5);
    expectNear(arms[1]?.value as number, w * 3.5 + (1 - w) * 7);
  });

  it('one stratum is left where nothing else is possible', () => {
    const strata = [
      [arm([1, 2, 3], ones(3)), arm([2], ones(1))],
      [arm([1], ones(1)), arm([4, 6], ones(2))],
    ];
    const { arms, adjustment } = value(estimateArms('mean', strata));
    expect(adjustment).toMatchObject({ strata: 1, merged: 2 });
    expectNear(arms[1]?.value as number, 4);
  });

  it('empty strata are ignored', () => {
    const big = [arm([1, 2, 3, 5], ones(4)), arm([2, 2, 3, 7], ones(4))];
    const none = [0, 0].map(() => ({ n: 0, mean: [], products: [] }));
    expect(value(estimateArms('mean', [none, big])).adjustment).toMatchObject({ strata: 1, merged: 0 });
  });
});
