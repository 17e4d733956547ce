import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  betaTail,
  chiSquareTail,
  fTail,
  normalTail,
  studentTail,
} from '../../../src/analysis/numbers/distributions.ts';
import {
  logBetaTail,
  logChiSquareTail,
  logFTail,
  logNormalTail,
  logStudentTail,
} from '../../../src/analysis/numbers/log-tails.ts';
import { expectNear } from '../vectors.ts';

type Tail = (at: number, first: number, second: number) => number;
const tails: Record<string, readonly [log: Tail, probability: Tail]> = {
  normal: [logNormalTail, normalTail],
  t: [logStudentTail, studentTail],
  'chi-square': [logChiSquareTail, chiSquareTail],
  F: [logFTail, fTail],
  beta: [logBetaTail, betaTail],
};

interface Case {
  readonly distribution: string;
  readonly at: number;
  readonly parameters: readonly number[];
  readonly log: number;
}
const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../cases/${name}.json`, import.meta.url), 'utf8')).tails;
const cases: readonly Case[] = read('log-tails');
const fromR: readonly (Case & { p: number })[] = read('foundations');

describe('log survival functions equal 40-digit arithmetic', () => {
  it.each(cases)('$distribution at $at, $parameters', ({ distribution, at, parameters, log }) => {
    const [logTail, tail] = tails[distribution]!;
    const [first = 0, second = 0] = parameters;
    // Measured: 1e-13 of the logarithm, 1e-12 of the probability where it is a double.
    expectNear(logTail(at, first, second), log, 1e-12);
    if (log > -690) expectNear(tail(at, first, second), Math.exp(log), 1e-11);
    else expect(tail(at, first, second)).toBeLessThan(1e-299);
  });
});

describe('survival functions and their logarithms equal those of R', () => {
  it.each(fromR)('$distribution at $at, $parameters', ({ distribution, at, parameters, p, log }) => {
    const [logTail, tail] = tails[distribution]!;
    const [first = 0, second = 0] = parameters;
    expectNear(logTail(at, first, second), log, 1e-11);
    if (p > 1e-300) expectNear(tail(at, first, second), p, 1e-10);
  });
});

describe('tails fit together', () => {
  it('a t of infinite degrees of freedom is normal, an F chi-square over its degrees of freedom', () => {
    for (const at of [-2, 0.1, 3, 50]) {
      expect(logStudentTail(at, Number.POSITIVE_INFINITY)).toBe(logNormalTail(at));
      expect(studentTail(at, Number.POSITIVE_INFINITY)).toBe(normalTail(at));
      expect(logFTail(at / 4, 4, Number.POSITIVE_INFINITY)).toBe(logChiSquareTail(at, 4));
      expect(fTail(at / 4, 4, Number.POSITIVE_INFINITY)).toBe(chiSquareTail(at, 4));
    }
  });

  it.each([
    [logNormalTail(Number.POSITIVE_INFINITY), Number.NEGATIVE_INFINITY],
    [logNormalTail(Number.NEGATIVE_INFINITY), 0],
    [logChiSquareTail(0, 3), 0],
    [logChiSquareTail(Number.POSITIVE_INFINITY, 3), Number.NEGATIVE_INFINITY],
    [logFTail(0, 3, 4), 0],
    [logBetaTail(0, 3, 4), 0],
    [logBetaTail(1, 3, 4), Number.NEGATIVE_INFINITY],
  ])('ends: %d', (actual, expected) => {
    expect(actual).toBeCloseTo(expected, 15);
  });

  it('fall as the statistic grows, whatever the parameters', () => {
    const parameter = fc.double({ min: 0.5, max: 1e6, noNaN: true });
    const at = fc.double({ min: 1e-3, max: 1e4, noNaN: true });
    const step = fc.double({ min: 1.001, max: 3, noNaN: true });
    fc.assert(
      fc.property(parameter, parameter, at, step, (a, b, x, factor) => {
        const slack = (value: number) => 1e-9 * Math.abs(value) + 1e-15;
        const pairs = [
          [logNormalTail(x), logNormalTail(x * factor)],
          [logStudentTail(x, a), logStudentTail(x * factor, a)],
          [logChiSquareTail(a * x, a), logChiSquareTail(a * x * factor, a)],
          [logFTail(x, a, b), logFTail(x * factor, a, b)],
          [logBetaTail(x / 1e4 / 3, a, b), logBetaTail((x * factor) / 1e4 / 3, a, b)],
        ] as const;
        for (const [near, far] of pairs) {
          expect(near).toBeLessThanOrEqual(0);
          expect(far).toBeLessThanOrEqual(near + slack(near));
        }
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});
