import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { betaBinomial } from '../../../src/analysis/bayes/beta-binomial.ts';
import type { Count } from '../../../src/analysis/estimate/proportion.ts';
import { expectNear } from '../vectors.ts';

interface Row {
  readonly treatment: Count;
  readonly control: Count;
  readonly prior: { readonly a: number; readonly b: number };
  readonly chance: number;
  readonly lossTreatment: number;
  readonly lossControl: number;
}
const {
  betas,
  jeffreys,
}: {
  betas: readonly (Row & { readonly interval: readonly [number, number] })[];
  jeffreys: readonly Row[];
} = JSON.parse(readFileSync(new URL('../../cases/bayesian.json', import.meta.url), 'utf8'));

function found(treatment: Count, control: Count, options: Parameters<typeof betaBinomial>[2] = {}) {
  const result = betaBinomial(treatment, control, options);
  if (!result.ok) throw new Error(result.reason);
  return result.value;
}
const text = ({ successes, trials }: Count) => `${successes}/${trials}`;

describe('beta-binomial', () => {
  it.each(betas.map((row) => [text(row.treatment), text(row.control), row] as const))(
    '%s against %s: the finite sums in 60 digits',
    (_, __, { treatment, control, prior, chance, lossTreatment, lossControl, interval }) => {
      const value = found(treatment, control, { prior });
      expectNear(value.chanceToWin, chance, 1e-9);
      expectNear(value.expectedLoss.treatment, lossTreatment, 1e-9);
      expectNear(value.expectedLoss.control, lossControl, 1e-9);
      expectNear(value.interval[0], interval[0], 1e-7, 1e-3);
      expectNear(value.interval[1], interval[1], 1e-7, 1e-3);
    },
  );

  it.each(jeffreys.map((row) => [text(row.treatment), text(row.control), row] as const))(
    '%s against %s with the prior 1/2, 1/2: scipy',
    (_, __, { treatment, control, prior, chance, lossTreatment, lossControl }) => {
      const value = found(treatment, control, { prior });
      expectNear(value.chanceToWin, chance, 1e-9);
      expectNear(value.expectedLoss.treatment, lossTreatment, 1e-8);
      expectNear(value.expectedLoss.control, lossControl, 1e-8);
    },
  );

  it('swapping arms or direction swaps the answers', () => {
    const count = fc.record({ successes: fc.nat(300), trials: fc.constant(300) });
    fc.assert(
      fc.property(count, count, (a, b) => {
        const value = found(a, b);
        const swapped = found(b, a);
        const lower = found(a, b, { direction: 'lower-is-better' });
        expect(value.chanceToWin + swapped.chanceToWin).toBeCloseTo(1, 10);
        expect(value.expectedLoss.treatment).toBeCloseTo(swapped.expectedLoss.control, 12);
        expect(lower.chanceToWin).toBeCloseTo(1 - value.chanceToWin, 12);
        expect(value.interval[0]).toBeCloseTo(-swapped.interval[1], 9);
        expect(value.interval[0]).toBeLessThan(value.difference);
        expect(value.interval[1]).toBeGreaterThan(value.difference);
      }),
      { numRuns: 25 },
    );
  });

  it('shares hundreds of deviations apart keep a tiny positive loss, not 0 or NaN', () => {
    const value = found({ successes: 300_000, trials: 400_000 }, { successes: 290_000, trials: 400_000 });
    expect(value.chanceToWin).toBe(1);
    expect(value.expectedLoss.treatment).toBeGreaterThan(0);
    expect(value.expectedLoss.treatment).toBeLessThan(1e-100);
    expectNear(value.expectedLoss.control, 0.025, 1e-4);
  });

  it.each([
    [{ successes: 5, trials: 3 }, {}, /between 0 and the trials/],
    [{ successes: 1, trials: 3 }, { prior: { a: 0, b: 1 } }, /a and b from/],
  ])('refuses %o %o', (count, options, reason) => {
    const result = betaBinomial(count, { successes: 1, trials: 2 }, options);
    expect(result.ok ? '' : result.reason).toMatch(reason);
  });
});
