import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sampleRatio, sequentialSampleRatio } from '../../src/analysis/sample-ratio.ts';
import { expectNear } from './vectors.ts';

type Row = readonly number[];
const cases: {
  readonly chiSquare: readonly {
    units: Row;
    weights: Row;
    statistic: number;
    df: number;
    p: number;
    logP: number;
  }[];
  readonly exact: readonly { units: Row; weights: Row; p: number }[];
  readonly sequential: readonly {
    batches: readonly Row[];
    weights: Row;
    concentration: number;
    logBayesFactor: number;
    logP: number;
    looks: Row;
  }[];
} = JSON.parse(readFileSync(new URL('../cases/sample-ratio.json', import.meta.url), 'utf8'));

const arms = (units: Row, weights: Row) =>
  units.map((count, index) => ({ variant: `v${index}`, units: count, weight: weights[index] ?? 0 }));

function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('sample ratio', () => {
  it.each(cases.chiSquare)('equals chisq.test: $units', ({ units, weights, statistic, df, p, logP }) => {
    const result = sampleRatio(arms(units, weights));
    if (!result.ok) throw new Error(result.reason);
    expectNear(result.value.statistic, statistic, 1e-12);
    expect(result.value.df).toBe(df);
    expectNear(result.value.p, p, 1e-9);
    expectNear(result.value.logP, logP, 1e-9);
    expect(result.value.method).toBe('chi-square');
  });

  it.each(cases.exact)('few expected: equals the exact test, $units at $weights', ({ units, weights, p }) => {
    const result = sampleRatio(arms(units, weights));
    if (!result.ok) throw new Error(result.reason);
    expectNear(result.value.p, p, 1e-9);
    expectNear(result.value.logP, Math.log(p), 1e-9, 1);
    expect(result.value.method).toBe('exact multinomial');
  });

  it('an exact p too small for a double still has its logarithm', () => {
    const result = sampleRatio(arms([1000, 0], [1e-3, 0.999]));
    if (!result.ok) throw new Error(result.reason);
    expect(result.value.p).toBe(0);
    expectNear(result.value.logP, 1000 * Math.log(1e-3), 1e-9);
  });

  it('an arm of weight 0 and no units takes no degree of freedom', () => {
    const [with0, without] = [arms([510, 490, 0], [0.5, 0.5, 0]), arms([510, 490], [0.5, 0.5])];
    expect(sampleRatio(with0)).toEqual(sampleRatio(without));
  });

  it('weights need not sum to 1, and an empty arm counts', () => {
    expect(sampleRatio(arms([600, 400], [3, 2]))).toEqual(sampleRatio(arms([600, 400], [0.6, 0.4])));
    const empty = sampleRatio(arms([500, 500, 0], [1, 1, 1]));
    expect(empty.ok && empty.value.df).toBe(2);
    expect(empty.ok && empty.value.p).toBeLessThan(1e-100);
  });

  it.each([
    ['units in an arm of weight 0', arms([10, 10, 1], [0.5, 0.5, 0]), /weight 0 and yet 1/],
    ['no units', arms([0, 0], [0.5, 0.5]), /too early/],
    ['one arm', arms([10], [1]), /fewer than two arms/],
    [
      'too many outcomes to go through',
      arms([400, 400, 400, 1], [0.333, 0.333, 0.333, 0.001]),
      /fewer than 5 units are expected in v3/,
    ],
  ])('refuses %s', (_, given, pattern) => {
    const result = sampleRatio(given);
    expect(result.ok ? '' : result.reason).toMatch(pattern);
  });

  it('20,000 seeded splits of 13 units, 30:70: the exact test rejects at most alpha', () => {
    const random = uniform(4);
    let alarms = 0;
    for (let test = 0; test < 20_000; test++) {
      let first = 0;
      for (let unit = 0; unit < 13; unit++) if (random() < 0.3) first++;
      const result = sampleRatio(arms([first, 13 - first], [0.3, 0.7]));
      if (result.ok && result.value.p <= 0.05) alarms++;
    }
    expect(alarms / 20_000).toBeLessThan(0.05);
    expect(alarms / 20_000).toBeGreaterThan(0.005);
  });
});

describe('sequential sample ratio', () => {
  it.each(cases.sequential)('equals 200-bit arithmetic: $batches at $weights', (row) => {
    const result = sequentialSampleRatio(row.batches, row.weights, row.concentration);
    if (!result.ok) throw new Error(result.reason);
    expectNear(result.value.logBayesFactor, row.logBayesFactor, 1e-8, 1);
    expectNear(result.value.logP, row.logP, 1e-8, 1);
    for (const [look, p] of result.value.looks.entries()) expectNear(p, row.looks[look] ?? -1, 1e-6);
    expectNear(result.value.p, row.looks.at(-1) ?? -1, 1e-6);
  });

  it('where batches are cut does not change the Bayes factor; p never rises', () => {
    const whole = sequentialSampleRatio([[520, 480]], [1, 1]);
    const parts = sequentialSampleRatio(
      [
        [260, 140],
        [260, 340],
      ],
      [1, 1],
    );
    if (!whole.ok || !parts.ok) throw new Error('refused');
    expectNear(parts.value.logBayesFactor, whole.value.logBayesFactor, 1e-9);
    expect(parts.value.p).toBeLessThan(whole.value.p);
    expect(parts.value.looks[1]).toBeLessThanOrEqual(parts.value.looks[0] ?? 0);
  });

  it('an arm of weight 0 is no arm', () => {
    const [a, b] = [
      sequentialSampleRatio([[70, 0, 30]], [1, 0, 1]),
      sequentialSampleRatio([[70, 30]], [1, 1]),
    ];
    expect(a).toEqual(b);
  });

  it.each([
    ['units in an arm of weight 0', [[5, 1]], [1, 0], /weight 0 and yet 1/],
    ['no units', [[0, 0]], [1, 1], /too early/],
    ['no batch', [], [1, 1], /too early/],
    ['one arm', [[5]], [1], /fewer than two arms/],
  ])('refuses %s', (_, batches, weights, pattern) => {
    const result = sequentialSampleRatio(batches, weights);
    expect(result.ok ? '' : result.reason).toMatch(pattern);
  });

  /** Batches of a split whose first arm has this share. */
  function batchesOf(random: () => number, share: number, count: number, size: number): number[][] {
    return Array.from({ length: count }, () => {
      let first = 0;
      for (let unit = 0; unit < size; unit++) if (random() < share) first++;
      return [first, size - first];
    });
  }

  it('looked at after each of 100 batches it alarms in at most 5 % of 2,000 right splits, chi-square in far more', () => {
    // Monte Carlo error of 5 % in 2,000: 0.5 pp; three of them are allowed.
    const limit = 0.05 + 3 * Math.sqrt((0.05 * 0.95) / 2000);
    const random = uniform(21);
    let [sequential, repeated] = [0, 0];
    for (let test = 0; test < 2000; test++) {
      const batches = batchesOf(random, 0.5, 100, 50);
      const result = sequentialSampleRatio(batches, [1, 1], 200);
      if (result.ok && result.value.p <= 0.05) sequential++;
      let [a, b, alarmed] = [0, 0, false];
      for (const [first, second] of batches) {
        [a, b] = [a + (first ?? 0), b + (second ?? 0)];
        if ((a - b) ** 2 / (a + b) > 3.8415) alarmed = true;
      }
      if (alarmed) repeated++;
    }
    expect(sequential / 2000).toBeLessThan(limit);
    expect(sequential / 2000).toBeGreaterThan(0.005);
    expect(repeated / 2000).toBeGreaterThan(0.2);
  });

  it('finds a split of 50.5 to 49.5 within 600,000 units, at p < 0.001, in all of 40 seeded streams', () => {
    const random = uniform(22);
    for (let stream = 0; stream < 40; stream++) {
      const result = sequentialSampleRatio(batchesOf(random, 0.505, 60, 10_000), [1, 1]);
      expect(result.ok && result.value.p).toBeLessThan(0.001);
    }
  });
});
