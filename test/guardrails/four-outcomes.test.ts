import { describe, expect, it } from 'vitest';
import type { HealthAggregates, MetricAggregates, Moments } from '../../src/analysis/aggregates.ts';
import { reportMarkdown } from '../../src/analysis/report/markdown.ts';
import type { Report } from '../../src/analysis/report/report.ts';
import { analyze } from '../../src/analyze.ts';
import type { Experiment } from '../../src/declarations.ts';
import {
  aggregatesOf,
  experimentOf,
  healthOf,
  meanMoments,
  metricOf,
  rateMoments,
} from '../support/evidence.ts';

/** The outcomes that a report must tell apart, on one plan: engagement to win, p95 latency and retention to keep. */
const METRICS = [
  metricOf('engagement', { name: 'Engagement', unit: 'min/week' }),
  metricOf('p95', {
    name: 'p95 latency',
    kind: 'quantile',
    q: 0.95,
    unit: 'ms',
    direction: 'lower-is-better',
  }),
  metricOf('sessions', { name: 'Sessions', unit: 'per week' }),
];

const EXPERIMENT = experimentOf({
  metrics: {
    success: [{ metric: 'engagement', minimumEffect: 0.02 }],
    guardrails: [
      { metric: 'p95', margin: { relative: 0.1 }, limit: 200 },
      { metric: 'sessions', margin: { relative: 0.05 } },
    ],
    secondary: [],
  },
  analysis: { ...experimentOf().analysis, segments: ['device'], exploratory: ['country'] },
});

const UNITS = { mobile: 12_000, desktop: 8000 } as const;
const CONTROL = 60;
const SD = 45;

interface World {
  /** Relative effect on engagement by device. */
  readonly mobile: number;
  readonly desktop: number;
  /** p95 of the treatment, ms; the control's is 100. */
  readonly p95?: number;
  /** Relative effect on sessions on mobile. */
  readonly sessions?: number;
  readonly attribute?: string;
}

const added = (a: Moments, b: Moments): Moments => ({
  n: a.n + b.n,
  y: a.y + b.y,
  yy: a.yy + b.yy,
  x: a.x + b.x,
  xx: a.xx + b.xx,
  xy: a.xy + b.xy,
});

function cut(
  metric: string,
  attribute: string,
  mean: number,
  sd: number,
  effects: readonly number[],
): MetricAggregates {
  const arms = ([units, effect]: readonly [number, number]) => [
    { variant: 'popular', moments: meanMoments(units, mean, sd) },
    { variant: 'hybrid', moments: meanMoments(units, mean * (1 + effect), sd) },
  ];
  const [mobile, desktop] = [arms([UNITS.mobile, effects[0] ?? 0]), arms([UNITS.desktop, effects[1] ?? 0])];
  const whole = mobile.map(({ variant, moments }, index) => ({
    variant,
    moments: added(moments, desktop[index]?.moments ?? moments),
  }));
  const units = whole.reduce((sum, { moments }) => sum + moments.n, 0);
  return {
    metric,
    arms: whole,
    mature: units,
    exposed: units,
    completeAt: 0,
    daily: [],
    segments: [
      { attribute, value: 'mobile', arms: mobile },
      { attribute, value: 'desktop', arms: desktop },
    ],
  };
}

function reportOf(
  world: World,
  overrides: Partial<Experiment> = {},
  health: Partial<HealthAggregates> = {},
): Report {
  const { mobile, desktop, p95 = 100, sessions = 0, attribute = 'device' } = world;
  const units = UNITS.mobile + UNITS.desktop;
  const latency = (variant: string, value: number) => ({
    variant,
    value,
    moments: rateMoments(units, 0.95, 0.3),
    density: 0.002,
  });
  return analyze(
    { ...EXPERIMENT, ...overrides },
    METRICS,
    {
      ...aggregatesOf(),
      health: healthOf({ popular: units, hybrid: units }, health),
      metrics: [
        cut('engagement', attribute, CONTROL, SD, [mobile, desktop]),
        cut('sessions', attribute, 10, 8, [sessions, 0]),
      ],
      quantiles: [{ metric: 'p95', q: 0.95, arms: [latency('popular', 100), latency('hybrid', p95)] }],
    },
    'c0ffee',
  );
}

describe('the four outcomes', () => {
  it('a clear winner ships to all', () => {
    const { verdict } = reportOf({ mobile: 0.05, desktop: 0.05 });
    expect(verdict).toMatchObject({ decision: 'ship', variant: 'hybrid' });
    expect(verdict.segment).toBeUndefined();
    expect(verdict.summary).toMatch(/^Ship hybrid: Engagement: \+5\.0 %.*all 2 guardrails non-inferior/);
  });

  it('a win of 5 % with latency up by half must not ship', () => {
    const report = reportOf({ mobile: 0.05, desktop: 0.05, p95: 150 });
    const { verdict } = report;
    // The declared rule rolls back on any breach, which is more than not shipping.
    expect(verdict).toMatchObject({ decision: 'roll-back', variant: 'hybrid' });
    expect(verdict.summary).toMatch(
      /^Do not ship hybrid, roll it back: p95 latency: breach .*margin 10\.0 %/,
    );
    expect(verdict.summary).toMatch(/No gain makes up for it \(Engagement: \+5\.0 %.*superior\)/);
    expect(report.metrics.find(({ key }) => key === 'p95')?.comparisons[0]).toMatchObject({
      outcome: 'worse',
      relative: { estimate: 0.5 },
      guardrail: { state: 'breach' },
    });
    expect(reportMarkdown(report)).toContain('## Verdict: roll-back (hybrid)\n\nDo not ship hybrid');
  });

  it('no difference is undecided, or not shipped where that is declared', () => {
    const undecided = reportOf({ mobile: 0, desktop: 0 }).verdict;
    expect(undecided).toMatchObject({ decision: 'undecided', variant: null });
    expect(undecided.summary).toMatch(/no success metric is shown superior/);
    const decision = { ...EXPERIMENT.decision, otherwise: 'do-not-ship' as const };
    expect(reportOf({ mobile: 0, desktop: 0 }, { decision }).verdict.decision).toBe('do-not-ship');
  });

  it('opposite effects ship to the segment that gains, with the corrected evidence', () => {
    const report = reportOf({ mobile: 0.06, desktop: -0.09 });
    const { verdict } = report;
    expect(verdict).toMatchObject({
      decision: 'ship',
      variant: 'hybrid',
      segment: { attribute: 'device', value: 'mobile' },
    });
    expect(verdict.summary).toMatch(/^Ship hybrid to device = mobile only: Engagement \+6\.0 %/);
    expect(verdict.reasons.slice(0, 3).map(({ clause, holds }) => [clause, holds])).toEqual([
      ['segment superior', true],
      ['segment differs from the rest', true],
      ['guardrail non-inferior in the segment', true],
    ]);
    const row = report.segments.find(({ value }) => value === 'mobile');
    expect(row?.pAdjusted).toBeLessThan(0.05);
    expect(row?.interaction.pAdjusted).toBeLessThan(0.05);
    // 6 % and -9 % of 60: the segments are 3.6 and -5.4 away from no effect.
    expect(row?.interaction.difference).toMatchObject({ ok: true, estimate: expect.closeTo(9, 9) });
  });

  it('also where the whole is significantly worse', () => {
    const { verdict } = reportOf({ mobile: 0.06, desktop: -0.2 });
    expect(verdict.segment).toEqual({ attribute: 'device', value: 'mobile' });
    expect(verdict.summary).toMatch(/over all units it is worse/);
  });
});

describe('a segment is not shipped to', () => {
  it.each<[string, World, Partial<Experiment>, string]>([
    ['when it was only explored', { mobile: 0.06, desktop: -0.09, attribute: 'country' }, {}, 'undecided'],
    [
      'when a guardrail is harmed in it',
      { mobile: 0.06, desktop: -0.09, sessions: -0.08 },
      {},
      'do-not-ship',
    ],
    [
      'when it gains, but is not shown to differ from the rest',
      { mobile: 0.022, desktop: 0 },
      {},
      'undecided',
    ],
    ['when latency breaches for all', { mobile: 0.06, desktop: -0.09, p95: 150 }, {}, 'roll-back'],
  ])('%s', (_, world, overrides, decision) => {
    const { verdict } = reportOf(world, overrides);
    expect(verdict.decision).toBe(decision);
    expect(verdict.segment).toBeUndefined();
  });

  it('where its own sample ratio is off', () => {
    const arms = [
      { variant: 'popular', units: 12_000 },
      { variant: 'hybrid', units: 12_800 },
    ];
    const cuts = [{ by: 'device', value: 'mobile', arms }];
    const report = reportOf({ mobile: 0.06, desktop: -0.09 }, {}, { cuts });
    expect(report.health.find(({ key }) => key === 'sample-ratio')?.status).toBe('warn');
    expect(report.verdict).toMatchObject({ decision: 'undecided' });
    expect(report.verdict.segment).toBeUndefined();
  });

  it('before the planned end of a fixed horizon', () => {
    expect(reportOf({ mobile: 0.06, desktop: -0.09 }, { durationMs: 60 * 86_400_000 }).verdict.decision).toBe(
      'keep-running',
    );
  });
});
