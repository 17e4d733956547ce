import { describe, expect, it } from 'vitest';
import { type Effect, fixedHorizon, type Result } from '../../../src/analysis/estimate/effect.ts';
import { compareMeans, mean } from '../../../src/analysis/estimate/mean.ts';
import { compareProportions } from '../../../src/analysis/estimate/proportion.ts';
import { compareRatios } from '../../../src/analysis/estimate/ratio.ts';
import { relativeEffect } from '../../../src/analysis/estimate/relative.ts';
import { drawBinomial } from '../../../src/analysis/numbers/resample.ts';
import { centredOf } from '../../../src/analysis/numbers/summation.ts';
import { type ArmUnits, powerOf } from '../../../src/analysis/planning/power.ts';
import { evenly } from '../../../src/analysis/planning/power-looks.ts';
import type { PowerQuestion } from '../../../src/analysis/planning/power-question.ts';
import { alwaysValid } from '../../../src/analysis/sequential/always-valid.ts';
import { generator, normal } from '../../../src/ranking/generator.ts';

/**
 * The planner's power against the rate at which the product's own tests reject simulated data. Seeded; each rate lies
 * within 3 Monte Carlo errors, sqrt(power (1 - power) / runs).
 */
const RUNS = 4_000;

function got<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.reason);
  return result.value;
}
const rejects = (effect: Effect) =>
  effect.statistic !== null && fixedHorizon(effect.df).p(effect.statistic) <= 0.05;

function holds(question: PowerQuestion, units: ArmUnits, once: () => boolean, runs = RUNS) {
  const { power } = got(powerOf(question, units));
  let rejected = 0;
  for (let run = 0; run < runs; run++) rejected += once() ? 1 : 0;
  const error = Math.sqrt((power * (1 - power)) / runs);
  expect(power).toBeGreaterThan(0.3);
  expect(power).toBeLessThan(0.95);
  expect(Math.abs(rejected / runs - power), `${rejected / runs} against ${power}`).toBeLessThan(3 * error);
}

const superiority = { aim: { kind: 'superiority' }, alpha: 0.05 } as const;
const draws = (n: number, draw: () => number) => Float64Array.from({ length: n }, draw);

describe('planned power is the rate of rejection', () => {
  it('mean, unequal arms and spreads', () => {
    const random = generator(11);
    const units = { treatment: 20, control: 70 };
    const question: PowerQuestion = {
      ...superiority,
      metric: { kind: 'mean', control: 10, standardDeviation: 4, treatmentStandardDeviation: 5 },
      effect: { relative: 0.3 },
    };
    holds(question, units, () => {
      const treatment = centredOf([draws(units.treatment, () => 13 + 5 * normal(random))]);
      const control = centredOf([draws(units.control, () => 10 + 4 * normal(random))]);
      return rejects(got(compareMeans(treatment, control)));
    });
  });

  it('mean of a skewed metric', () => {
    const random = generator(12);
    const exponential = (scale: number) => -scale * Math.log(1 - random());
    const units = { treatment: 300, control: 300 };
    const question: PowerQuestion = {
      ...superiority,
      metric: { kind: 'mean', control: 1, standardDeviation: 1, treatmentStandardDeviation: 1.2 },
      effect: { relative: 0.2 },
    };
    holds(
      question,
      units,
      () => {
        const treatment = centredOf([draws(units.treatment, () => exponential(1.2))]);
        const control = centredOf([draws(units.control, () => exponential(1))]);
        return rejects(got(compareMeans(treatment, control)));
      },
      2_000,
    );
  });

  it('proportion', () => {
    const random = generator(13);
    const units = { treatment: 3_000, control: 9_000 };
    const question: PowerQuestion = {
      ...superiority,
      metric: { kind: 'proportion', control: 0.182 },
      effect: { absolute: 0.022 },
    };
    holds(question, units, () => {
      const treatment = { successes: drawBinomial(units.treatment, 0.204, random), trials: units.treatment };
      const control = { successes: drawBinomial(units.control, 0.182, random), trials: units.control };
      return rejects(got(compareProportions(treatment, control)));
    });
  });

  it('ratio, from the spread of its linearised value', () => {
    const random = generator(14);
    const units = { treatment: 150, control: 250 };
    // x uniform on 5 .. 15, y = R x + noise of sd 2: linearised (y - R x) / mean(x) has sd 0.2.
    const arm = (n: number, ratio: number) => {
      const x = draws(n, () => 5 + 10 * random());
      return centredOf([x.map((value) => ratio * value + 2 * normal(random)), x]);
    };
    const question: PowerQuestion = {
      ...superiority,
      metric: { kind: 'ratio', control: 0.5, standardDeviation: 0.2 },
      effect: { relative: 0.1 },
    };
    holds(
      question,
      units,
      () => rejects(got(compareRatios(arm(units.treatment, 0.55), arm(units.control, 0.5)))),
      2_500,
    );
  });

  it('non-inferiority with a relative margin, by Fieller', () => {
    const random = generator(15);
    const units = { treatment: 120, control: 200 };
    const question: PowerQuestion = {
      metric: { kind: 'mean', control: 10, standardDeviation: 3 },
      aim: { kind: 'non-inferiority', margin: { relative: 0.1 }, direction: 'higher-is-better' },
      effect: { relative: -0.01 },
      alpha: 0.05,
    };
    holds(
      question,
      units,
      () => {
        const t = centredOf([draws(units.treatment, () => 9.9 + 3 * normal(random))]);
        const c = centredOf([draws(units.control, () => 10 + 3 * normal(random))]);
        const absolute = got(compareMeans(t, c));
        const relative = got(relativeEffect('fieller', got(mean(t)), got(mean(c)), absolute));
        const [low] = relative.bounds(fixedHorizon(relative.df).critical(0.05));
        return low > -0.1;
      },
      2_500,
    );
  });

  it('an always-valid plan, looked at ten times', () => {
    const random = generator(16);
    const units = { treatment: 5_000, control: 5_000 };
    const question: PowerQuestion = {
      ...superiority,
      metric: { kind: 'mean', control: 1, standardDeviation: 1 },
      effect: { absolute: 0.065 },
      looks: { kind: 'always-valid', information: evenly(10) },
    };
    // The difference of means after n units an arm is a Brownian path: increments of 500 units an arm.
    holds(question, units, () => {
      let sum = 0;
      for (let look = 1; look <= 10; look++) {
        sum += 500 * 0.065 + Math.sqrt(2 * 500) * normal(random);
        const z = sum / Math.sqrt(2 * 500 * look);
        if (Math.abs(z) >= alwaysValid(1_000 * look, 10_000, 0.05).critical(0.05)) return true;
      }
      return false;
    });
  });
});
