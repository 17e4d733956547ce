import { expect } from 'vitest';
import type { ArmMoments, MetricAggregates, Moments } from '../../src/analysis/aggregates.ts';
import type { MetricDeclaration } from '../../src/declarations.ts';
import {
  capOf,
  isIn,
  momentsOf,
  type Unit,
  valueBetween,
  valuesAt,
  type World,
} from './attribution-oracle.ts';
import { DAY } from './attribution-world.ts';
import { expectMoments } from './stored-world.ts';

export const inArm = <T extends { unit: Unit }>(values: readonly T[], variant: string) =>
  values.filter(({ unit }) => unit.variant === variant);

const plain = (scale: number) => ({ scale }) as MetricDeclaration;

export function expectArms(
  arms: readonly ArmMoments[],
  values: readonly { unit: Unit; y: number; x: number }[],
  declared: MetricDeclaration,
  cap: number,
  label: string,
) {
  for (const { variant, moments } of arms) {
    const { z: _, ...own } = moments;
    expectMoments(own as Moments, momentsOf(inArm(values, variant), declared, cap), `${label} ${variant}`);
  }
}

/** The window that closes once, by definition and by day. */
export function expectOnce(
  world: World,
  declared: MetricDeclaration,
  once: NonNullable<MetricAggregates['once']>,
) {
  const length = declared.key === 'late_clicks' ? 16 : 7;
  expect(once.estimand).toBe(`each unit's first ${length} days`);
  const closed: MetricDeclaration = {
    ...declared,
    perWeek: false,
    numerator: { ...declared.numerator, window: { ...declared.numerator.window, toMs: length * DAY } },
    ...(declared.denominator && {
      denominator: {
        ...declared.denominator,
        window: { ...declared.denominator.window, toMs: length * DAY },
      },
    }),
  };
  const final = valuesAt(world, closed, world.cutoff);
  const cap = declared.cap === undefined ? Number.POSITIVE_INFINITY : capOf(final, declared.cap);
  expectArms(once.arms, final, closed, cap, `${declared.key} once`);
  for (const { day, arms } of once.daily) {
    const end = Math.min(world.cutoff, world.experiment.startMs + day * DAY);
    expectArms(arms, valuesAt(world, closed, end), closed, cap, `${declared.key} once, day ${day}`);
  }
}

/** Values of one day, by days since the opening and by weekday. */
export function expectDays(
  world: World,
  units: readonly Unit[],
  declared: MetricDeclaration,
  result: Pick<MetricAggregates, 'sinceExposure' | 'weekdays'>,
) {
  const { key, numerator, denominator } = declared;
  const own = units.filter((unit) => isIn(declared, unit));
  const value = (unit: Unit, from: number, to: number) => {
    const bounded = [Math.max(from, unit.opening), to] as const;
    return {
      y: valueBetween(world, unit, numerator, ...bounded, declared.kind === 'proportion'),
      x: declared.kind === 'ratio' && denominator ? valueBetween(world, unit, denominator, ...bounded) : 1,
    };
  };
  const first = numerator.window.fromMs / DAY;
  const end = numerator.window.toMs === undefined ? 28 : numerator.window.toMs / DAY;
  const complete = (day: number) => own.filter(({ opening }) => opening + (day + 1) * DAY <= world.cutoff);
  const since = Array.from({ length: end }, (_, day) => day).filter(
    (day) => day >= first && complete(day).length > 0,
  );
  expect(
    result.sinceExposure?.map(({ day }) => day),
    key,
  ).toEqual(since);
  for (const { day, arms } of result.sinceExposure ?? []) {
    const values = complete(day).map((unit) => {
      const from = unit.opening + day * DAY;
      return { unit, ...value(unit, from, from + DAY) };
    });
    expectArms(arms, values, plain(declared.scale), Number.POSITIVE_INFINITY, `${key} since ${day}`);
  }

  const hasWeekdays = numerator.window.fromMs === 0 && numerator.window.toMs === undefined;
  expect(
    result.weekdays?.map(({ day }) => day),
    key,
  ).toEqual(hasWeekdays ? [1, 2, 3, 4, 5, 6, 7] : undefined);
  for (const { day, arms } of result.weekdays ?? []) {
    const values = own.flatMap((unit) => {
      const blocks: { y: number; x: number }[] = [];
      for (let at = world.experiment.startMs; at + DAY <= world.cutoff; at += DAY) {
        const weekday = new Date(at).getUTCDay() || 7;
        if (weekday === day && at >= unit.opening) blocks.push(value(unit, at, at + DAY));
      }
      if (blocks.length === 0) return [];
      const total = (of: 'y' | 'x') => blocks.reduce((sum, block) => sum + block[of], 0);
      const isRatio = denominator !== undefined && denominator.event !== 'unit';
      return isRatio
        ? [{ unit, y: total('y'), x: total('x') }]
        : [{ unit, y: total('y') / blocks.length, x: 1 }];
    });
    expectArms(arms, values, plain(declared.scale), Number.POSITIVE_INFINITY, `${key} weekday ${day}`);
  }
}
