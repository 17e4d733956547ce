import { describe, expect, it } from 'vitest';
import { generator } from '../../src/ranking/generator.ts';
import { lift, liftPrior } from '../../src/ranking/lift.ts';

describe('lift', () => {
  it.each([
    [0, 0, 10, 1],
    [20, 10, 10, 1.5],
    [0, 10, 10, 0.5],
    [1, 0.001, 10, 11 / 10.001],
    [500, 10, Number.POSITIVE_INFINITY, 1],
  ])('of %d watches where %d are expected, prior %d', (own, expected, prior, value) =>
    expect(lift(own, expected, prior)).toBeCloseTo(value, 12),
  );
});

describe('the prior of lifts', () => {
  const TITLES = 300;
  /** Watches of four groups whose rates of each title differ by lifts of this variance. */
  function groups(variance: number) {
    const random = generator(7);
    const parts = [0.5, 0.3, 0.15, 0.05].map((size) => {
      const counts = new Float64Array(TITLES);
      for (let title = 0; title < TITLES; title++) {
        const mean = (size * 40_000) / (title + 20);
        // Two points have the variance; the sum of many chances is a Poisson number closely enough.
        const rate = mean * (1 + Math.sqrt(variance) * (random() < 0.5 ? 1 : -1));
        for (let i = 0; i < 10 * rate; i++) if (random() < 0.1) counts[title]!++;
      }
      return { counts, total: counts.reduce((sum, count) => sum + count, 0) };
    });
    const counts = new Float64Array(TITLES).map((_, title) =>
      parts.reduce((sum, part) => sum + part.counts[title]!, 0),
    );
    return { all: { counts, total: counts.reduce((sum, count) => sum + count, 0) }, parts };
  }

  it.each([0.04, 0.01])('finds lifts of variance %d', (variance) => {
    const { all, parts } = groups(variance);
    expect(1 / liftPrior(all, parts)).toBeGreaterThan(variance / 2);
    expect(1 / liftPrior(all, parts)).toBeLessThan(2 * variance);
  });

  it('reads next to nothing out of noise, in any unit', () => {
    const { all, parts } = groups(0);
    expect(liftPrior(all, parts)).toBeGreaterThan(1000);
    const halves = (part: { counts: Float64Array; total: number }) => ({
      counts: part.counts.map((count) => 2 * count),
      total: 2 * part.total,
    });
    expect(liftPrior(halves(all), parts.map(halves), 0.5)).toBe(liftPrior(all, parts));
  });

  it('is never under 5, and infinite where nothing is known', () => {
    const part = (...counts: number[]) => ({
      counts: Float64Array.from(counts),
      total: counts.reduce((sum, count) => sum + count, 0),
    });
    expect(liftPrior(part(60, 60), [part(60, 0), part(0, 60)])).toBe(5);
    expect(liftPrior(part(60, 60), [part(30, 30), part(30, 30)])).toBe(Number.POSITIVE_INFINITY);
    expect(liftPrior(part(0, 0), [part(0, 0)])).toBe(Number.POSITIVE_INFINITY);
    expect(liftPrior(part(60, 60), [part(60, 60)])).toBe(Number.POSITIVE_INFINITY);
  });
});
