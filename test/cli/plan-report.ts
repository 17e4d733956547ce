import type { Comparison, Estimate, MetricReport, Report } from '../../src/analysis/report/report.ts';

/** A stored report of ten days, as `screentest report KEY --json` prints it, in what a plan reads. */

const UNITS = { treatment: 5_000, control: 15_000 };

const estimate = (value: number, standardError: number): Estimate => ({
  ok: true,
  estimate: value,
  standardError,
  interval: [value - 2 * standardError, value + 2 * standardError],
});

function comparison(
  standardError: number,
  role: MetricReport['role'],
  guardrail?: Pick<NonNullable<Comparison['guardrail']>, 'margin' | 'marginKind'>,
): Comparison {
  const absolute = estimate(0, standardError);
  const pair = {
    ok: true,
    absolute,
    relative: absolute,
    p: 1,
    method: "Welch's t",
    n: UNITS.treatment + UNITS.control,
  } as const;
  return {
    arm: 'hybrid',
    control: 'mf-only',
    absolute,
    relative: absolute,
    interval: {
      kind: 'fixed',
      level: 0.975,
      coverage: role === 'success' ? 'step-wise' : 'marginal',
      correction: role === 'success' ? 'holm' : 'none',
      sides: 'two-sided',
    },
    fixedHorizon: pair,
    alwaysValid: pair,
    statistic: 0,
    df: 9_000,
    p: 1,
    pAdjusted: 1,
    method: "Welch's t",
    outcome: 'inconclusive',
    ...(guardrail && { guardrail: { ...guardrail, state: 'unproven', harm: [-1, 1] } }),
  };
}

function metric(
  key: string,
  role: MetricReport['role'],
  control: number,
  compared: Comparison,
  more: Partial<MetricReport> = {},
): MetricReport {
  return {
    key,
    name: key,
    description: '',
    role,
    kind: 'mean',
    unit: '',
    direction: 'higher-is-better',
    maturity: { mature: 20_000, exposed: 20_000, completeAt: null, ready: true },
    arms: [
      { arm: 'mf-only', n: UNITS.control, value: control },
      { arm: 'hybrid', n: UNITS.treatment, value: control },
    ],
    comparisons: [compared],
    correction: '',
    ...more,
  };
}

const dates = Array.from({ length: 10 }, (_, day) => `2026-10-${String(day + 1).padStart(2, '0')}`);

export const storedReport = {
  schema: 'screentest/report/v1',
  environment: 'demo',
  experiment: {
    key: 'homepage-hybrid',
    owner: 'recs',
    hypothesis: '',
    design: 'ab',
    iteration: 1,
    control: 'mf-only',
    surface: 'homepage',
    variants: [
      { key: 'mf-only', weight: 0.75, pipeline: null },
      { key: 'hybrid', weight: 0.25, pipeline: null },
    ],
    alpha: 0.05,
    maturity: { days: 7, unitsPerArm: 5_000 },
    yaml: 'analysis: {alpha: 5%, interval: group-sequential, looks: [7d, 14d, 28d], spending: pocock}',
  },
  state: 'collecting',
  day: 10,
  plannedDays: 28,
  start: '2026-10-01T00:00:00.000Z',
  end: '2026-10-29T00:00:00.000Z',
  observeUntil: '2026-11-05T00:00:00.000Z',
  cutoff: '2026-10-11T00:00:00.000Z',
  configuration: 'c0ffee',
  verdict: { decision: 'keep-running', variant: null, summary: '', reasons: [] },
  health: [],
  metrics: [
    // Spread of 9 h a unit: 9 sqrt(1 / 5,000 + 1 / 15,000).
    metric('watch_hours', 'success', 8.4, comparison(9 * Math.sqrt(1 / 5_000 + 1 / 15_000), 'success'), {
      minimumEffect: 0.02,
      unit: 'h/week',
    }),
    metric('clicks', 'success', 0.182, comparison(0.003, 'success'), { unit: '%', kind: 'ratio' }),
    metric(
      'latency_p95',
      'guardrail',
      120,
      comparison(1, 'guardrail', { margin: 0.03, marginKind: 'relative' }),
      { unit: 'ms', kind: 'quantile', direction: 'lower-is-better' },
    ),
    metric(
      'errors',
      'guardrail',
      0.001,
      comparison(0.0005, 'guardrail', { margin: 0.001, marginKind: 'absolute' }),
      { unit: '%', direction: 'lower-is-better' },
    ),
    metric('coverage', 'secondary', 0.6, comparison(0.01, 'secondary'), { unit: '%', kind: 'coverage' }),
  ],
  daily: [],
  exposures: dates.flatMap((date, day) => [
    { date, variant: 'mf-only', units: 1_500, cumulative: 1_500 * (day + 1) },
    { date, variant: 'hybrid', units: 500, cumulative: 500 * (day + 1) },
  ]),
  segments: [],
} satisfies Report;
