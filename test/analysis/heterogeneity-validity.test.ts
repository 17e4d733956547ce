import { describe, expect, it } from 'vitest';
import { shrink } from '../../src/analysis/heterogeneity.ts';
import { normal, uniform } from './draws.ts';

const RUNS = 2000;

describe(`shrunken segments over ${RUNS} seeded tables`, () => {
  it.each([
    { segments: 2, tau: 0.5 },
    { segments: 3, tau: 0 },
    { segments: 3, tau: 1 },
    { segments: 5, tau: 0.5 },
    { segments: 5, tau: 2 },
    { segments: 12, tau: 0 },
    { segments: 12, tau: 0.5 },
    { segments: 12, tau: 2 },
  ])(
    '$segments segments that differ by $tau: closer to the truth, and honest on average',
    ({ segments, tau }) => {
      const random = uniform(20_261_003);
      let held = 0;
      let plain = 0;
      let drawn = 0;
      for (let run = 0; run < RUNS; run++) {
        const truths = Array.from({ length: segments }, () => 1 + tau * normal(random));
        const effects = truths.map((truth, i) => {
          const standardError = 0.7 + (0.6 * i) / (segments - 1);
          return { estimate: truth + standardError * normal(random), standardError };
        });
        const found = shrink(effects);
        if (!found.ok) throw new Error(found.reason);
        for (const [i, { estimate, standardError }] of found.value.segments.entries()) {
          const truth = truths[i] as number;
          plain += ((effects[i]?.estimate as number) - truth) ** 2;
          drawn += (estimate - truth) ** 2;
          if (Math.abs(estimate - truth) <= 1.959964 * standardError) held += 1;
        }
      }
      const rate = held / RUNS / segments;
      expect(drawn / plain).toBeLessThan(1);
      // 95 % on average over the spreads; 90.7 % at the least of them, in 20,000 tables.
      expect(rate).toBeGreaterThan(0.89);
    },
  );
});
