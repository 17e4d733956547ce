import { describe, expect, it } from 'vitest';
import type { ArmMoments, Moments } from '../src/analysis/aggregates.ts';
import { reportMarkdown } from '../src/analysis/report/markdown.ts';
import { VERDICTS } from '../src/analysis/report/report.ts';
import { analyze } from '../src/analyze.ts';
import type { Experiment } from '../src/declarations.ts';
import {
  aggregatesOf,
  DAY,
  experimentOf,
  healthOf,
  METRICS,
  meanMoments,
  metricOf,
  rateMoments,
  type Situation,
  START,
  sumsOf,
} from './support/evidence.ts';

const reportOf = (situation: Situation = {}, overrides: Partial<Experiment> = {}) =>
  analyze(experimentOf(overrides), METRICS, aggregatesOf(situation), 'c0ffee');

const decisionRule = (
  rollBack: 'any-breach' | 'any-harm',
  otherwise: 'undecided' | 'do-not-ship' = 'undecided',
) => ({
  decision: { ...experimentOf().decision, rollBack: { guardrails: rollBack }, otherwise },
});

describe('verdict', () => {
  const alwaysValid = { analysis: { ...experimentOf().analysis, interval: 'always-valid' as const } };
  const cases: readonly [string, Situation, Partial<Experiment>, string, string | null, RegExp][] = [
    ['a clear winner ships', { watch: [8, 9] }, {}, 'ship', 'hybrid', /Ship hybrid: Watch time.*\+12\.5 %/],
    [
      'a win with a guardrail breached rolls back',
      { watch: [8, 9], session: [42, 39] },
      {},
      'roll-back',
      'hybrid',
      /Session length: breach/,
    ],
    [
      'a win with a guardrail harmed does not ship',
      { watch: [8, 9], session: [42, 41.2] },
      {},
      'do-not-ship',
      'hybrid',
      /Session length: harm/,
    ],
    [
      'the same rolls back where any harm is declared to',
      { watch: [8, 9], session: [42, 41.2] },
      decisionRule('any-harm'),
      'roll-back',
      'hybrid',
      /Session length: harm/,
    ],
    ['no difference is undecided', {}, {}, 'undecided', null, /no success metric is shown superior/],
    [
      'no difference does not ship where that is declared',
      {},
      decisionRule('any-breach', 'do-not-ship'),
      'do-not-ship',
      'hybrid',
      /no success metric is shown superior/,
    ],
    [
      'a loser does not ship',
      { watch: [9, 8] },
      {},
      'do-not-ship',
      'hybrid',
      /significantly worse: Watch time/,
    ],
    [
      'a failed sample ratio is invalid',
      { watch: [8, 9], units: [5000, 4500] },
      {},
      'invalid',
      null,
      /Sample ratio/,
    ],
    [
      'crossed units are invalid',
      { watch: [8, 9], health: { crossed: 300 } },
      {},
      'invalid',
      null,
      /Units in several arms/,
    ],
    [
      'incomplete windows keep running',
      { watch: [8, 9], immature: true },
      {},
      'keep-running',
      null,
      /not enough complete/,
    ],
    [
      'before the planned day it keeps running',
      { watch: [8, 9], day: 20 },
      {},
      'keep-running',
      null,
      /day 20 of 28/,
    ],
    [
      'always-valid intervals may ship before it',
      { watch: [8, 9], day: 20 },
      alwaysValid,
      'ship',
      'hybrid',
      /Ship/,
    ],
    ['but not before maturity', { watch: [8, 9], day: 10 }, alwaysValid, 'keep-running', null, /day 10/],
    [
      'a guardrail that is only not proven harmful holds the ship',
      { watch: [8, 9], session: [42, 41.6], units: [1500, 1500] },
      {},
      'undecided',
      null,
      /Session length: unproven/,
    ],
    [
      'a breach rolls back before the planned day',
      { watch: [8, 9], session: [42, 39], day: 6 },
      {},
      'roll-back',
      'hybrid',
      /breach/,
    ],
    [
      'but not on a handful of units',
      { watch: [8, 9], session: [42, 20], day: 1, units: [60, 60] },
      {},
      'keep-running',
      null,
      /not enough complete windows/,
    ],
    [
      'a limit passed by the treatment alone rolls back',
      { watch: [8, 9], errors: [0.0002, 0.008] },
      {},
      'roll-back',
      'hybrid',
      /past its limit 0\.10 %/,
    ],
    [
      'failing health holds the ship',
      { watch: [8, 9], health: { deadLetters: 9000 } },
      {},
      'undecided',
      null,
      /Unusable/,
    ],
    [
      'too few units when all is over is undecided',
      { watch: [8, 9], units: [400, 400], day: 36 },
      {},
      'undecided',
      null,
      /observation is over. not enough complete windows/,
    ],
    ['before the start it keeps running', { day: -1 }, {}, 'keep-running', null, /not started/],
  ];
  it.each(cases)('%s', (_, situation, overrides, decision, variant, summary) => {
    const { verdict } = reportOf(situation, overrides);
    expect([verdict.decision, verdict.variant]).toEqual([decision, variant]);
    expect(verdict.summary).toMatch(summary);
    expect(verdict.reasons.length).toBeGreaterThan(0);
    expect(VERDICTS).toContain(verdict.decision);
  });

  it('an A/A test never ships, even when chance makes a winner', () => {
    const variants = [
      { key: 'popular', weight: 0.5 },
      { key: 'hybrid', weight: 0.5 },
    ];
    const same = reportOf({ watch: [8, 9] }, { variants });
    expect(same.verdict.decision).toBe('do-not-ship');
    expect(same.verdict.summary).toMatch(/look for a fault/);
    expect(reportOf({}, { variants }).verdict.summary).toMatch(/nothing to ship/);
    expect(reportOf({ day: 15 }, { variants }).verdict.decision).toBe('keep-running');
  });

  it('every clause carries its number', () => {
    const { reasons } = reportOf({ watch: [8, 9] }).verdict;
    for (const { text } of reasons) expect(text).toMatch(/\d|health|no check/);
    expect(reasons.map(({ clause }) => clause)).toEqual([
      'health passes',
      'windows complete',
      'planned duration',
      'success metric superior',
      'no success metric worse',
      'guardrail non-inferior',
      'guardrail non-inferior',
      'limit kept',
    ]);
    expect(reasons.every(({ holds }) => holds === true)).toBe(true);
  });
});

describe('several variants', () => {
  const experiment = experimentOf({
    variants: ['popular', 'mf', 'hybrid'].map((key) => ({
      key,
      weight: 1 / 3,
      pipeline: [{ stage: 'candidates', parameters: { key } }],
    })),
    metrics: {
      success: [{ metric: 'watch' }],
      guardrails: [{ metric: 'session', margin: { relative: 0.02 } }],
      secondary: [],
    },
  });
  const aggregates = (watch: readonly number[], session: readonly number[]) => {
    const arms = (means: readonly number[], sd: number) =>
      Object.fromEntries(
        experiment.variants.map(({ key }, index) => [key, meanMoments(4000, means[index] ?? 0, sd)]),
      );
    return {
      ...aggregatesOf(),
      health: healthOf({ popular: 4000, mf: 4000, hybrid: 4000 }),
      metrics: [sumsOf('watch', arms(watch, 6)), sumsOf('session', arms(session, 10))],
    };
  };

  it('corrects over metrics x variants and names the better one', () => {
    const report = analyze(experiment, METRICS, aggregates([8, 8.6, 9], [42, 42, 42]), 'c');
    const [first, second] = report.metrics[0]?.comparisons ?? [];
    expect(first?.arm).toBe('mf');
    expect(second?.pAdjusted).toBeCloseTo(2 * (second?.p ?? 1), 15);
    expect(report.metrics[0]?.correction).toMatch(/Holm over 2 comparisons/);
    expect([report.verdict.decision, report.verdict.variant]).toEqual(['ship', 'hybrid']);
  });

  it('ships the one whose guardrails hold, and rolls back only where none can ship', () => {
    const one = analyze(experiment, METRICS, aggregates([8, 8.6, 9], [42, 42, 38]), 'c');
    expect([one.verdict.decision, one.verdict.variant]).toEqual(['ship', 'mf']);
    const none = analyze(experiment, METRICS, aggregates([8, 8, 9], [42, 42, 38]), 'c');
    expect([none.verdict.decision, none.verdict.variant]).toEqual(['roll-back', 'hybrid']);
  });
});

describe('interleaving', () => {
  const experiment = experimentOf({
    design: 'interleaving',
    metrics: { success: [{ metric: 'watch' }], guardrails: [], secondary: [] },
  });
  const verdictOf = (firstWins: number, secondWins: number, day = 28) =>
    analyze(
      experiment,
      METRICS,
      {
        ...aggregatesOf({ day }),
        preference: {
          variants: ['popular', 'hybrid'],
          n: firstWins + secondWins + 400,
          d: secondWins - firstWins,
          dd: firstWins + secondWins,
          firstWins,
          ties: 400,
          secondWins,
          impressions: 9000,
        },
      },
      'c',
    );

  it.each([
    ['the treatment preferred', 500, 650, 28, 'ship', 'hybrid'],
    ['the control preferred', 650, 500, 28, 'do-not-ship', 'hybrid'],
    ['neither', 560, 590, 28, 'undecided', null],
    ['too early', 500, 650, 20, 'keep-running', null],
    ['too few', 5, 65, 28, 'keep-running', null],
  ] as const)('%s', (_, first, second, day, decision, variant) => {
    const { verdict } = verdictOf(first, second, day);
    expect([verdict.decision, verdict.variant]).toEqual([decision, variant]);
  });

  it('shows both rankers to every unit: no comparisons of arms, no sample ratio', () => {
    const report = verdictOf(500, 650);
    expect(report.metrics[0]?.comparisons).toEqual([]);
    expect(report.health.some(({ key }) => key === 'sample-ratio')).toBe(false);
    // R: binom.test(650, 1150)$p.value
    expect(report.interleaving?.p).toBeCloseTo(1.0843354718e-5, 14);
    expect(report.interleaving?.winner).toBe('hybrid');
  });

  it('sets the t interval and a repeatable bootstrap beside the sign test', () => {
    const aggregates = {
      ...aggregatesOf(),
      preference: {
        variants: ['popular', 'hybrid'] as const,
        n: 1550,
        d: 150,
        dd: 1150,
        firstWins: 500,
        ties: 400,
        secondWins: 650,
        impressions: 9000,
        histogram: [
          { difference: -1, units: 500 },
          { difference: 0, units: 400 },
          { difference: 1, units: 650 },
        ],
      },
    };
    const report = analyze(experiment, METRICS, aggregates, 'c');
    const found = report.interleaving;
    // R: prop.test(650, 1150, correct = FALSE)$p.value
    expect(found?.pNormal).toBeCloseTo(9.72232145302e-6, 15);
    expect(found?.creditDifference).toMatchObject({ ok: true, estimate: 150 / 1550 });
    const [t, resampled] = [found?.creditDifference, found?.bootstrap?.creditDifference];
    expect(resampled?.ok && t?.ok && resampled.standardError / t.standardError).toBeCloseTo(1, 1);
    expect(analyze(experiment, METRICS, aggregates, 'c')).toEqual(report);
    expect(reportMarkdown(report)).toMatch(/Bootstrap over units, 2,000 resamples: preference \+6\.52 pp/);
  });
});

describe('intervals made for looking early', () => {
  const looking = (interval: 'always-valid' | 'group-sequential', overrides: Partial<Experiment> = {}) => ({
    analysis: { ...experimentOf().analysis, interval, looks: [14, 21, 28], spending: 'pocock' as const },
    ...overrides,
  });
  const verdictOf = (
    overrides: Partial<Experiment>,
    day: number,
    watch: readonly [number, number] = [8, 9],
  ) => {
    const aggregates = aggregatesOf({ watch, day });
    // Units come in evenly, so that each look has its share of them.
    const daily = (arms: readonly ArmMoments[]) =>
      Array.from({ length: day }, (_, index) => ({
        day: index + 1,
        arms: arms.map(({ variant, moments }) => ({
          variant,
          moments: Object.fromEntries(
            Object.entries(moments).map(([key, sum]) => [key, (sum * (index + 1)) / day]),
          ) as unknown as Moments,
        })),
      }));
    return analyze(
      experimentOf(overrides),
      METRICS,
      { ...aggregates, metrics: aggregates.metrics.map((sums) => ({ ...sums, daily: daily(sums.arms) })) },
      'c',
    ).verdict;
  };

  it('ship at a look that the plan declares, not before', () => {
    expect(verdictOf(looking('group-sequential'), 21).decision).toBe('ship');
    const early = { ...experimentOf().analysis.maturity, days: 5 };
    const before = verdictOf({ analysis: { ...looking('group-sequential').analysis, maturity: early } }, 10);
    expect(before.decision).toBe('keep-running');
    expect(before.reasons.find(({ clause }) => clause === 'success metric superior')?.text).toMatch(
      /first look is at the end of day 14/,
    );
  });

  it('do not hurry a guardrail that is judged once', () => {
    const metrics = [...METRICS, metricOf('p95', { name: 'p95', kind: 'quantile', q: 0.95, unit: 'ms' })];
    const at = (day: number) =>
      analyze(
        experimentOf(
          looking('always-valid', {
            metrics: {
              success: [{ metric: 'watch' }],
              guardrails: [{ metric: 'p95', margin: { relative: 0.5 } }],
              secondary: [],
            },
          }),
        ),
        metrics,
        {
          ...aggregatesOf({ watch: [8, 9], day }),
          quantiles: [
            {
              metric: 'p95',
              q: 0.95,
              arms: ['popular', 'hybrid'].map((variant) => ({
                variant,
                value: 90,
                moments: rateMoments(5000, 0.95, 0.3),
                density: 0.002,
              })),
            },
          ],
        },
        'c',
      ).verdict;
    expect(at(20).decision).toBe('keep-running');
    expect(at(20).summary).toMatch(/judged once, at the end: p95/);
    expect(at(28).decision).toBe('ship');
  });
});

describe('report', () => {
  it('has the state, day, dates and cumulative exposures', () => {
    const report = reportOf({ watch: [8, 9] });
    expect(report).toMatchObject({
      schema: 'screentest/report/v1',
      environment: 'demo',
      state: 'ready',
      day: 28,
      plannedDays: 28,
      start: '2026-10-01T00:00:00.000Z',
      end: '2026-10-29T00:00:00.000Z',
      observeUntil: '2026-11-05T00:00:00.000Z',
      cutoff: '2026-10-29T00:00:00.000Z',
      configuration: 'c0ffee',
    });
    expect(report.exposures).toEqual([
      { date: '2026-10-01', variant: 'popular', units: 5000, cumulative: 5000 },
      { date: '2026-10-01', variant: 'hybrid', units: 5000, cumulative: 5000 },
    ]);
    expect(report.daily.map(({ metric, day, date }) => [metric, day, date])).toContainEqual([
      'watch',
      1,
      '2026-10-01',
    ]);
    expect(report.segments.map(({ value, metric }) => [value, metric])).toEqual([
      ['tv', 'watch'],
      ['phone', 'watch'],
    ]);
  });

  it.each([
    [{ day: -1 }, 'not-started'],
    [{ units: [0, 0] as const }, 'collecting'],
    [{ immature: true }, 'immature'],
    [{ day: 10 }, 'immature'],
    [{ units: [400, 400] as const }, 'immature'],
    [{}, 'ready'],
    [{ units: [5000, 4000] as const }, 'invalid'],
  ])('%o is %s', (situation, state) => {
    expect(reportOf(situation).state).toBe(state);
  });

  it('never holds a number that JSON cannot', () => {
    for (const situation of [
      {},
      { units: [1, 1] as const },
      { units: [0, 3] as const },
      { sd: 0 },
      { watch: [0, 0] as const },
    ]) {
      const walk = (value: unknown): void => {
        if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
        else if (value !== null && typeof value === 'object') Object.values(value).forEach(walk);
      };
      const report = reportOf(situation);
      walk(report);
      expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    }
  });

  it('no error in either arm still bounds the harm', () => {
    const errors = reportOf({ watch: [8, 9] }).metrics.find(({ key }) => key === 'errors')?.comparisons[0];
    expect(errors?.guardrail?.state).toBe('safe');
    expect(errors?.guardrail?.harm[1]).toBeGreaterThan(0);
    expect(errors?.relative).toEqual({ ok: false, reason: expect.stringMatching(/control is 0/) });
    expect(errors?.p).toBeNull();
  });

  it('a metric without data says so', () => {
    const bare = { ...aggregatesOf(), metrics: [] };
    const metric = analyze(experimentOf(), METRICS, bare, 'c').metrics[0];
    expect(metric?.comparisons[0]?.absolute).toEqual({ ok: false, reason: 'no data for popular' });
    expect(metric?.arms.map(({ value }) => value)).toEqual([null, null]);
  });

  it('reads quantiles and coverage from their own aggregates', () => {
    const experiment = experimentOf({
      metrics: {
        success: [{ metric: 'watch' }],
        guardrails: [{ metric: 'p95', margin: { relative: 0.1 }, limit: 150 }],
        secondary: ['coverage'],
      },
    });
    const metrics = [
      ...METRICS,
      metricOf('p95', { kind: 'quantile', q: 0.95, unit: 'ms', direction: 'lower-is-better' }),
      metricOf('coverage', { kind: 'coverage', unit: '%' }),
    ];
    const moments = { ...rateMoments(5000, 0.95, 0.3) };
    const report = analyze(
      experiment,
      metrics,
      {
        ...aggregatesOf({ watch: [8, 9] }),
        quantiles: [
          {
            metric: 'p95',
            q: 0.95,
            arms: [
              { variant: 'popular', value: 80, moments, density: 0.002 },
              { variant: 'hybrid', value: 120, moments, density: 0.002 },
            ],
          },
        ],
        coverage: [
          {
            metric: 'coverage',
            unitsPerArm: 2000,
            catalogueSize: 15_000,
            arms: [
              { variant: 'popular', titles: 300, resamples: [290, 300, 310] },
              { variant: 'hybrid', titles: 9000, resamples: [8990, 9000, 9010] },
            ],
          },
        ],
      },
      'c',
    );
    const [p95, coverage] = ['p95', 'coverage'].map((key) =>
      report.metrics.find((metric) => metric.key === key),
    );
    expect(p95?.comparisons[0]).toMatchObject({
      outcome: 'worse',
      guardrail: { state: 'breach', limit: { holds: true } },
    });
    expect(coverage?.arms.map(({ value }) => value)).toEqual([0.02, 0.6]);
    expect(report.verdict.decision).toBe('roll-back');
    expect(report.health.find(({ key }) => key === 'latency')?.value).toBe(
      'popular 80.00 ms, hybrid 120.0 ms',
    );
  });

  it('a cut-off in the middle of a day belongs to that day', () => {
    const aggregates = { ...aggregatesOf(), cutoff: START + 2.5 * DAY };
    expect(analyze(experimentOf(), METRICS, aggregates, 'c').day).toBe(3);
  });
});
