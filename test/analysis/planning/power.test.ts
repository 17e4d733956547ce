import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Result } from '../../../src/analysis/estimate/effect.ts';
import {
  type ArmUnits,
  duration,
  minimumDetectableEffect,
  powerOf,
  sampleSize,
  unitsBy,
} from '../../../src/analysis/planning/power.ts';
import { evenly } from '../../../src/analysis/planning/power-looks.ts';
import type { Aim, PowerQuestion } from '../../../src/analysis/planning/power-question.ts';
import { expectNear } from '../vectors.ts';

type Row<Keys extends string> = Readonly<Record<Keys, number>>;
const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../cases/${name}.json`, import.meta.url), 'utf8'));
const r: {
  equal: readonly Row<'n' | 'delta' | 'alpha' | 'power'>[];
  sizes: readonly Row<'delta' | 'sd' | 'alpha' | 'power' | 'n'>[];
  detectable: readonly Row<'n' | 'sd' | 'alpha' | 'power' | 'delta'>[];
  welch: readonly Row<'control' | 'treatment' | 'sdControl' | 'sdTreatment' | 'delta' | 'power'>[];
  inferiority: readonly Row<'n' | 'sd' | 'margin' | 'effect' | 'power'>[];
  ratio: readonly Row<'n' | 'cv' | 'margin' | 'truth' | 'power'>[];
  inferioritySizes: readonly Row<'sd' | 'margin' | 'effect' | 'power' | 'units'>[];
  sequential: readonly (Row<'delta' | 'units' | 'power' | 'expected'> & {
    spending: 'pocock' | 'obrien-fleming';
    information: readonly number[];
  })[];
  arcsine: readonly Row<'control' | 'treatment' | 'treatmentUnits' | 'controlUnits' | 'power'>[];
} = read('power');
const py: {
  shares: readonly Row<'control' | 'delta' | 'treatmentUnits' | 'controlUnits' | 'alpha' | 'power'>[];
  shareSizes: readonly Row<'control' | 'delta' | 'ratio' | 'alpha' | 'power' | 'treatmentUnits'>[];
  means: readonly Row<'d' | 'treatmentUnits' | 'ratio' | 'alpha' | 'power'>[];
  meanSizes: readonly Row<'d' | 'treatmentUnits' | 'ratio' | 'alpha' | 'power'>[];
  normals: readonly Row<'d' | 'treatmentUnits' | 'ratio' | 'alpha' | 'power'>[];
} = read('power-statsmodels');

function got<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.reason);
  return result.value;
}
const both = (n: number): ArmUnits => ({ treatment: n, control: n });
const SUPERIORITY: Aim = { kind: 'superiority' };

const mean = (standardDeviation: number, delta: number, alpha = 0.05): PowerQuestion => ({
  metric: { kind: 'mean', control: 0, standardDeviation },
  aim: SUPERIORITY,
  effect: { absolute: delta },
  alpha,
});
const share = (control: number, delta: number, alpha: number): PowerQuestion => ({
  metric: { kind: 'proportion', control },
  aim: SUPERIORITY,
  effect: { absolute: delta },
  alpha,
});

describe('power of means, against power.t.test, pwr and statsmodels', () => {
  it.each(r.equal)('$n an arm, effect $delta sd, alpha $alpha', ({ n, delta, alpha, power }) =>
    expectNear(got(powerOf(mean(1, delta, alpha), both(n))).power, power),
  );

  it.each(r.sizes)('units for effect $delta, sd $sd, power $power', ({ delta, sd, alpha, power, n }) => {
    const size = got(sampleSize(mean(sd, delta, alpha), both(1), power));
    expectNear(size.exact / 2, n, 1e-8);
    expect(size.treatment).toBe(Math.ceil(n));
    expect(size.units).toBe(size.treatment + size.control);
  });

  it.each(r.detectable)('effect detectable with $n an arm, sd $sd', ({ n, sd, alpha, power, delta }) =>
    expectNear(got(minimumDetectableEffect(mean(sd, 1, alpha), both(n), power)).absolute, delta, 1e-8),
  );

  it.each(r.welch)('unequal arms $control / $treatment, sd $sdControl / $sdTreatment', (row) => {
    const question = mean(row.sdControl, row.delta);
    const metric = { ...question.metric, treatmentStandardDeviation: row.sdTreatment };
    const units = { treatment: row.treatment, control: row.control };
    expectNear(got(powerOf({ ...question, metric } as PowerQuestion, units)).power, row.power);
  });

  it.each(py.means)('one spread, the control $ratio times the treatment', (row) => {
    const units = { treatment: row.treatmentUnits, control: row.treatmentUnits * row.ratio };
    // Pooled against Welch's degrees of freedom: 1e-5 apart with thousands of units.
    expectNear(got(powerOf(mean(1, row.d, row.alpha), units)).power, row.power, 2e-4);
  });

  it.each(py.meanSizes)('units of the treatment at power $power, ratio $ratio', (row) => {
    const size = got(sampleSize(mean(1, row.d, row.alpha), { treatment: 1, control: row.ratio }, row.power));
    expectNear(size.exact / (1 + row.ratio), row.treatmentUnits, 2e-4);
  });

  it.each(py.normals)('millions of units: the normal, ratio $ratio', (row) => {
    const units = { treatment: row.treatmentUnits, control: row.treatmentUnits * row.ratio };
    expectNear(got(powerOf(mean(1, row.d, row.alpha), units)).power, row.power, 1e-5);
  });
});

describe('power of shares, against statsmodels', () => {
  it.each(py.shares)('$control + $delta, $treatmentUnits / $controlUnits units', (row) => {
    const units = { treatment: row.treatmentUnits, control: row.controlUnits };
    expectNear(got(powerOf(share(row.control, row.delta, row.alpha), units)).power, row.power);
  });

  it.each(py.shareSizes)('units for $control + $delta at power $power', (row) => {
    const question = share(row.control, row.delta, row.alpha);
    const size = got(sampleSize(question, { treatment: 1, control: row.ratio }, row.power));
    expectNear(size.exact / (1 + row.ratio), row.treatmentUnits, 1e-8);
  });

  it.each(r.arcsine)("pwr's arcsine power of $control against $treatment is near ours, not equal", (row) => {
    const units = { treatment: row.treatmentUnits, control: row.controlUnits };
    const ours = got(powerOf(share(row.control, row.treatment - row.control, 0.05), units)).power;
    expect(Math.abs(ours - row.power)).toBeLessThan(0.01);
  });

  it('a relative effect is the absolute one times the control, for a ratio and a mean alike', () => {
    const metric = { kind: 'ratio', control: 0.182, standardDeviation: 0.4 } as const;
    const rest = { metric, aim: SUPERIORITY, alpha: 0.05 };
    const relative = got(powerOf({ ...rest, effect: { relative: 0.02 } }, both(50_000)));
    const absolute = got(powerOf({ ...rest, effect: { absolute: 0.00364 } }, both(50_000)));
    expectNear(relative.power, absolute.power);
  });
});

describe('non-inferiority, against rpact', () => {
  const aim = (margin: PowerQuestion['effect']): Aim => ({
    kind: 'non-inferiority',
    margin,
    direction: 'higher-is-better',
  });

  it.each(r.inferiority)('$n an arm, margin $margin, true effect $effect', (row) => {
    const question = { ...mean(row.sd, row.effect), aim: aim({ absolute: row.margin }) };
    expectNear(got(powerOf(question, both(row.n))).power, row.power, 1e-7);
  });

  it.each(r.ratio)('relative margin $margin, true ratio $truth, $n an arm', (row) => {
    const question: PowerQuestion = {
      metric: { kind: 'mean', control: 1, standardDeviation: row.cv },
      aim: aim({ relative: row.margin }),
      effect: { relative: row.truth - 1 },
      alpha: 0.05,
    };
    expectNear(got(powerOf(question, both(row.n))).power, row.power, 1e-7);
  });

  it.each(r.inferioritySizes)('units to prove margin $margin at sd $sd', (row) => {
    const question = { ...mean(row.sd, row.effect), aim: aim({ absolute: row.margin }) };
    expectNear(got(sampleSize(question, both(1), row.power)).exact, row.units, 1e-6);
  });

  it('harm points down where lower is better, and the provable margin is the one that is powered', () => {
    const lower: PowerQuestion = {
      metric: { kind: 'mean', control: 120, standardDeviation: 60 },
      aim: { kind: 'non-inferiority', margin: { relative: 0.02 }, direction: 'lower-is-better' },
      effect: { absolute: 0 },
      alpha: 0.05,
    };
    const units = { treatment: 9_000, control: 20_000 };
    const found = got(minimumDetectableEffect(lower, units, 0.8));
    const margin = { relative: found.relative ?? 0 };
    const proven = { ...lower, aim: { ...lower.aim, margin } as Aim };
    expectNear(got(powerOf(proven, units)).power, 0.8, 1e-9);
    expectNear(found.absolute, 120 * margin.relative);
  });
});

describe('plans with looks', () => {
  it.each(r.sequential)('$spending, looks at $information: rpact', (row) => {
    const looks = {
      kind: 'group-sequential',
      spending: row.spending,
      information: row.information,
    } as const;
    const found = got(powerOf({ ...mean(1e3, row.delta * 1e3), looks }, both(row.units / 2)));
    expectNear(found.power, row.power, 1e-6);
    expectNear(found.meanFraction * row.units, row.expected, 1e-6);
  });

  const always = (count: number): PowerQuestion => ({
    ...mean(9, 0.168),
    looks: { kind: 'always-valid', information: evenly(count) },
  });

  it('an always-valid plan needs more units than one look, and more looks find more', () => {
    const once = got(sampleSize(mean(9, 0.168), both(1), 0.8)).exact;
    const few = got(sampleSize(always(1), both(1), 0.8)).exact;
    const daily = got(sampleSize(always(14), both(1), 0.8));
    expect(few / once).toBeGreaterThan(1.3);
    expect(daily.exact).toBeLessThan(few);
    expect(daily.exact / once).toBeGreaterThan(1.2);
    expectNear(got(powerOf(always(14), both(daily.exact / 2))).power, 0.8, 1e-9);
    const { meanFraction } = got(powerOf(always(14), both(daily.exact / 2)));
    expect(meanFraction).toBeGreaterThan(0.4);
    expect(meanFraction).toBeLessThan(0.9);
  });

  it('keeps at most alpha under no effect', () => {
    const { power } = got(powerOf({ ...always(28), effect: { absolute: 0 } }, both(10_000)));
    expect(power).toBeLessThan(0.05);
  });

  it('refuses looks that do not rise to 1', () => {
    const looks = { kind: 'always-valid', information: [0.5, 0.4, 1] } as const;
    expect(powerOf({ ...mean(1, 0.1), looks }, both(100))).toMatchObject({ ok: false });
  });
});

describe('power, units and detectable effect answer one another', () => {
  const question = fc.record({
    proportion: fc.boolean(),
    control: fc.double({ min: 0.05, max: 0.6, noNaN: true }),
    effect: fc.double({ min: 0.01, max: 0.3, noNaN: true }),
    alpha: fc.constantFrom(0.01, 0.025, 0.05, 0.1),
    weight: fc.integer({ min: 1, max: 99 }),
    power: fc.constantFrom(0.6, 0.8, 0.9, 0.99),
  });
  it('the units asked for give the power asked for, one of them less does not, and detect the effect', () => {
    fc.assert(
      fc.property(question, ({ proportion, control, effect, alpha, weight, power }) => {
        const asked: PowerQuestion = {
          metric: proportion
            ? { kind: 'proportion', control }
            : { kind: 'mean', control, standardDeviation: 2 * control },
          aim: SUPERIORITY,
          effect: { relative: effect },
          alpha,
        };
        const shares = { treatment: weight, control: 100 - weight };
        const { exact } = got(sampleSize(asked, shares, power));
        const units = {
          treatment: (exact * shares.treatment) / 100,
          control: (exact * shares.control) / 100,
        };
        expectNear(got(powerOf(asked, units)).power, power, 1e-9);
        const fewer = { treatment: units.treatment * 0.99, control: units.control * 0.99 };
        expect(got(powerOf(asked, fewer)).power).toBeLessThan(power);
        expectNear(got(minimumDetectableEffect(asked, units, power)).relative ?? 0, effect, 1e-8);
      }),
      { numRuns: 60 },
    );
  });

  it('where less is better the detectable effect is a decrease', () => {
    const asked = share(0.2, 0.01, 0.05);
    const down = got(minimumDetectableEffect(asked, both(5_000), 0.8, 'decrease'));
    expect(down.absolute).toBeLessThan(0);
    const found = powerOf({ ...asked, effect: { absolute: down.absolute } }, both(5_000));
    expectNear(got(found).power, 0.8, 1e-9);
  });
});

describe('what has no answer is refused in words', () => {
  const relative: PowerQuestion = { ...mean(1, 0), effect: { relative: 0.02 } };
  it.each<[string, Result<unknown>, RegExp]>([
    ['relative to 0', powerOf(relative, both(100)), /control value above 0/],
    ['one unit', powerOf(mean(1, 1), both(1)), /at least 2 units/],
    ['no spread', powerOf(mean(0, 1), both(9)), /standard deviation/],
    ['alpha 0', powerOf(mean(1, 1, 0), both(9)), /alpha must lie/],
    ['share above 1', powerOf(share(0.95, 0.1, 0.05), both(9)), /outside 0 to 1/],
    ['no effect', sampleSize(mean(1, 0), both(1), 0.8), /effect of 0/],
    ['power 1', sampleSize(mean(1, 1), both(1), 1), /between alpha/],
    ['an arm without share', sampleSize(mean(1, 1), { treatment: 0, control: 1 }, 0.8), /share above 0/],
    ['too few to detect anything', minimumDetectableEffect(share(0.9, 0, 0.05), both(5), 0.9), /too few/],
    [
      'effect beyond the margin',
      sampleSize(
        {
          ...mean(1, -0.2),
          aim: { kind: 'non-inferiority', margin: { absolute: 0.1 }, direction: 'higher-is-better' },
        },
        both(1),
        0.8,
      ),
      /beyond the margin/,
    ],
    ['nobody comes', duration(100, { cumulative: [10, 20], perDay: 0 }), /never reached/],
  ])('%s', (_, result, reason) => {
    expect(result.ok ? '' : result.reason).toMatch(reason);
  });
});

describe('duration', () => {
  const enrolment = { cumulative: [100, 180, 240], perDay: 50 };
  it.each([
    [100, 1],
    [101, 2],
    [240, 3],
    [241, 4],
    [340, 5],
  ])('%d units are there at the end of day %d', (units, day) => {
    expect(got(duration(units, enrolment))).toBe(day);
    expect(unitsBy(day, enrolment)).toBeGreaterThanOrEqual(units);
    expect(unitsBy(day - 1, enrolment)).toBeLessThan(units);
  });
});
