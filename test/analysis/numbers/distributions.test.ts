import { describe, expect, it } from 'vitest';
import {
  betaQuantile,
  binomialTail,
  chiSquareQuantile,
  chiSquareTail,
  logBeta,
  logGamma,
  normalQuantile,
  normalTail,
  studentQuantile,
  studentTail,
} from '../../../src/analysis/numbers/distributions.ts';
import { logChiSquareTail, logNormalTail, logStudentTail } from '../../../src/analysis/numbers/log-tails.ts';
import { expectNear, vectors } from '../vectors.ts';

const tail = (distribution: string, at: number, df: number): number =>
  distribution === 'normal'
    ? normalTail(at)
    : distribution === 't'
      ? studentTail(at, df)
      : chiSquareTail(at, df);

const quantile = (distribution: string, p: number, df: number): number =>
  distribution === 'normal'
    ? normalQuantile(p)
    : distribution === 't'
      ? studentQuantile(p, df)
      : chiSquareQuantile(p, df);

describe('survival functions agree with R to 1e-9 relative, far tails included', () => {
  it.each(vectors.tails)('$distribution tail at $at, df $df', ({ distribution, at, df, p }) => {
    expectNear(tail(distribution, at, df), p);
  });
});

describe('quantiles agree with R to 1e-9 relative', () => {
  it.each(vectors.quantiles)('$distribution quantile at $p, df $df', ({ distribution, at, df, p }) => {
    expectNear(quantile(distribution, p, df), at);
  });
});

describe('quantiles invert the log tails, from 1e-300 to one half', () => {
  it.each([1e-300, 1e-150, 1e-40, 1e-12, 1e-4, 0.05, 0.3, 0.499999])('p = %d', (p) => {
    expectNear(logNormalTail(normalQuantile(p)), Math.log(p), 1e-11);
    for (const df of [3, 7.7, 60, 1e4, 1e8, 1e12]) {
      expectNear(logStudentTail(studentQuantile(p, df), df), Math.log(p), 1e-11);
    }
    for (const df of [1, 2, 13.5, 300, 1e5]) {
      expectNear(logChiSquareTail(chiSquareQuantile(p, df), df), Math.log(p), 1e-11);
    }
  });
});

describe('gamma and beta', () => {
  it.each([
    [0.5, Math.log(Math.sqrt(Math.PI))],
    [1, 0],
    [2, 0],
    [5, Math.log(24)],
    [21, Math.log(2432902008176640000)],
  ])('log gamma(%d)', (x, expected) => {
    expect(logGamma(x)).toBeCloseTo(expected, 13);
  });

  it('log beta keeps its digits beside a large argument', () => {
    // R: sprintf("%.17g", lbeta(400000.5, 0.5))
    expectNear(logBeta(400000.5, 0.5), -5.8772452826203594, 1e-13);
  });

  it('binomial tail: 60 or more heads of 100', () => {
    // R: pbinom(59, 100, 0.5, lower.tail = FALSE)
    expectNear(binomialTail(60, 100, 0.5), 0.028443966820490434);
  });

  it('beta quantile inverts the probability', () => {
    // R: qbeta(0.025, 3, 8)
    expectNear(betaQuantile(0.025, 3, 8), 0.066739511177734467);
  });
});
