import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Result } from '../../../src/analysis/estimate/effect.ts';
import {
  duration,
  minimumDetectableEffect,
  powerOf,
  sampleSize,
} from '../../../src/analysis/planning/power.ts';
import type { PowerQuestion } from '../../../src/analysis/planning/power-question.ts';
import { expectNear } from '../vectors.ts';

/**
 * A worked example: 95 % / 5 %, a minimum effect of 2 % relative, alpha 5 %, 10M units an arm, two weeks. It names no
 * metric and its two arms cannot both be 10M at 95 / 5. Read here as: the 5 % arm has 10M units, so 200M in all, all of
 * them there after 14 days (14.3M a day); beside it the reading of 20M in all (1M / 19M), and of equal arms. Metrics: the
 * published click-through rate of 18.2 %, as a share of users, and watch time of 8.4 h a week with an assumed standard
 * deviation of 9 h. Expected values: statsmodels, test/cases/power-statsmodels.py.
 */
const {
  example,
}: {
  example: {
    readonly clickThrough: readonly { power: number; treatmentUnits: number }[];
    readonly watch: readonly { power: number; treatmentUnits: number }[];
    readonly reached: readonly {
      treatmentUnits: number;
      controlUnits: number;
      clickThrough: number;
      watch: number;
    }[];
    readonly detectable: { clickThrough: number; watch: number };
  };
} = JSON.parse(readFileSync(new URL('../../cases/power-statsmodels.json', import.meta.url), 'utf8'));

const SHARES = { treatment: 5, control: 95 };
const rest = { aim: { kind: 'superiority' }, effect: { relative: 0.02 }, alpha: 0.05 } as const;
const questions = {
  clickThrough: { ...rest, metric: { kind: 'proportion', control: 0.182 } },
  watch: { ...rest, metric: { kind: 'mean', control: 8.4, standardDeviation: 9 } },
} satisfies Record<string, PowerQuestion>;

function got<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.reason);
  return result.value;
}

describe('95 % / 5 %, 2 % relative, alpha 5 %', () => {
  it.each(example.clickThrough)('click-through rate: units at power $power', (row) => {
    const size = got(sampleSize(questions.clickThrough, SHARES, row.power));
    expectNear(size.exact * 0.05, row.treatmentUnits, 1e-8);
    expect(size.treatment).toBe(Math.ceil(row.treatmentUnits));
  });

  it.each(example.watch)('watch time: units at power $power', (row) => {
    // statsmodels pools the degrees of freedom, we take Welch's: 1e-4 apart.
    expectNear(got(sampleSize(questions.watch, SHARES, row.power)).exact * 0.05, row.treatmentUnits, 1e-4);
  });

  it.each(example.reached)('power with $treatmentUnits / $controlUnits units is past 0.999', (row) => {
    const units = { treatment: row.treatmentUnits, control: row.controlUnits };
    expectNear(got(powerOf(questions.clickThrough, units)).power, row.clickThrough);
    expectNear(got(powerOf(questions.watch, units)).power, row.watch);
    expect(row.clickThrough).toBeGreaterThan(0.999);
  });

  it('what a 5 % arm of 10M does detect at 80 %: a tenth of the effect that was asked for', () => {
    const units = { treatment: 10e6, control: 190e6 };
    const ctr = got(minimumDetectableEffect(questions.clickThrough, units, 0.8));
    const watch = got(minimumDetectableEffect(questions.watch, units, 0.8));
    expectNear(ctr.relative ?? 0, example.detectable.clickThrough, 1e-8);
    expectNear(watch.relative ?? 0, example.detectable.watch, 1e-6);
  });

  it('at 200M in two weeks, one day would have been enough for either metric', () => {
    const enrolment = { cumulative: [], perDay: 200e6 / 14 };
    for (const question of Object.values(questions)) {
      const { units } = got(sampleSize(question, SHARES, 0.9));
      expect(got(duration(units, enrolment))).toBe(1);
    }
  });

  it('an even split needs far fewer units in all', () => {
    const uneven = got(sampleSize(questions.clickThrough, SHARES, 0.8)).exact;
    const even = got(sampleSize(questions.clickThrough, { treatment: 1, control: 1 }, 0.8)).exact;
    // 1 / (4 x 0.05 x 0.95), but for the treatment's larger variance.
    expect(uneven / even).toBeCloseTo(1 / 0.19, 1);
  });
});
