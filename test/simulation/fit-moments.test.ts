import { expect, test } from 'vitest';
import { CALIBRATED } from '../../src/simulation/calibrated.ts';
import {
  FITTED,
  moments,
  readParameter,
  TARGETS,
  withParameters,
} from '../../src/simulation/calibration-plan.ts';
import { learnJacobian, nextPoint, type Turned } from '../../src/simulation/fit-moments.ts';
import type { TrueMetric } from '../../src/simulation/population.ts';

const turned = (values: readonly number[], bound = 10): Turned[] =>
  values.map((value) => ({ value, least: -bound, greatest: bound, step: 0.1, most: 5 }));

/** Three residuals of two parameters, zero at (1, 2). */
const residuals = ([x, y]: readonly number[]) => [x! - 1 + 0.1 * (y! - 2) ** 2, 2 * (y! - 2), x! * (y! - 2)];

test('finds where the residuals vanish, the Jacobian learnt on the way', () => {
  let at = [3, 0];
  let jacobian = [
    [1, 0],
    [0, 2],
    [0, 3],
  ];
  for (let round = 0; round < 12; round++) {
    const next = nextPoint(turned(at), residuals(at), jacobian, 1e-6);
    const change = residuals(next).map((value, i) => value - residuals(at)[i]!);
    jacobian = learnJacobian(
      jacobian,
      next.map((value, j) => value - at[j]!),
      change,
    );
    at = next;
  }
  expect(at[0]).toBeCloseTo(1, 5);
  expect(at[1]).toBeCloseTo(2, 5);
});

test('turns no parameter further than it may, nor past its bounds', () => {
  const [far] = nextPoint([{ value: 0, least: -9, greatest: 9, step: 1, most: 0.5 }], [-100], [[1]], 0);
  expect(far).toBe(0.5);
  const [bounded] = nextPoint([{ value: 0, least: -9, greatest: 0.2, step: 1, most: 0.5 }], [-100], [[1]], 0);
  expect(bounded).toBe(0.2);
});

test('at most four parameters couple the world to the treatment, and all have a place in it', () => {
  expect(FITTED.filter(({ to }) => to === 'coupling').length).toBeLessThanOrEqual(4);
  for (const { path, bounds } of FITTED) {
    const value = readParameter(CALIBRATED, path);
    expect(value).toBeGreaterThanOrEqual(bounds[0]);
    expect(value).toBeLessThanOrEqual(bounds[1]);
    expect(readParameter(withParameters(CALIBRATED, new Map([[path, bounds[0]]])), path)).toBe(bounds[0]);
    expect(readParameter(CALIBRATED, path)).toBe(value);
  }
  expect(() => readParameter(CALIBRATED, 'behaviour.nothing')).toThrow('no parameter of the world');
});

test('the published arms themselves hit every target', () => {
  const arm = (kind: 'control' | 'treatment') =>
    Object.fromEntries(
      TARGETS.filter(({ arm }) => arm === 'control').map(({ metric, value }) => {
        const change = TARGETS.find((target) => target.arm === 'treatment' && target.metric === metric)!;
        const treated = change.points ? value + change.value : value * (1 + change.value);
        return [metric, kind === 'control' ? value : treated];
      }),
    ) as Record<TrueMetric, number>;
  moments(arm('control'), arm('treatment')).forEach((value, i) => {
    expect(value).toBeCloseTo(TARGETS[i]!.value, 12);
  });
  const sessions = TARGETS.filter(({ metric }) => metric === 'sessions_per_week');
  expect(sessions[0]!.value).toBeCloseTo(12, 10);
  expect(sessions[1]!.value).toBeCloseTo(0.088, 3);
});
