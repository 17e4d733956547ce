import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalPosterior, posteriorOf } from '../../../src/analysis/bayes/bayesian.ts';
import { normalTail } from '../../../src/analysis/numbers/distributions.ts';
import { expectNear } from '../vectors.ts';

const {
  normals,
}: {
  normals: readonly Readonly<
    Record<
      'mean' | 'sd' | 'estimate' | 'se' | 'posteriorMean' | 'posteriorSd' | 'positive' | 'gain' | 'loss',
      number
    >
  >[];
} = JSON.parse(readFileSync(new URL('../../cases/bayesian.json', import.meta.url), 'utf8'));

const flat = { scale: 'absolute', mean: 0, standardDeviation: Number.POSITIVE_INFINITY } as const;

function known<T extends { readonly ok: boolean }>(result: T): Extract<T, { ok: true }> {
  if (!result.ok) throw new Error(JSON.stringify(result));
  return result as Extract<T, { ok: true }>;
}

describe('normal posterior, against quadrature', () => {
  it.each(normals)('prior N($mean, $sd^2), estimate $estimate -+ $se', (row) => {
    const { value } = known(
      normalPosterior({ mean: row.mean, standardDeviation: row.sd }, row.estimate, row.se),
    );
    expectNear(value.mean, row.posteriorMean, 1e-12, 1e-3);
    expectNear(value.standardDeviation, row.posteriorSd, 1e-12);
    expectNear(value.chancePositive, row.positive, 1e-10);
    expectNear(value.expectedGain, row.gain, 1e-10);
    expectNear(value.expectedLoss, row.loss, 1e-10);
    expectNear(value.interval[1] - value.mean, 1.959963984540054 * row.posteriorSd, 1e-10);
  });

  it('a flat prior: the estimate itself, and a chance to win of 1 - the one-sided p', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e3, max: 1e3, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        (estimate, standardError) => {
          const up = known(posteriorOf(flat, estimate, standardError, 'higher-is-better'));
          const down = known(posteriorOf(flat, estimate, standardError, 'lower-is-better'));
          expect(up.mean).toBe(estimate);
          expect(up.standardDeviation).toBe(standardError);
          expect(up.chanceToWin).toBe(normalTail(-estimate / standardError));
          expect(up.chanceToWin + down.chanceToWin).toBeCloseTo(1, 12);
          // The choice that is better on average loses less, by the mean.
          const { treatment, control } = up.expectedLoss;
          expect(Math.abs(control - treatment - up.mean)).toBeLessThan(1e-9 * (1 + Math.abs(up.mean)));
          expect(down.expectedLoss).toEqual({ treatment: control, control: treatment });
        },
      ),
    );
  });

  it('lies between the prior and the estimate and is narrower than both', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1, max: 1, noNaN: true }),
        fc.double({ min: 1e-3, max: 10, noNaN: true }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        fc.double({ min: 1e-3, max: 10, noNaN: true }),
        (mean, standardDeviation, estimate, standardError) => {
          const { value } = known(normalPosterior({ mean, standardDeviation }, estimate, standardError));
          expect(value.mean).toBeGreaterThanOrEqual(Math.min(mean, estimate) - 1e-12);
          expect(value.mean).toBeLessThanOrEqual(Math.max(mean, estimate) + 1e-12);
          expect(value.standardDeviation).toBeLessThanOrEqual(Math.min(standardDeviation, standardError));
        },
      ),
    );
  });

  it('says its prior', () => {
    const prior = { scale: 'relative', mean: 0, standardDeviation: 0.02 } as const;
    const found = known(posteriorOf(prior, 0.01, 0.01, 'higher-is-better'));
    expect(found.prior).toBe('normal, mean 0.0 %, standard deviation 2.0 %, on the relative effect');
  });

  it('refuses what has no uncertainty', () => {
    expect(posteriorOf(flat, 1, 0, 'higher-is-better')).toMatchObject({ ok: false });
    expect(posteriorOf(flat, Number.NaN, 1, 'higher-is-better')).toMatchObject({ ok: false });
    expect(normalPosterior({ mean: 0, standardDeviation: 0 }, 1, 1)).toMatchObject({ ok: false });
  });
});
