import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COVERAGE, correct } from '../../src/analysis/multiplicity.ts';
import type { Correction } from '../../src/declarations.ts';
import { expectNear } from './vectors.ts';

const CORRECTIONS = ['none', 'bonferroni', 'holm', 'hochberg', 'bh', 'by'] as const;

const { adjustments } = JSON.parse(
  readFileSync(new URL('../cases/multiplicity.json', import.meta.url), 'utf8'),
) as { adjustments: readonly Record<'p' | Correction, readonly number[]>[] };

describe.each(CORRECTIONS)('%s', (correction) => {
  it.each(adjustments)('equals p.adjust: $p', (expected) => {
    const { adjusted } = correct(expected.p, correction, 0.05);
    for (const [index, p] of adjusted.entries())
      expectNear(p ?? -1, expected[correction][index] ?? -1, 1e-13);
  });

  it('a p is at most its level exactly when the adjusted p is at most alpha', () => {
    const p = fc.oneof(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 0.05, noNaN: true }),
      fc.constantFrom(0, 0.001, 0.01, 0.02, 1),
      fc.constant(null),
    );
    fc.assert(
      fc.property(
        fc.array(p, { minLength: 1, maxLength: 12 }),
        fc.constantFrom(0.01, 0.05, 0.1),
        (pValues, alpha) => {
          const { adjusted, levels, count } = correct(pValues, correction, alpha);
          expect(count).toBe(pValues.length);
          for (const [index, raw] of pValues.entries()) {
            const level = levels[index] ?? -1;
            expect(level > 0 && level <= alpha).toBe(true);
            if (raw === null) {
              expect(adjusted[index]).toBe(null);
              continue;
            }
            expect((adjusted[index] ?? -1) >= raw).toBe(true);
            // Ties at the boundary are equal in exact arithmetic only.
            if (Math.abs(raw - level) < 1e-15) continue;
            expect(raw <= level).toBe((adjusted[index] ?? 2) <= alpha);
          }
        },
      ),
      { numRuns: 2000, seed: 7 },
    );
  });

  it('one without a p counts as if its p were 1', () => {
    for (const family of [[0.01, null, 0.03, null], [0.04, null], [null]]) {
      const { adjusted, levels } = correct(family, correction, 0.05);
      const whole = correct(
        family.map((p) => p ?? 1),
        correction,
        0.05,
      );
      for (const [index, p] of family.entries()) {
        if (p !== null) expect(adjusted[index]).toBe(whole.adjusted[index]);
        if (p !== null) expect(levels[index]).toBe(whole.levels[index]);
      }
    }
  });

  it('an empty family is no family', () => {
    expect(correct([], correction, 0.05)).toEqual({ adjusted: [], levels: [], count: 0 });
  });

  it('names what its intervals cover', () => {
    expect(['marginal', 'simultaneous', 'step-wise', 'false-coverage']).toContain(COVERAGE[correction]);
  });
});

describe('the worked example of Benjamini and Hochberg 1995: fifteen p-values at 0.05', () => {
  const family = adjustments.find(({ p }) => p.length === 15 && p.includes(0.324))?.p ?? [];
  it.each([
    ['bonferroni', 3],
    ['hochberg', 3],
    ['bh', 4],
  ] as const)('%s rejects %i', (correction, rejections) => {
    const { adjusted } = correct(family, correction, 0.05);
    expect(adjusted.filter((p) => p !== null && p <= 0.05)).toHaveLength(rejections);
  });
});

it('each correction rejects what a stricter one rejects', () => {
  const stricter = [
    ['bonferroni', 'holm'],
    ['holm', 'hochberg'],
    ['hochberg', 'bh'],
    ['by', 'bh'],
    ['bh', 'none'],
  ] as const;
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 0.2, noNaN: true }), { minLength: 1, maxLength: 10 }),
      (p) => {
        for (const [strict, lax] of stricter) {
          const [a, b] = [correct(p, strict, 0.05), correct(p, lax, 0.05)];
          for (const [index, value] of a.adjusted.entries()) {
            expect((value ?? 0) >= (b.adjusted[index] ?? 1) - 1e-15).toBe(true);
          }
        }
      },
    ),
    { numRuns: 500, seed: 2 },
  );
});

describe('error rates, 4,000 seeded families of 8 independent tests of which 5 have no effect', () => {
  const FAMILIES = 4000;
  /** 99.9 % of the simulations of a rate of 5 % end below this: 5 % + 1.1 pp. */
  const LIMIT = 0.05 + 3.1 * Math.sqrt((0.05 * 0.95) / FAMILIES);

  function uniform(seed: number): () => number {
    let state = seed;
    return () => {
      state = (state + 0x6d2b79f5) | 0;
      let word = Math.imul(state ^ (state >>> 15), state | 1);
      word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
      return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
    };
  }

  it.each([
    ['bonferroni', 'family-wise'],
    ['holm', 'family-wise'],
    ['hochberg', 'family-wise'],
    ['bh', 'false discovery'],
    ['by', 'false discovery'],
  ] as const)('%s keeps the %s rate', (correction, rate) => {
    const random = uniform(9);
    let errors = 0;
    for (let family = 0; family < FAMILIES; family++) {
      const p = Array.from({ length: 8 }, (_, test) => (test < 5 ? random() : random() ** 6));
      const rejected = correct(p, correction, 0.05).adjusted.map((value) => value !== null && value <= 0.05);
      const wrong = rejected.slice(0, 5).filter(Boolean).length;
      const all = rejected.filter(Boolean).length;
      errors += rate === 'family-wise' ? Math.min(1, wrong) : all === 0 ? 0 : wrong / all;
    }
    expect(errors / FAMILIES).toBeLessThan(LIMIT);
    expect(errors / FAMILIES).toBeGreaterThan(0.002);
  });
});
