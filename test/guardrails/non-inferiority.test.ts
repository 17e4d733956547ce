import { describe, expect, it } from 'vitest';
import { judgeLimit } from '../../src/guardrails/limit.ts';
import { guardrailState, harmInterval, nonInferiority } from '../../src/guardrails/non-inferiority.ts';

describe('guardrail states against a margin of 2', () => {
  it.each([
    [-3, -1, 'safe'],
    [-1, 1, 'safe'],
    [0, 1.99, 'safe'],
    [0.1, 1.99, 'safe-but-worse'],
    [-1, 2, 'unproven'],
    [-1, 9, 'unproven'],
    [0.1, 2, 'harm'],
    [0.1, 9, 'harm'],
    [2, 9, 'harm'],
    [2.1, 9, 'breach'],
    [null, 1, 'safe'],
    [null, null, 'unproven'],
    [-1, null, 'unproven'],
    [0.1, null, 'harm'],
    [2.1, null, 'breach'],
  ] as const)('[%s, %s] is %s', (low, high, state) => {
    expect(guardrailState([low, high], 2)).toBe(state);
  });
});

describe('direction and scale', () => {
  const effects = {
    absolute: { ok: true, estimate: -4, standardError: 1, interval: [-6, -2] },
    relative: { ok: true, estimate: -0.1, standardError: 0.025, interval: [-0.15, -0.05] },
  } as const;

  it('turns the interval round where higher is better', () => {
    expect(harmInterval([-6, -2], 'higher-is-better')).toEqual([2, 6]);
    expect(harmInterval([-6, null], 'higher-is-better')).toEqual([null, 6]);
    expect(harmInterval([-6, -2], 'lower-is-better')).toEqual([-6, -2]);
    expect(harmInterval([0, 0], 'higher-is-better')).toEqual([0, 0]);
  });

  it.each([
    [{ relative: 0.02 }, 'higher-is-better', 'breach', 'relative', [0.05, 0.15]],
    [{ absolute: 5 }, 'higher-is-better', 'harm', 'absolute', [2, 6]],
    [{ absolute: 5 }, 'lower-is-better', 'safe', 'absolute', [-6, -2]],
  ] as const)('%o, %s: %s', (margin, direction, state, marginKind, harm) => {
    expect(nonInferiority(effects, margin, direction)).toMatchObject({ state, marginKind, harm });
  });

  it('an effect that could not be computed proves nothing', () => {
    const none = { ok: false, reason: 'the control is 0' } as const;
    expect(
      nonInferiority({ absolute: effects.absolute, relative: none }, { relative: 0.02 }, 'lower-is-better'),
    ).toEqual({
      margin: 0.02,
      marginKind: 'relative',
      state: 'unproven',
      harm: [null, null],
    });
  });
});

describe('absolute limits', () => {
  const arm = (value: number) => ({ ok: true, value: { value, variance: 4, n: 99 } }) as const;
  it.each([
    [149, 'lower-is-better', true, false],
    [150, 'lower-is-better', true, false],
    [153, 'lower-is-better', false, false],
    [154, 'lower-is-better', false, true],
    [147, 'higher-is-better', false, false],
    [151, 'higher-is-better', true, false],
  ] as const)('%d against 150, %s', (value, direction, holds, certain) => {
    expect(judgeLimit(arm(value), 150, direction, 0.05)).toEqual({ limit: 150, value, holds, certain });
  });

  it('says nothing of a value that was not measured', () => {
    expect(judgeLimit({ ok: false, reason: 'no data' }, 150, 'lower-is-better', 0.05)).toBeNull();
  });
});
