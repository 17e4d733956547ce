import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  computed,
  type Effect,
  fixedHorizon,
  refused,
  symmetricEffect,
} from '../../src/analysis/estimate/effect.ts';
import { type Estimated, interaction, omnibus, shrink } from '../../src/analysis/heterogeneity.ts';
import { expectNear } from './vectors.ts';

interface Pooled {
  readonly name: string;
  readonly estimates: readonly number[];
  readonly standardErrors: readonly number[];
  readonly statistic: number;
  readonly df: number;
  readonly p: number;
  readonly spread: number;
  readonly common: number;
  readonly shrunken: readonly number[];
  readonly shrunkenErrors: readonly number[];
  readonly shrinkage: readonly number[];
}

interface Interaction {
  readonly segment: Pick<Effect, 'estimate' | 'standardError' | 'df' | 'n'>;
  readonly rest: Pick<Effect, 'estimate' | 'standardError' | 'df' | 'n'>;
  readonly estimate: number;
  readonly standardError: number;
  readonly df: number;
  readonly p: number;
}

const vectors: { readonly pooled: readonly Pooled[]; readonly interactions: readonly Interaction[] } =
  JSON.parse(readFileSync(new URL('../cases/heterogeneity.json', import.meta.url), 'utf8'));

const effectsOf = ({ estimates, standardErrors }: Pooled): readonly Estimated[] =>
  estimates.map((estimate, i) => ({ estimate, standardError: standardErrors[i] as number }));

const effectOf = (parts: Pick<Effect, 'estimate' | 'standardError' | 'df' | 'n'>) =>
  computed(symmetricEffect({ ...parts, method: 'm' }));

describe("Cochran's Q and shrinkage against metafor", () => {
  it.each(vectors.pooled)('$name', (expected) => {
    const effects = effectsOf(expected);
    const whole = omnibus(effects);
    const drawn = shrink(effects);
    if (!whole.ok || !drawn.ok) throw new Error('refused');
    expectNear(whole.value.statistic, expected.statistic);
    expect(whole.value.df).toBe(expected.df);
    expectNear(whole.value.p, expected.p, 1e-8);
    const scale = Math.max(...expected.standardErrors);
    expectNear(drawn.value.spread, expected.spread, 1e-9, scale ** 2);
    expectNear(drawn.value.common, expected.common, 1e-9, scale);
    for (const [i, segment] of drawn.value.segments.entries()) {
      expectNear(segment.estimate, expected.shrunken[i] as number, 1e-9, scale);
      expectNear(segment.standardError, expected.shrunkenErrors[i] as number);
      expectNear(segment.shrinkage, expected.shrinkage[i] as number);
    }
  });

  it('draws wholly to the common mean where the scatter is no larger than noise', () => {
    const found = shrink([
      { estimate: 1, standardError: 2 },
      { estimate: 2, standardError: 2 },
      { estimate: 3, standardError: 2 },
    ]);
    expect(found.ok && found.value.spread).toBe(0);
    expect(found.ok && found.value.segments.map(({ estimate }) => estimate)).toEqual([2, 2, 2]);
  });

  it.each([
    ['one segment', [{ estimate: 1, standardError: 1 }], /at least 2 segments, has 1/],
    ['none', [], /at least 2 segments, has 0/],
    [
      'no standard error',
      [
        { estimate: 1, standardError: 0 },
        { estimate: 1, standardError: 1 },
      ],
      /standard error/,
    ],
    [
      'no number',
      [
        { estimate: Number.NaN, standardError: 1 },
        { estimate: 1, standardError: 1 },
      ],
      /standard error/,
    ],
  ])('refuses %s with a reason', (_, effects, pattern) => {
    for (const result of [omnibus(effects), shrink(effects)]) {
      expect(result.ok ? '' : result.reason).toMatch(pattern);
    }
  });
});

describe('interaction: segment minus rest', () => {
  it.each(vectors.interactions)('equals the contrast of four groups in R: $estimate', (expected) => {
    const found = interaction(effectOf(expected.segment), effectOf(expected.rest));
    if (!found.ok) throw new Error(found.reason);
    const { estimate, standardError, df, statistic, n } = found.value;
    expectNear(estimate, expected.estimate, 1e-9, expected.standardError);
    expectNear(standardError, expected.standardError);
    expectNear(df as number, expected.df);
    expectNear(fixedHorizon(df).p(statistic as number), expected.p, 1e-6);
    expect(n).toBe(expected.segment.n + expected.rest.n);
  });

  it('is normal where both effects are', () => {
    const parts = { estimate: 1, standardError: 3, df: null, n: 9 };
    const found = interaction(effectOf(parts), effectOf({ ...parts, standardError: 4 }));
    expect(found.ok && [found.value.df, found.value.standardError]).toEqual([null, 5]);
  });

  it('keeps the reason of the side that could not be computed', () => {
    const good = effectOf({ estimate: 1, standardError: 3, df: 8, n: 9 });
    expect(interaction(refused('why'), good)).toEqual(refused('why'));
    expect(interaction(good, refused('why'))).toEqual(refused('outside the segment: why'));
  });
});
