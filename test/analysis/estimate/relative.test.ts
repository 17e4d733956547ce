import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ArmEstimate,
  difference,
  type Effect,
  type Result,
} from '../../../src/analysis/estimate/effect.ts';
import { relativeEffect } from '../../../src/analysis/estimate/relative.ts';
import type { RelativeMethod } from '../../../src/analysis/study/study.ts';
import { expectNear, vectors } from '../vectors.ts';

const cases: readonly {
  readonly treatment: ArmEstimate;
  readonly control: ArmEstimate;
  readonly multiplier: number;
  readonly estimate: number;
  readonly standardError: number;
  readonly shape: 'between' | 'outside' | 'everything';
  readonly roots: readonly number[];
  readonly log: readonly number[];
  readonly apart: number;
}[] = JSON.parse(readFileSync(new URL('../../cases/foundations.json', import.meta.url), 'utf8')).relatives;

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.reason);
  return result.value;
}

const relative = (method: RelativeMethod, treatment: ArmEstimate, control: ArmEstimate): Result<Effect> =>
  relativeEffect(method, treatment, control, value(difference(treatment, control, 'm')));

const within = (arm: ArmEstimate) => Math.abs(arm.value) < 3 * Math.sqrt(arm.variance);

describe('relative effects equal R', () => {
  it.each(cases)('Fieller at $multiplier: $treatment.value against $control.value', (expected) => {
    const { treatment, control, multiplier, shape, roots } = expected;
    const effect = value(relative('fieller', treatment, control));
    const bounds = effect.bounds(multiplier);
    const note = effect.note?.(multiplier);
    expectNear(effect.estimate, expected.estimate, 1e-12);
    if (shape === 'between') {
      bounds.forEach((bound, side) => {
        expectNear(bound, roots[side] ?? Number.NaN, 1e-9, 1e-3);
      });
      expect(note).toBeUndefined();
      expect(bounds[0] > 0 || bounds[1] < 0).toBe(expected.apart === 1);
      return;
    }
    expect(bounds).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
    if (shape === 'everything') {
      expect(note).toMatch(/so nothing bounds the relative change/);
    } else {
      const [low = 0, high = 0] = roots;
      const [word, bound] = effect.estimate >= high ? ['at least', high] : ['at most', low];
      const said = /is (at least|at most) ([-+][\d.,]+) %/.exec(note ?? '');
      expect(said?.[1]).toBe(word);
      expect(Math.abs(Number(said?.[2]?.replaceAll(',', '')) - 100 * bound)).toBeLessThanOrEqual(0.05001);
      expect(low < 0 && 0 < high).toBe(expected.apart === 1);
    }
  });

  it.each(cases.filter(({ control }) => !within(control)))(
    'delta at $multiplier: $treatment.value against $control.value',
    ({ treatment, control, multiplier, estimate, standardError }) => {
      const effect = value(relative('delta', treatment, control));
      expectNear(effect.estimate, estimate, 1e-12);
      expectNear(effect.standardError, standardError, 1e-12);
      expectNear(effect.bounds(multiplier)[0], estimate - multiplier * standardError, 1e-12, standardError);
    },
  );

  it.each(vectors.lifts)('delta: $treatment against $control', ({ treatment, control, ...expected }) => {
    const effect = value(relative('delta', treatment, control));
    expectNear(effect.estimate, expected.estimate, 1e-12);
    expectNear(effect.standardError, expected.standardError, 1e-12);
  });

  it.each(
    cases.filter(({ log, treatment, control }) => log.length && !within(treatment) && !within(control)),
  )(
    'log ratio at $multiplier: $treatment.value against $control.value',
    ({ treatment, control, multiplier, log }) => {
      const bounds = value(relative('log', treatment, control)).bounds(multiplier);
      bounds.forEach((bound, side) => {
        expectNear(bound, log[side] ?? Number.NaN, 1e-11, 1e-2);
      });
    },
  );
});

describe('relative effects are not available', () => {
  const steady = { value: 5, variance: 0.01, n: 9 };
  it.each([
    ['fieller', 'a control of 0', steady, { value: 0, variance: 1, n: 9 }, /control is 0/],
    ['delta', 'a control of 0', steady, { value: 0, variance: 1, n: 9 }, /control is 0/],
    [
      'delta',
      'a control near 0',
      steady,
      { value: 0.1, variance: 0.01, n: 9 },
      /control is within 3 .* too close/,
    ],
    ['log', 'a control near 0', steady, { value: 0.1, variance: 0.01, n: 9 }, /control is within 3/],
    ['log', 'a treatment near 0', { value: 0.1, variance: 0.01, n: 9 }, steady, /treatment is within 3/],
    ['log', 'a negative arm', { value: -5, variance: 0.01, n: 9 }, steady, /above 0/],
  ] as const)('%s: %s', (method, _, treatment, control, pattern) => {
    const result = relative(method, treatment, control);
    expect(result.ok ? 'computed' : result.reason).toMatch(pattern);
  });

  it('a treatment of 0 in every unit', () => {
    for (const method of ['fieller', 'delta'] as const) {
      const result = relative(method, { value: 0, variance: 0, n: 9 }, steady);
      expect(result.ok ? 'computed' : result.reason).toMatch(/treatment is 0 in every unit/);
    }
  });

  it.each(['fieller', 'delta', 'log'] as const)('%s: arms that do not vary', (method) => {
    const absolute = value(difference(steady, steady, 'm'));
    const result = relativeEffect(method, { ...steady, variance: 0 }, { ...steady, variance: 0 }, absolute);
    expect(result.ok ? 'computed' : result.reason).toMatch(/neither arm varies/);
  });
});

describe('properties of the relative effect', () => {
  const size = fc.double({ min: 0.01, max: 1000, noNaN: true });
  const signed = fc.tuple(size, fc.boolean()).map(([x, negative]) => (negative ? -x : x));
  const arm = fc.record({ value: signed, variance: size, n: fc.integer({ min: 2, max: 1e6 }) });
  const multiplier = fc.double({ min: 0.1, max: 8, noNaN: true });
  const settings = { seed: 1, numRuns: 1000 };

  it('Fieller excludes 0 exactly when the absolute interval does, whenever it is bounded', () => {
    let bounded = 0;
    fc.assert(
      fc.property(arm, arm, multiplier, (treatment, control, k) => {
        const absolute = value(difference(treatment, control, 'm'));
        const effect = value(relative('fieller', treatment, control));
        const [low, high] = effect.bounds(k);
        const [from, to] = absolute.bounds(k);
        expect(effect.statistic).toBe(absolute.statistic);
        expect(low <= effect.estimate && effect.estimate <= high).toBe(true);
        if (!Number.isFinite(low)) return;
        bounded++;
        expect([low > 0, high < 0]).toEqual([from > 0, to < 0]);
      }),
      settings,
    );
    expect(bounded).toBeGreaterThan(300);
  });

  it('is a number or refused, never undefined, at the ends of the range', () => {
    const some = (...values: number[]) => fc.constantFrom(...values);
    const edge = fc.record({
      value: some(-1e12, -1, -1e-12, 0, 1e-12, 1, 3, 1e12),
      variance: some(0, 1e-12, 1, 1e12),
      n: some(2, 1e7),
    });
    const method = fc.constantFrom<RelativeMethod>('fieller', 'delta', 'log');
    const multipliers = some(0, 1e-9, 2, 40, 1e6, Number.POSITIVE_INFINITY);
    fc.assert(
      fc.property(method, edge, edge, multipliers, (by, treatment, control, k) => {
        const absolute = difference(treatment, control, 'm');
        if (!absolute.ok) return;
        const result = relativeEffect(by, treatment, control, absolute.value);
        if (!result.ok) return;
        const { estimate, standardError, bounds, note } = result.value;
        const [low, high] = bounds(k);
        expect(Number.isFinite(estimate) && standardError > 0).toBe(true);
        expect(Number.isNaN(low) || Number.isNaN(high)).toBe(false);
        expect(low <= high).toBe(true);
        expect(by === 'fieller' && !Number.isFinite(low) ? note?.(k) : '').toBeDefined();
      }),
      { seed: 1, numRuns: 5000 },
    );
  });

  it('Fieller nears the delta method as the variation of the control vanishes', () => {
    fc.assert(
      fc.property(arm, size, multiplier, (treatment, value0, k) => {
        const gap = (cv: number) => {
          const control = { value: value0, variance: (cv * value0) ** 2, n: 100 };
          const [low, high] = value(relative('fieller', treatment, control)).bounds(k);
          const delta = value(relative('delta', treatment, control));
          const [from, to] = delta.bounds(k);
          return (Math.abs(low - from) + Math.abs(high - to)) / (k * delta.standardError);
        };
        // Second order: the gap is proportional to the control's coefficient of variation.
        expect(gap(1e-3)).toBeLessThan(6e-3 * k);
        expect(gap(1e-5)).toBeLessThan(6e-5 * k + 1e-9);
      }),
      settings,
    );
  });

  it('exchanging the arms inverts Fieller and the log ratio', () => {
    const positive = fc.record({
      value: fc.double({ min: 1, max: 9, noNaN: true }),
      variance: fc.double({ min: 1e-6, max: 1e-3, noNaN: true }),
      n: fc.constant(50),
    });
    fc.assert(
      fc.property(positive, positive, fc.double({ min: 0.1, max: 5, noNaN: true }), (a, b, k) => {
        for (const method of ['fieller', 'log'] as const) {
          const [low, high] = value(relative(method, a, b)).bounds(k);
          const [from, to] = value(relative(method, b, a)).bounds(k);
          expectNear(1 / (1 + to), 1 + low, 1e-11);
          expectNear(1 / (1 + from), 1 + high, 1e-11);
        }
      }),
      settings,
    );
  });

  it('negating both arms negates the effect and its interval', () => {
    const negated = (one: ArmEstimate) => ({ ...one, value: -one.value });
    fc.assert(
      fc.property(arm, arm, multiplier, (treatment, control, k) => {
        for (const method of ['fieller', 'delta'] as const) {
          const one = relative(method, treatment, control);
          const other = relative(method, negated(treatment), negated(control));
          expect(one.ok).toBe(other.ok);
          if (!one.ok || !other.ok) continue;
          const [low, high] = one.value.bounds(k);
          expect([other.value.estimate, ...other.value.bounds(k)].map((x) => x + 0)).toEqual(
            [-one.value.estimate, -high, -low].map((x) => x + 0),
          );
          expect(Math.sign(one.value.estimate)).toBe(Math.sign(treatment.value - control.value));
        }
      }),
      settings,
    );
  });
});
