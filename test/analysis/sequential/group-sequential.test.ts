import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalQuantile, normalTail, studentTail } from '../../../src/analysis/numbers/distributions.ts';
import { classicalBoundaries } from '../../../src/analysis/sequential/classical-boundaries.ts';
import { crossing } from '../../../src/analysis/sequential/crossing.ts';
import {
  groupSequential,
  groupSequentialReference,
} from '../../../src/analysis/sequential/group-sequential.ts';
import { levelSpending, spent } from '../../../src/analysis/sequential/spending.ts';
import { expectNear } from '../vectors.ts';
import { sequential } from './sequential-vectors.ts';

/** What rpact's own boundaries are good for; far out it solves for the error with an absolute tolerance. */
const RPACT = 1e-6;
const RPACT_FAR = 1e-4;
/** rpact knows no boundary beyond this and calls it infinite. */
const RPACT_LARGEST = 8;

describe('crossing', () => {
  it.each(sequential.crossings)(
    'equals nested quadrature: $boundaries at $information, drift $drift',
    (row) => {
      for (const [look, crossed] of crossing(row.boundaries, row.information, row.drift).entries()) {
        expectNear(crossed.upper, row.upper[look] ?? -1, 1e-9);
        expectNear(crossed.lower, row.lower[look] ?? -1, 1e-9);
      }
    },
  );

  it.each(sequential.powers)('power of the $shape design at $information for $power equals rpact', (row) => {
    const { boundaries } = groupSequential({
      information: row.information,
      alpha: 0.05,
      spending: row.shape,
    });
    let power = 0;
    for (const [look, { upper, lower }] of crossing(boundaries, row.information, row.drift).entries()) {
      power += upper + lower;
      expectNear(power, row.cumulative[look] ?? -1, RPACT);
    }
    expectNear(power, row.power, RPACT);
  });

  it('one look is a z test, and looks that cannot stop change nothing', () => {
    const [only] = crossing([1.96], [1], 2.5);
    expectNear(only?.upper ?? 0, normalTail(1.96 - 2.5), 1e-14);
    expectNear(only?.lower ?? 0, normalTail(1.96 + 2.5), 1e-14);
    const never = Number.POSITIVE_INFINITY;
    const last = crossing([never, never, 1.96], [0.2, 0.5, 1], 2.5).at(-1);
    expectNear(last?.upper ?? 0, normalTail(1.96 - 2.5), 1e-12);
    expectNear(last?.lower ?? 0, normalTail(1.96 + 2.5), 1e-9);
  });

  it('twenty looks at 1.96 reject in 24.8 % of trials without an effect (Armitage, McPherson and Rowe 1969)', () => {
    const looks = Array.from({ length: 20 }, (_, k) => (k + 1) / 20);
    const crossed = crossing(
      looks.map(() => 1.96),
      looks,
      0,
    );
    expect(crossed.reduce((sum, { upper, lower }) => sum + upper + lower, 0)).toBeCloseTo(0.248, 3);
  });

  it('a look that adds next to nothing does not upset the next', () => {
    const close = crossing([2.5, 2.5, 2], [0.5, 0.50001, 1], 1);
    const apart = crossing([2.5, 2], [0.5, 1], 1);
    expect((close[1]?.upper ?? 1) < 1e-3).toBe(true);
    expect(Math.abs((close[2]?.upper ?? 0) + (close[1]?.upper ?? 0) - (apart[1]?.upper ?? 1))).toBeLessThan(
      1e-3,
    );
  });

  it.each([
    ['falling', [0.5, 0.4]],
    ['equal', [0.5, 0.5]],
    ['no', [0, 1]],
  ])('%s information is an error', (_, information) => {
    expect(() => crossing([2, 2], information, 0)).toThrow(RangeError);
  });
});

describe('classical boundaries', () => {
  it.each(sequential.classical)('$shape, $looks looks, alpha $alpha equal rpact', (row) => {
    for (const [look, boundary] of classicalBoundaries(row.shape, row.looks, row.alpha).entries()) {
      expectNear(boundary, row.boundaries[look] ?? -1, RPACT);
    }
  });

  it.each([
    ['pocock', [2.178, 2.289, 2.361, 2.413, 2.453, 2.485, 2.512, 2.535, 2.555]],
    ['obrien-fleming', [1.977, 2.004, 2.024, 2.04, 2.053, 2.063, 2.072, 2.08, 2.087]],
  ] as const)(
    '%s constants of Jennison and Turnbull 2000, tables 2.1 and 2.3, alpha 0.05, 2 to 10 looks',
    (shape, constants) => {
      for (const [index, constant] of constants.entries()) {
        const boundary = classicalBoundaries(shape, index + 2, 0.05).at(-1) ?? 0;
        expect(Math.abs(boundary - constant)).toBeLessThan(0.00051);
      }
    },
  );

  it('one look is a z test', () => {
    expect(classicalBoundaries('pocock', 1, 0.05)).toEqual([normalQuantile(0.025)]);
  });
});

describe('error spending', () => {
  it.each(sequential.spending)('$shape at $information, alpha $alpha equals rpact', (row) => {
    const design = { information: row.information, alpha: row.alpha, spending: row.shape };
    const { boundaries, spent: cumulative, levels } = groupSequential(design);
    for (const [look, boundary] of boundaries.entries()) {
      const expected = row.boundaries[look] ?? null;
      if (expected === null) expect(boundary).toBeGreaterThan(RPACT_LARGEST);
      else expectNear(boundary, expected, expected > 3.5 ? RPACT_FAR : RPACT);
      expectNear(cumulative[look] ?? -1, row.spent[look] ?? -1, 1e-5, 1e-4);
      expectNear(levels[look] ?? -1, 2 * normalTail(boundary), 1e-14);
    }
  });

  it.each(sequential.seconds)(
    '$shape at $information, alpha $alpha: second boundary equals quadrature',
    (row) => {
      const design = { information: row.information, alpha: row.alpha, spending: row.shape };
      expectNear(groupSequential(design).boundaries[1] ?? -1, row.boundary, 1e-9);
    },
  );

  it('spends exactly alpha: crossing at no drift gives it back', () => {
    for (const spending of ['pocock', 'obrien-fleming'] as const) {
      const information = [0.03, 0.21, 0.22, 0.6, 0.97, 1];
      const { boundaries } = groupSequential({ information, alpha: 0.05, spending });
      const crossed = crossing(boundaries, information, 0);
      expectNear(
        crossed.reduce((sum, { upper, lower }) => sum + upper + lower, 0),
        0.05,
        1e-10,
      );
    }
  });

  it('boundaries so far do not depend on later looks, and only ratios of the information matter', () => {
    const elapsed = [0.25, 0.5, 1];
    const full = groupSequential({
      information: [1200, 2500, 4100],
      elapsed,
      alpha: 0.05,
      spending: 'pocock',
    });
    const early = groupSequential({
      information: [12, 25],
      elapsed: elapsed.slice(0, 2),
      alpha: 0.05,
      spending: 'pocock',
    });
    for (const [look, boundary] of early.boundaries.entries()) {
      expectNear(boundary, full.boundaries[look] ?? -1, 1e-10);
    }
    expect(full.spent.at(-1)).toBe(0.05);
  });

  it.each(['pocock', 'obrien-fleming'] as const)('%s: levelSpending inverts spent', (spending) => {
    for (const alpha of [1e-6, 0.01, 0.05, 0.4]) {
      for (const fraction of [0.1, 0.5, 0.99, 1]) {
        expectNear(levelSpending(spending, spent(spending, alpha, fraction), fraction), alpha, 1e-9);
      }
    }
    expect(spent(spending, 0.05, 0)).toBe(0);
    expect(spent(spending, 0.05, 1.2)).toBe(0.05);
  });

  it('a look too early to spend anything has no boundary', () => {
    const design = { information: [0.001, 1], alpha: 0.05, spending: 'obrien-fleming' } as const;
    const { boundaries } = groupSequential(design);
    expect(boundaries[0]).toBe(Number.POSITIVE_INFINITY);
    expectNear(boundaries[1] ?? 0, normalQuantile(0.025), 1e-10);
  });
});

describe('repeated confidence intervals', () => {
  it.each(sequential.repeated)('$shape at look $look of $information, z $z: p equals rpact', (row) => {
    const design = { information: row.information, alpha: 0.05, spending: row.shape };
    expectNear(groupSequentialReference(design, row.look).p(row.z), row.p, 1e-6);
  });

  it('the interval excludes the null exactly when p is at most the level, whatever the level and the design', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.02, max: 1, noNaN: true }), { minLength: 1, maxLength: 4 }),
        fc.constantFrom('pocock' as const, 'obrien-fleming' as const),
        fc.double({ min: 0.2, max: 6, noNaN: true }),
        fc.constantFrom(0.001, 0.0125, 0.05, 0.2),
        fc.option(fc.double({ min: 4, max: 300, noNaN: true })),
        (steps, spending, statistic, level, df) => {
          let sum = 0;
          const information = steps.map((step) => {
            sum += step;
            return sum;
          });
          const elapsed = information.map((now) => now / sum);
          const reference = groupSequentialReference(
            { information, elapsed, alpha: 0.05, spending },
            steps.length,
            df,
          );
          const critical = reference.critical(level);
          if (Math.abs(statistic - critical) < 1e-6) return;
          expect(reference.p(statistic) <= level).toBe(statistic > critical);
          expect(reference.p(-statistic)).toBe(reference.p(statistic));
        },
      ),
      { numRuns: 150, seed: 3 },
    );
  });

  it('critical(alpha) is the boundary of the design, the first look is one spent alone, p falls with the statistic', () => {
    const design = { information: [0.25, 0.5, 0.75, 1], alpha: 0.05, spending: 'pocock' } as const;
    const { boundaries } = groupSequential(design);
    for (const [index, boundary] of boundaries.entries()) {
      const reference = groupSequentialReference(design, index + 1);
      expectNear(reference.critical(0.05), boundary, 1e-12);
      expectNear(reference.p(boundary), 0.05, 1e-8);
      const p = [0, 0.4, 1, 2, 4, 8, 16, 30].map((z) => reference.p(z));
      expect(p).toEqual([...p].sort((a, b) => b - a));
      expect(p[0]).toBe(1);
      expect(p.at(-1)).toBeGreaterThan(0);
    }
  });

  it('a t statistic is read by its own tail', () => {
    const design = { information: [0.5, 1], alpha: 0.05, spending: 'pocock' } as const;
    const [z, t] = [groupSequentialReference(design, 2), groupSequentialReference(design, 2, 12)];
    expectNear(2 * studentTail(t.critical(0.05), 12), 2 * normalTail(z.critical(0.05)), 1e-10);
    expect(t.p(2.3)).toBeGreaterThan(z.p(2.3));
  });

  it('a look without a new unit is judged as a little later, and the error it may spend is still spent', () => {
    const elapsed = [0.5, 0.75, 1];
    const at = (information: readonly number[]) =>
      groupSequential({ information, elapsed, alpha: 0.05, spending: 'pocock' }).boundaries;
    const [same, apart] = [at([1000, 1000, 2000]), at([1000, 1001, 2000])];
    for (const [look, boundary] of same.entries()) expectNear(boundary, apart[look] ?? -1, 0.01);
    expect(() => at([1000, 999, 2000])).toThrow(RangeError);
  });

  it.each([null, 3, 40, 1e6])('the largest statistics still have a p: df %s', (df) => {
    const design = { information: [0.5, 1], alpha: 0.05, spending: 'obrien-fleming' } as const;
    for (const look of [1, 2]) {
      for (const statistic of [35, 1e3, 1e6]) {
        const p = groupSequentialReference(design, look, df).p(statistic);
        expect(p > 0 && p < 0.02).toBe(true);
      }
    }
  });

  it('there is no look 0, nor one past the last', () => {
    const design = { information: [0.5, 1], alpha: 0.05, spending: 'pocock' } as const;
    for (const look of [0, 3, 1.5]) expect(() => groupSequentialReference(design, look)).toThrow(RangeError);
  });
});
