import { describe, expect, test } from 'vitest';
import { binomialTail } from '../../../src/analysis/numbers/distributions.ts';
import { signTestSize } from '../../../src/analysis/planning/sign-test-size.ts';

/** P(the exact two-sided sign test of `n` deciding units rejects), by going through all outcomes. */
function exactPower(n: number, preferred: number, alpha: number): number {
  let power = 0;
  let chance = (1 - preferred) ** n;
  for (let second = 0; second <= n; second++) {
    const tail = binomialTail(Math.max(second, n - second), n, 0.5);
    if (Math.min(1, 2 * tail) <= alpha) power += chance;
    chance *= ((n - second) / (second + 1)) * (preferred / (1 - preferred));
  }
  return power;
}

describe('users that the sign test needs', () => {
  // Python 3.11: z = NormalDist().inv_cdf; ceil(((z(.975)/2 + z(w)*sqrt(p*(1-p)))/(p-.5))**2/d)
  test.each([
    [0.6, 1, 0.95, 319],
    [0.6, 0.5, 0.95, 638],
    [0.4, 1, 0.95, 319],
    [0.55, 1, 0.8, 783],
  ])('preferred by %f, %f decide, power %f: %i', (preferred, decided, power, units) => {
    const found = signTestSize(preferred, decided, 0.05, power);
    expect(found.ok && found.value.units).toBe(units);
  });

  test.each([0.58, 0.6, 0.7])('the exact test has about that power (preferred by %f)', (preferred) => {
    const found = signTestSize(preferred, 1, 0.05, 0.95);
    const power = exactPower(found.ok ? found.value.units : 0, preferred, 0.05);
    expect(power).toBeGreaterThan(0.91);
    expect(power).toBeLessThan(0.97);
  });

  test.each([
    [0.5, 1, 0.05, 0.95, /preference of nothing/],
    [0.6, 0, 0.05, 0.95, /no unit prefers/],
    [1.2, 1, 0.05, 0.95, /between 0 and 1/],
    [0.6, 1, 0, 0.95, /alpha/],
    [0.6, 1, 0.05, 0.01, /power/],
  ])('refuses %f, %f, %f, %f', (preferred, decided, alpha, power, reason) => {
    expect(signTestSize(preferred, decided, alpha, power)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(reason),
    });
  });
});
