import { expect, it } from 'vitest';
import type { Moments } from '../../src/analysis/aggregates.ts';
import { balanceCard } from '../../src/guardrails/balance-card.ts';
import { meanMoments, sumsOf } from '../support/evidence.ts';
import { richStudy } from '../support/rich-study.ts';

/** Units with two covariates of the given means and standard deviations 2 and 10. */
function withCovariates(before: number, age: number): Moments {
  const [a, b] = [meanMoments(1000, before, 2), meanMoments(1000, age, 10)];
  return {
    ...meanMoments(1000, 8, 6),
    z: {
      z: [a.y, b.y],
      zz: [
        [a.yy, 1000 * before * age],
        [1000 * before * age, b.yy],
      ],
      zy: [8 * a.y, 8 * b.y],
      zx: [a.y, b.y],
    },
  };
}

const cardOf = (before: number) =>
  balanceCard(richStudy(), [
    {
      ...sumsOf('m0', { control: withCovariates(5, 40), treatment: withCovariates(before, 40.2) }),
      covariates: ['before', 'age'],
    },
    {
      ...sumsOf('m1', { control: withCovariates(5, 40), treatment: withCovariates(9, 90) }),
      covariates: ['age'],
    },
  ]);

// R: p.adjust(2 * pt(-abs(d / sqrt(2 * sd^2 / 1000)), 1998), 'holm') for d = c(before - 5, 0.2), sd = c(2, 10)
it.each([
  [5, 'pass', 'p = 1.000'],
  [5.3, 'warn', 'p = 0.002'],
  [5.42, 'fail', 'p < 0.001'],
] as const)('%d against 5 before exposure: %s', (before, status, value) => {
  expect(cardOf(before)).toMatchObject({ key: 'balance', status, value });
});

it('names what differs, each covariate once', () => {
  expect(cardOf(5.42)?.detail).toBe('Different before exposure: before in treatment (p <0.001).');
  expect(cardOf(5)?.detail).toMatch(/^2 covariates/);
});

it('is absent without covariates, and unknown without units', () => {
  expect(balanceCard(richStudy(), [sumsOf('m0', {})])).toBeUndefined();
  expect(balanceCard(richStudy(), [{ ...sumsOf('m0', {}), covariates: ['before'] }])?.status).toBe('unknown');
});
