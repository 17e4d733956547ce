import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { Command } from 'commander';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { PlanDocument } from '../../src/analysis/planning/plan-document.ts';
import { enrolmentOf } from '../../src/analysis/planning/plan-history.ts';
import { answerPlan, registerPlan } from '../../src/cli/plan.ts';
import type { PlanOptions } from '../../src/cli/plan-options.ts';
import { changeOf, weightsOf } from '../../src/cli/plan-options.ts';
import { planDocumentSchema } from '../../src/cli/plan-schema.ts';
import type { ReportSource } from '../../src/cli/report.ts';
import { InvalidInput } from '../../src/files/invalid-input.ts';
import { expectNear } from '../analysis/vectors.ts';
import { storedReport } from './plan-report.ts';

const DEFAULTS: PlanOptions = {
  url: 'http://localhost:8080',
  environment: 'demo',
  power: '80%',
  spending: 'obrien-fleming',
};
const stored = (): ReportSource => ({
  latest: async (key) => (key === 'homepage-hybrid' ? storedReport : undefined),
  keys: async () => ['homepage-hybrid', 'homepage-new'],
  close: async () => {},
});
const validate = new Ajv({ strict: false, allErrors: true }).compile(planDocumentSchema);

/** Whatever any test asks for, the answer fits its published schema. */
async function plan(key: string | undefined, options: Partial<PlanOptions> = {}): Promise<PlanDocument> {
  const answer = await answerPlan(stored, key, { ...DEFAULTS, ...options, json: true });
  expect(answer).toMatchObject({ stderr: '', code: 0 });
  const document = JSON.parse(answer.stdout);
  validate(document);
  expect(validate.errors ?? []).toEqual([]);
  return document;
}
const text = async (key: string | undefined, options: Partial<PlanOptions> = {}) =>
  (await answerPlan(stored, key, { ...DEFAULTS, ...options })).stdout;

it('the schema of a plan refuses another key, and a line without a metric', async () => {
  const document = await plan('homepage-hybrid');
  expect(validate({ ...document, more: 1 })).toBe(false);
  const [{ metric: _, ...row } = {}, ...rows] = document.rows as object[] as Record<string, unknown>[];
  expect(validate({ ...document, rows: [row, ...rows] })).toBe(false);
});

describe('a plan from history', () => {
  it('takes spread, level, target, shares and pace from the report', async () => {
    const document = await plan('homepage-hybrid');
    expect(document).toMatchObject({
      schema: 'screentest/plan/v1',
      source: { kind: 'history', experiment: 'homepage-hybrid', day: 10 },
      interval: 'fixed',
      comparisons: 2,
      guardrails: 2,
      plannedDays: 28,
      enrolment: { perDay: 2_000, days: 10, units: 20_000 },
    });
    const [watch, clicks, latency, errors, coverage] = document.rows;
    expectNear(watch?.standardDeviation ?? 0, 9, 1e-12);
    expect(watch).toMatchObject({ alpha: 0.025, power: 0.8, target: { relative: 0.02 } });
    // statsmodels: TTestIndPower().solve_power(0.168 / 9, alpha=0.025, power=0.8, ratio=3) * 4, with pooled df.
    expectNear(watch?.needed.ok ? watch.needed.value.units : 0, 145_487.751, 1e-4);
    expect(watch?.needed).toMatchObject({ ok: true, value: { days: { ok: true, value: 73 } } });
    expect(watch?.plannedEnd).toMatchObject({
      ok: true,
      value: { units: { treatment: 14_000, control: 42_000 } },
    });
    expect(clicks?.needed).toMatchObject({ ok: false, reason: expect.stringMatching(/--mde 2% does/) });
    expect(clicks?.now?.ok && clicks.now.value.detectable.ok).toBe(true);
    expect(latency).toMatchObject({
      alpha: 0.05,
      aim: 'non-inferiority',
      target: { relative: 0.03 },
    });
    expectNear(latency?.power ?? 0, 0.9);
    expect(errors?.target).toEqual({ absolute: 0.001 });
    expect(coverage?.needed).toMatchObject({ ok: false, reason: expect.stringMatching(/whole list/) });
    const last = document.curve.at(-1);
    expect(last?.day).toBeGreaterThanOrEqual(70);
    expect(last?.power[0]).toBeGreaterThan(0.75);
    expect(last?.power[4]).toBeNull();
  });

  it('--mde, --power and --days stand in for what was declared', async () => {
    const document = await plan('homepage-hybrid', { mde: '5%', power: '0.9', days: '14' });
    const [watch, clicks] = document.rows;
    expect(document.plannedDays).toBe(14);
    expect(watch).toMatchObject({ target: { relative: 0.05 }, power: 0.9 });
    expect(clicks?.target).toEqual({ relative: 0.05 });
  });

  it('an always-valid plan wants more units, one with looks fewer than that', async () => {
    const units = async (options: Partial<PlanOptions>) => {
      const [watch] = (await plan('homepage-hybrid', options)).rows;
      return watch?.needed.ok ? watch.needed.value.units : 0;
    };
    const once = await units({});
    const looks = await units({ interval: 'group-sequential' });
    const always = await units({ interval: 'always-valid', looksEvery: '7d' });
    expect(looks).toBeGreaterThan(once);
    expect(always).toBeGreaterThan(looks);
  });

  it('group-sequential reads looks and spending from the declaration', async () => {
    const declared = await plan('homepage-hybrid', { interval: 'group-sequential' });
    const given = await plan('homepage-hybrid', {
      interval: 'group-sequential',
      looks: '25%,50%,100%',
    });
    expect(declared.rows[0]?.needed).toEqual(given.rows[0]?.needed);
  });

  it('prints a table, a curve and what was assumed', async () => {
    const printed = await text('homepage-hybrid');
    expect(printed).toMatch(/Plan for homepage-hybrid \(demo\), from its first 10 days/);
    expect(printed).toMatch(/watch_hours +success +8\.40 h\/week +effect 2\.0 % .*145,492 +73 +37\.\d %/);
    expect(printed).toMatch(/errors +guardrail +0\.10 % +margin 0\.10 pp/);
    expect(printed).toMatch(/Power by the end of each day/);
    expect(printed).toMatch(/28 +56,000 +37\.\d %/);
    expect(printed).toMatch(/90 % for each of 2 guardrails, so that all hold together/);
    expect(printed).not.toMatch(/NaN|undefined|null/);
  });

  it('a day that is not over does not slow the pace', () => {
    const enrolment = enrolmentOf({ ...storedReport, cutoff: '2026-10-10T06:00:00.000Z' });
    expect(enrolment).toEqual({
      cumulative: [2, 4, 6, 8, 10, 12, 14, 16, 18].map((k) => k * 1e3),
      perDay: 2_000,
    });
  });

  it('an unknown key is answered with the nearest, one without a report with the way to one', async () => {
    const misspelt = await answerPlan(stored, 'homepage-hybird', DEFAULTS);
    expect(misspelt.code).toBe(2);
    expect(misspelt.stderr).toMatch(/did you mean homepage-hybrid\?/);
    const none = await answerPlan(stored, 'homepage-new', DEFAULTS);
    expect(none.code).toBe(1);
    expect(none.stderr).toMatch(/has no report yet/);
  });
});

describe('a plan from figures', () => {
  it('95 % / 5 %, 2 % of a click-through rate of 18.2 %', async () => {
    const document = await plan(undefined, {
      proportion: '18.2%',
      mde: '2%',
      weights: '95,5',
      unitsPerDay: '1,400,000',
    });
    expect(document.rows[0]?.needed).toEqual({
      ok: true,
      value: { treatment: 94_198, control: 1_789_745, units: 1_883_943, days: { ok: true, value: 2 } },
    });
  });

  it('three arms: planned for the smallest, alpha shared by the treatments', async () => {
    const document = await plan(undefined, { mean: '10', sd: '5', mde: '3%', weights: '50,30,20' });
    expect(document.comparisons).toBe(2);
    expect(document.rows[0]).toMatchObject({ alpha: 0.025, shares: { control: 0.5, treatment: 0.2 } });
    const needed = document.rows[0]?.needed;
    if (!needed?.ok) throw new Error('refused');
    expectNear(needed.value.units, (needed.value.treatment + needed.value.control) / 0.7, 1e-5);
    expect(needed.value.days).toMatchObject({ ok: false });
  });

  it('given units: the power and the effect that they detect', async () => {
    const document = await plan(undefined, { mean: '8.4', sd: '9', mde: '2%', units: '100000' });
    const now = document.rows[0]?.now;
    if (!now?.ok || !now.value.power.ok || !now.value.detectable.ok) throw new Error('refused');
    // R: power.t.test(n = 50000, delta = 0.168 or power = 0.8, sd = 9, strict = TRUE)
    expectNear(now.value.power.value, 0.839271608837, 1e-9);
    expectNear(now.value.detectable.value.relative ?? 0, 0.0189845669656, 1e-9);
  });

  it('non-inferiority, lower is better, an absolute margin, and a true effect against us', async () => {
    const base = { mean: '120', sd: '60', margin: 'abs:3.6', lowerIsBetter: true };
    const none = (await plan(undefined, base)).rows[0]?.needed;
    const worse = (await plan(undefined, { ...base, trueEffect: '1%' })).rows[0]?.needed;
    if (!none?.ok || !worse?.ok) throw new Error('refused');
    expect(worse.value.units).toBeGreaterThan(2 * none.value.units);
    const beyond = (await plan(undefined, { ...base, trueEffect: '5%' })).rows[0]?.needed;
    expect(beyond).toMatchObject({ ok: false, reason: expect.stringMatching(/beyond the margin/) });
  });

  it('an always-valid plan looks every day and tells how early it stops', async () => {
    const printed = await text(undefined, {
      mean: '8.4',
      sd: '9',
      mde: '2%',
      interval: 'always-valid',
      unitsPerDay: '10000',
      days: '28',
    });
    expect(printed).toMatch(
      /always-valid, may be judged at every look; 10,000 units a day, planned end: day 28/,
    );
    expect(printed).toMatch(/stopping at the first crossing uses \d+(\.\d+)? % of the planned units/);
  });

  it.each<[string, Partial<PlanOptions>, RegExp]>([
    ['nothing', {}, /name an experiment \(plan KEY\), or give figures/],
    ['no spread', { mean: '8', mde: '2%' }, /--sd is missing: write the standard deviation/],
    ['a bare effect', { proportion: '18%', mde: '2' }, /--mde "2": write a share of the control such as 2%/],
    ['a share of 182 %', { proportion: '182%', mde: '2%' }, /--proportion "182%"/],
    ['one weight', { proportion: '18%', mde: '2%', weights: '95' }, /--weights "95": name the parts/],
    ['power 100 %', { proportion: '18%', mde: '2%', power: '100%' }, /--power "100%"/],
    ['half a day', { proportion: '18%', mde: '2%', days: '1.5' }, /--days "1.5": write whole days/],
    ['no effect', { proportion: '18%' }, /--mde is missing/],
    [
      'an unknown interval',
      { proportion: '18%', mde: '2%', interval: 'bayes' },
      /--interval "bayes": it is one of/,
    ],
    ['no looks', { proportion: '18%', mde: '2%', interval: 'group-sequential' }, /--looks is missing/],
    [
      'falling looks',
      { proportion: '18%', mde: '2%', interval: 'group-sequential', looks: '50%,20%,100%' },
      /--looks "50%/,
    ],
    ['a spread of a share', { proportion: '18%', sd: '3', mde: '2%' }, /leave out --mean and --sd/],
  ])('%s is invalid input that names its mend', async (_, options, message) => {
    await expect(plan(undefined, options)).rejects.toThrow(InvalidInput);
    await expect(plan(undefined, options)).rejects.toThrow(message);
  });

  it('figures beside an experiment are invalid input', async () => {
    await expect(plan('homepage-hybrid', { unitsPerDay: '5' })).rejects.toThrow(/--units-per-day belongs/);
    await expect(plan('homepage-hybrid', { alpha: '1%' })).rejects.toThrow(/--alpha belongs/);
  });
});

describe('how quantities are read', () => {
  it.each([
    ['2%', { relative: 0.02 }],
    ['0.1pp', { absolute: 0.001 }],
    ['abs:0.5', { absolute: 0.5 }],
  ])('%s', (given, change) => expect(changeOf('--mde', given)).toEqual(change));

  it('weights sum to 1', () => expect(weightsOf('95/5')).toEqual([0.95, 0.05]));
});

describe('the command', () => {
  const folder = mkdtempSync(join(tmpdir(), 'screentest-plan-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const run = async (...args: string[]) => {
    const program = new Command().exitOverride();
    registerPlan(program);
    const written: string[] = [];
    const spy = vi
      .spyOn(process.stdout, 'write')
      .mockImplementation((part) => written.push(String(part)) > 0);
    try {
      await program.parseAsync(['node', 'screentest', 'plan', ...args]);
    } finally {
      spy.mockRestore();
      process.exitCode = undefined;
    }
    return written.join('');
  };

  it('reads a stored report', async () => {
    const path = join(folder, 'report.json');
    writeFileSync(path, JSON.stringify(storedReport));
    const document = JSON.parse(await run('homepage-hybrid', '--report', path, '--json')) as PlanDocument;
    expect(document.rows).toHaveLength(5);
  });

  it('plans from figures without a server', async () => {
    expect(await run('--mean', '8.4', '--sd', '9', '--mde', '2%')).toMatch(/90,104/);
  });

  it.each([
    ['a file that is not there', ['--report', 'nowhere.json'], /--report "nowhere.json": no such file/],
    ['a file that is no report', ['--report', join(folder, 'other.json')], /it is not a report/],
    ['an address without its scheme', ['--url', 'localhost:1'], /--url "localhost:1": it should read/],
  ])('%s is invalid input', async (_, args, message) => {
    writeFileSync(join(folder, 'other.json'), '{}');
    await expect(run('homepage-hybrid', ...args)).rejects.toThrow(message);
    await expect(run('homepage-hybrid', ...args)).rejects.toThrow(InvalidInput);
  });
});
