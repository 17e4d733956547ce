import { describe, expect, it } from 'vitest';
import { compareQuantiles, quantileFrom } from '../../../src/analysis/estimate/quantile.ts';
import { errorOf, holds, normal, uniform } from '../draws.ts';

const RUNS = 250;

describe(`quantiles over ${RUNS} seeded pairs of log-normal samples`, () => {
  it.each([
    { q: 0.5, units: 200, rows: 1 },
    { q: 0.9, units: 200, rows: 1 },
    { q: 0.95, units: 400, rows: 1 },
    { q: 0.99, units: 1500, rows: 1 },
    { q: 0.5, units: 100, rows: 8 },
    { q: 0.9, units: 100, rows: 8 },
    { q: 0.95, units: 200, rows: 8 },
    { q: 0.99, units: 300, rows: 8 },
  ])('p$q of $units units with $rows rows: 95 % intervals hold the truth', ({ q, units, rows }) => {
    const random = uniform(20_261_002);
    const sample = () => {
      const values: number[] = [];
      const clusters: number[] = [];
      for (let unit = 0; unit < units; unit++) {
        const own = Math.SQRT1_2 * normal(random);
        const size = rows === 1 ? 1 : 1 + Math.floor(-Math.log(1 - random()) * (rows - 0.5));
        for (let row = 0; row < size; row++) {
          values.push(Math.exp(rows === 1 ? normal(random) : own + Math.SQRT1_2 * normal(random)));
          clusters.push(unit);
        }
      }
      return quantileFrom(values, q, clusters);
    };
    let held = 0;
    let refusals = 0;
    for (let run = 0; run < RUNS; run++) {
      const [t, c] = [sample(), sample()];
      const effect = t.ok && c.ok ? compareQuantiles(t.value, c.value) : undefined;
      if (!effect?.ok) refusals += 1;
      else if (holds(effect.value, 0)) held += 1;
    }
    const computed = RUNS - refusals;
    expect(refusals).toBeLessThan(0.1 * RUNS);
    expect(Math.abs(held / computed - 0.95)).toBeLessThan(4 * errorOf(0.95, computed));
  });
});
