import type {
  Comparison,
  Estimate,
  GuardrailState,
  HealthCard,
  IntervalPromise,
  MetricReport,
  Report,
} from '../../src/analysis/report/report.ts';

/** A report as an analysis of the published test would make it: figures near the brief's table, all consistent. */

const DAY = 86_400_000;
const START = Date.UTC(2026, 9, 1);
const PER_ARM = 5000;
const iso = (ms: number) => new Date(ms).toISOString();
const date = (day: number) => iso(START + (day - 1) * DAY).slice(0, 10);

interface Spec {
  readonly key: string;
  readonly name: string;
  readonly unit: string;
  readonly kind: MetricReport['kind'];
  readonly role: MetricReport['role'];
  readonly control: number;
  readonly treatment: number;
  /** Standard error of the lift. */
  readonly error: number;
  readonly lower?: boolean;
  readonly margin?: number;
  readonly limit?: number;
  readonly minimumEffect?: number;
}

const SPECS: readonly Spec[] = [
  {
    key: 'click_through_rate',
    name: 'Click-through rate',
    unit: '%',
    kind: 'ratio',
    role: 'success',
    control: 0.1823,
    treatment: 0.2409,
    error: 0.011,
  },
  {
    key: 'watch_hours_per_week',
    name: 'Watch time',
    unit: 'h/week',
    kind: 'mean',
    role: 'success',
    control: 8.41,
    treatment: 11.08,
    error: 0.024,
    minimumEffect: 0.02,
  },
  {
    key: 'session_minutes',
    name: 'Session duration',
    unit: 'min',
    kind: 'ratio',
    role: 'success',
    control: 42.1,
    treatment: 50.7,
    error: 0.013,
  },
  {
    key: 'genres_per_week',
    name: 'Genres',
    unit: 'genres/week',
    kind: 'mean',
    role: 'success',
    control: 2.31,
    treatment: 3.08,
    error: 0.016,
  },
  {
    key: 'retention_7d',
    name: '7-day retention',
    unit: '%',
    kind: 'proportion',
    role: 'success',
    control: 0.681,
    treatment: 0.729,
    error: 0.013,
  },
  {
    key: 'retention_30d',
    name: '30-day retention',
    unit: '%',
    kind: 'proportion',
    role: 'success',
    control: 0.821,
    treatment: 0.828,
    error: 0.0092,
  },
  {
    key: 'bounce_rate',
    name: 'Bounce rate',
    unit: '%',
    kind: 'ratio',
    role: 'guardrail',
    control: 0.212,
    treatment: 0.189,
    error: 0.017,
    lower: true,
    margin: 0.02,
  },
  {
    key: 'latency_p95_ms',
    name: 'Latency p95',
    unit: 'ms',
    kind: 'quantile',
    role: 'guardrail',
    control: 31.2,
    treatment: 33.4,
    error: 0.012,
    lower: true,
    margin: 0.1,
    limit: 150,
  },
  {
    key: 'error_rate',
    name: 'Error rate',
    unit: '%',
    kind: 'ratio',
    role: 'guardrail',
    control: 0,
    treatment: 0,
    error: 0.2,
    lower: true,
    margin: 0.001,
    limit: 0.001,
  },
  {
    key: 'revenue_per_user',
    name: 'Revenue per user',
    unit: 'USD',
    kind: 'mean',
    role: 'guardrail',
    control: 11.92,
    treatment: 12.01,
    error: 0.009,
    margin: 0.02,
  },
  {
    key: 'selection_seconds',
    name: 'Selection time',
    unit: 's',
    kind: 'mean',
    role: 'secondary',
    control: 61.2,
    treatment: 47.9,
    error: 0.014,
    lower: true,
  },
  {
    key: 'catalogue_coverage',
    name: 'Catalogue coverage',
    unit: '%',
    kind: 'coverage',
    role: 'secondary',
    control: 0.071,
    treatment: 0.824,
    error: 0.31,
  },
  {
    key: 'support_tickets',
    name: 'Support tickets',
    unit: 'per user',
    kind: 'mean',
    role: 'secondary',
    control: 0.0412,
    treatment: 0.0431,
    error: 0.09,
    lower: true,
  },
];

const relative = (spec: Spec, error = spec.error): Estimate => {
  if (spec.control === 0) return { ok: false, reason: 'the control is 0, so there is no lift' };
  const estimate = spec.treatment / spec.control - 1;
  return {
    ok: true,
    estimate,
    standardError: error,
    interval: [estimate - 1.96 * error, estimate + 1.96 * error],
  };
};

function absolute(spec: Spec): Estimate {
  const estimate = spec.treatment - spec.control;
  const error = spec.control === 0 ? 0.0002 : spec.error * spec.control;
  return {
    ok: true,
    estimate,
    standardError: error,
    interval: [estimate - 1.96 * error, estimate + 1.96 * error],
  };
}

function stateOf(low: number, high: number, margin: number): GuardrailState {
  if (low > margin) return 'breach';
  if (high < margin) return low > 0 ? 'safe-but-worse' : 'safe';
  return low > 0 ? 'harm' : 'unproven';
}

const PROMISE: IntervalPromise = {
  kind: 'fixed',
  level: 0.9875,
  coverage: 'step-wise',
  correction: 'holm',
  sides: 'two-sided',
};

function wider(estimate: Estimate, factor: number): Estimate {
  if (!estimate.ok) return estimate;
  const half = 1.96 * factor * estimate.standardError;
  return { ...estimate, interval: [estimate.estimate - half, estimate.estimate + half] };
}

function compare(spec: Spec): Comparison {
  const lift = relative(spec);
  const difference = absolute(spec);
  const z = lift.ok ? lift.estimate / lift.standardError : 0;
  const p = Math.abs(z) > 3.3 ? 0.0000004 : Math.max(0.0001, Math.exp(-0.717 * Math.abs(z) - 0.416 * z * z));
  const sign = spec.lower ? 1 : -1;
  const onMargin = lift.ok ? lift : difference;
  const ends = onMargin.ok ? onMargin.interval.map((end) => sign * (end ?? 0)).sort((a, b) => a - b) : [0, 0];
  const [low = 0, high = 0] = ends;
  return {
    arm: 'hybrid',
    control: 'popular',
    absolute: difference,
    relative: lift,
    interval: PROMISE,
    fixedHorizon: {
      ok: true,
      absolute: difference,
      relative: lift,
      p: lift.ok ? p : null,
      method: 'Welch t',
      n: 2 * PER_ARM,
    },
    alwaysValid:
      spec.kind === 'quantile'
        ? { ok: false, reason: 'a quantile has no sequence of units to consume once' }
        : {
            ok: true,
            absolute: wider(difference, 1.6),
            relative: wider(lift, 1.6),
            p: lift.ok ? Math.min(1, 20 * p) : null,
            method: 'asymptotic confidence sequence',
            n: 2 * PER_ARM,
            ...(spec.kind === 'mean' ? { estimand: "each unit's first 7 days" } : {}),
          },
    ...(spec.key === 'watch_hours_per_week'
      ? {
          adjustment: {
            covariates: ['watches_before'],
            dropped: [{ covariate: 'sessions_before', reason: 'it never varies' }],
            strata: ['country', 'device'],
            reduction: 0.312,
            unadjusted: wider(difference, 1.2),
          },
          posterior: {
            ok: true as const,
            scale: 'relative' as const,
            mean: 0.29,
            standardDeviation: 0.02,
            interval: [0.25, 0.33] as const,
            chanceToWin: 0.9999,
            expectedLoss: { treatment: 0, control: 0.29 },
            prior: 'normal, mean 0 %, standard deviation 20 %',
          },
        }
      : {}),
    statistic: lift.ok ? z : null,
    df: lift.ok ? 9998 : null,
    p: lift.ok ? p : null,
    pAdjusted: lift.ok ? Math.min(1, 2 * p) : null,
    method: spec.kind === 'mean' ? 'Welch' : 'delta method, clustered by user',
    outcome: !lift.ok || 2 * p > 0.05 ? 'inconclusive' : sign * z < 0 ? 'better' : 'worse',
    ...(spec.margin === undefined
      ? {}
      : {
          guardrail: {
            margin: spec.margin,
            marginKind: lift.ok ? ('relative' as const) : ('absolute' as const),
            state: stateOf(low, high, spec.margin),
            harm: [low, high] as const,
            ...(spec.limit === undefined
              ? {}
              : { limit: { limit: spec.limit, value: spec.treatment, holds: spec.treatment < spec.limit } }),
          },
        }),
  };
}

function metric(spec: Spec): MetricReport {
  const late = spec.key === 'retention_30d';
  return {
    key: spec.key,
    name: spec.name,
    description: `${spec.name} of users since their first exposure.`,
    role: spec.role,
    kind: spec.kind,
    unit: spec.unit,
    direction: spec.lower ? 'lower-is-better' : 'higher-is-better',
    maturity: {
      mature: late ? 7312 : 2 * PER_ARM,
      exposed: 2 * PER_ARM,
      completeAt: late ? iso(START + 58 * DAY) : null,
      ready: !late,
    },
    arms: [
      { arm: 'popular', n: PER_ARM - 14, value: spec.control },
      { arm: 'hybrid', n: PER_ARM + 14, value: spec.treatment },
    ],
    comparisons: [compare(spec)],
    correction: 'holm',
    ...(spec.key === 'watch_hours_per_week'
      ? {
          diagnostics: {
            arms: [
              { arm: 'popular', zeros: 0.21, skewness: 3.4, winsorised: 0.001 },
              { arm: 'hybrid', zeros: 0.18, skewness: 3.1, winsorised: 0.002 },
            ],
            cap: { quantile: 0.999, value: 71.2 },
            unitsNeeded: 4104,
            warnings: ['half of the watch time comes from a tenth of the users'],
          },
          novelty: [
            {
              arm: 'hybrid',
              change: {
                ok: true as const,
                estimate: -0.12,
                standardError: 0.1,
                interval: [-0.32, 0.08] as const,
              },
              p: 0.23,
            },
          ],
        }
      : {}),
    ...(spec.minimumEffect === undefined ? {} : { minimumEffect: spec.minimumEffect }),
  };
}

function daily(spec: Spec): Report['daily'] {
  return Array.from({ length: 28 }, (_, index) => {
    const day = index + 1;
    const n = Math.round(2 * PER_ARM * (1 - Math.exp(-day / 6)));
    const error = spec.error * Math.sqrt((2 * PER_ARM) / n);
    const wobble = 1 + (0.25 * Math.sin(2.3 * day)) / day;
    const estimate = (spec.treatment / spec.control - 1) * wobble;
    const missing = spec.key === 'watch_hours_per_week' && day < 8;
    return {
      metric: spec.key,
      arm: 'hybrid',
      day,
      date: date(day),
      n: missing ? 0 : n,
      relative: missing
        ? { ok: false as const, reason: 'no unit has a complete 7-day block yet' }
        : {
            ok: true as const,
            estimate,
            standardError: error,
            interval: [estimate - 1.96 * error, estimate + 1.96 * error] as const,
          },
    };
  });
}

const SEGMENTS: Readonly<Record<string, readonly (readonly [string, number, number])[]>> = {
  device: [
    ['tv', 4210, 1.1],
    ['phone', 3012, 0.9],
    ['web', 1790, 0.8],
    ['tablet', 988, 1.3],
  ],
  country: [
    ['US', 3300, 1],
    ['IN', 1900, 1.2],
    ['GB', 1350, 0.7],
    ['DE', 1200, 0.9],
    ['BR', 1100, 1.15],
    ['JP', 1150, 0.4],
  ],
  activity: [
    ['casual', 4400, 1.25],
    ['power', 3500, 0.6],
    ['new', 2100, -0.05],
  ],
};

function segments(spec: Spec): Report['segments'] {
  return Object.entries(SEGMENTS).flatMap(([attribute, values]) =>
    values.map(([value, n, factor]) => {
      const error = spec.error * Math.sqrt((2 * PER_ARM) / n);
      const estimate = (spec.treatment / spec.control - 1) * factor;
      const p = Math.min(1, Math.exp(-((estimate / error) ** 2) / 2));
      return {
        attribute,
        value,
        metric: spec.key,
        arm: 'hybrid',
        n,
        relative: {
          ok: true as const,
          estimate,
          standardError: error,
          interval: [estimate - 1.96 * error, estimate + 1.96 * error] as const,
        },
        p,
        pAdjusted: Math.min(1, 1.4 * p),
        declared: attribute !== 'country',
        interval: { ...PROMISE, level: 0.97, coverage: 'false-coverage' as const, correction: 'bh' as const },
        interaction: {
          difference: {
            ok: true as const,
            estimate: (factor - 1) * 0.5,
            standardError: 0.2,
            interval: [(factor - 1) * 0.5 - 0.4, (factor - 1) * 0.5 + 0.4] as const,
          },
          p: 0.2,
          pAdjusted: value === 'new' ? 0.01 : 0.4,
        },
        shrunken: {
          ok: true as const,
          estimate: estimate * 0.8,
          standardError: error * 0.7,
          interval: [estimate * 0.8 - 1.4 * error, estimate * 0.8 + 1.4 * error] as const,
        },
      };
    }),
  );
}

const RHYTHM: NonNullable<Report['rhythm']> = (['since-exposure', 'weekday'] as const).flatMap((by) =>
  Array.from({ length: by === 'weekday' ? 7 : 14 }, (_, index) => {
    const estimate = 0.38 + 0.05 * Math.sin(index) - (by === 'weekday' ? 0 : 0.006 * index);
    return {
      metric: 'watch_hours_per_week',
      arm: 'hybrid',
      by,
      day: by === 'weekday' ? index + 1 : index,
      n: 2 * PER_ARM,
      absolute: {
        ok: true as const,
        estimate,
        standardError: 0.06,
        interval: [estimate - 0.12, estimate + 0.12] as const,
      },
    };
  }),
);

function exposures(): Report['exposures'] {
  const running = { popular: 0, hybrid: 0 };
  return Array.from({ length: 28 }, (_, index) => index + 1).flatMap((day) =>
    (['popular', 'hybrid'] as const).map((variant) => {
      const side = variant === 'hybrid' ? 1 : -1;
      const target = (PER_ARM + side * 14) * ((1 - Math.exp(-day / 6)) / (1 - Math.exp(-28 / 6)));
      const cumulative = Math.round(target + (side * 30 * Math.sin(day)) / day);
      const units = cumulative - running[variant];
      running[variant] = cumulative;
      return { date: date(day), variant, units, cumulative };
    }),
  );
}

const card = (
  key: HealthCard['key'],
  title: string,
  value: string,
  threshold: string,
  detail: string,
  status: HealthCard['status'] = 'pass',
  likelyCause = '',
): HealthCard => ({ key, title, status, value, threshold, detail, likelyCause });

const HEALTH: readonly HealthCard[] = [
  card(
    'sample-ratio',
    'Sample ratio',
    'p 0.779',
    'fails under 0.001',
    '4,986 against 5,014 where 5,000 each are expected.',
  ),
  card(
    'crossed-units',
    'Users in several arms',
    '0',
    'fails over 0.1 % of users',
    'No user was exposed to both variants.',
  ),
  card(
    'late-events',
    'Late events',
    '0.02 %',
    'warns over 1 %',
    '118 of 611,204 outcomes came more than a day late.',
  ),
  card(
    'fallback',
    'Fallback',
    '0.00 % and 0.03 %',
    'warns over 1 %',
    'The share of requests answered by a fallback.',
    'warn',
    'The scorer was still loading during the first minute.',
  ),
  card(
    'power',
    'Power',
    '3.1 % detectable',
    'wanted: 2 %',
    'At 80 % power, on watch time.',
    'unknown',
    'No pre-period variance is known.',
  ),
];

export const YAML = `apiVersion: screentest/v1
key: homepage-hybrid
owner: home-recs
design: ab
variants:
  popular: {weight: 50}
  hybrid: {weight: 50}
`;

export const HYPOTHESIS =
  'A hybrid recommender with neural re-ranking and genre diversity raises watch time on the homepage without slower pages or a poorer mix.';

export function shippingReport(): Report {
  const curves = SPECS.filter((spec) => spec.role !== 'secondary' && spec.control !== 0);
  return {
    schema: 'screentest/report/v1',
    environment: 'demo',
    experiment: {
      key: 'homepage-hybrid',
      owner: 'home-recs',
      hypothesis: HYPOTHESIS,
      design: 'ab',
      iteration: 1,
      control: 'popular',
      surface: 'homepage',
      variants: [
        {
          key: 'popular',
          weight: 0.5,
          pipeline: [
            { stage: 'candidates', parameters: { sources: [{ trending: 200 }] } },
            { stage: 'fill', parameters: { take: 20 } },
          ],
        },
        {
          key: 'hybrid',
          weight: 0.5,
          pipeline: [
            {
              stage: 'candidates',
              parameters: {
                sources: [{ ials: 150 }, { content: 60 }, { trending: 30 }, { continuation: 10 }],
              },
            },
            { stage: 'blend', parameters: { collaborative: 'by-activity' } },
            { stage: 'score', parameters: { model: 'two-tower', onFailure: 'skip' } },
            { stage: 'fill', parameters: { take: 20, explore: 0.2, genreCap: 5 } },
          ],
        },
      ],
      alpha: 0.05,
      maturity: { days: 7, unitsPerArm: 1000 },
      yaml: YAML,
    },
    state: 'ready',
    day: 28,
    plannedDays: 28,
    start: iso(START),
    end: iso(START + 28 * DAY),
    observeUntil: iso(START + 58 * DAY),
    cutoff: iso(START + 28 * DAY),
    configuration: '3f9a1c7e20b4',
    verdict: {
      decision: 'ship',
      variant: 'hybrid',
      summary: 'hybrid is better on 5 success metrics, worse on none, and every guardrail is non-inferior.',
      reasons: [
        {
          clause: 'any success metric superior',
          holds: true,
          text: 'Watch time +31.7 % (adjusted p <0.001).',
          ref: 'watch_hours_per_week',
        },
        { clause: 'none significantly worse', holds: true, text: '0 of 6 success metrics are worse.' },
        {
          clause: 'all guardrails non-inferior',
          holds: true,
          text: 'The least headroom: Revenue per user.',
          ref: 'revenue_per_user',
        },
        { clause: 'health passes', holds: true, text: 'Sample ratio p 0.779.', ref: 'sample-ratio' },
        {
          clause: 'windows complete',
          holds: null,
          text: '30-day retention is open for 2,688 users.',
          ref: 'retention_30d',
        },
      ],
    },
    health: HEALTH,
    metrics: SPECS.map(metric),
    daily: curves.flatMap(daily),
    sampleRatio: {
      status: 'pass',
      statistic: 0.0784,
      df: 1,
      p: 0.779,
      arms: [
        { arm: 'popular', units: PER_ARM - 14, expected: PER_ARM },
        { arm: 'hybrid', units: PER_ARM + 14, expected: PER_ARM },
      ],
      sequentialP: 1,
      cuts: [
        { by: 'device', value: 'tv', p: 0.41, pAdjusted: 0.82 },
        { by: 'phase', value: '0', p: 0.78, pAdjusted: 0.82 },
      ],
    },
    rhythm: RHYTHM,
    exposures: exposures(),
    segments: SPECS.filter((spec) => spec.role === 'success').flatMap(segments),
  };
}

export function immatureReport(): Report {
  const report = shippingReport();
  return {
    ...report,
    state: 'immature',
    day: 9,
    verdict: {
      decision: 'keep-running',
      variant: null,
      summary: 'Day 9 of 28: too early for a verdict.',
      reasons: [{ clause: 'mature', holds: false, text: '9 of 14 days.' }],
    },
    metrics: report.metrics.map((one) => ({
      ...one,
      maturity: { mature: 3120, exposed: 7700, completeAt: iso(START + 35 * DAY), ready: false },
    })),
    daily: report.daily.filter((row) => row.day <= 9),
  };
}

export function invalidReport(): Report {
  const report = shippingReport();
  return {
    ...report,
    state: 'invalid',
    verdict: {
      decision: 'invalid',
      variant: null,
      summary: 'The sample ratio is off, so no estimate can be trusted.',
      reasons: [
        { clause: 'health passes', holds: false, text: 'Sample ratio p <0.001.', ref: 'sample-ratio' },
      ],
    },
    health: [
      card(
        'sample-ratio',
        'Sample ratio',
        'p <0.001',
        'fails under 0.001',
        '5,400 against 4,600 where 5,000 each are expected.',
        'fail',
        'One arm loses exposures: look at redirects and at crashes before logging.',
      ),
      ...HEALTH.slice(1),
    ],
  };
}

export function notStartedReport(): Report {
  const report = shippingReport();
  return {
    ...report,
    state: 'not-started',
    day: 0,
    cutoff: iso(START - DAY),
    verdict: { decision: 'keep-running', variant: null, summary: 'Enrolment has not begun.', reasons: [] },
    health: [],
    metrics: [],
    daily: [],
    exposures: [],
    segments: [],
  };
}

export function interleavingReport(): Report {
  const report = shippingReport();
  return {
    ...report,
    experiment: {
      ...report.experiment,
      key: 'browse-interleaving',
      design: 'interleaving',
      surface: 'browse',
    },
    metrics: report.metrics.map((one) => ({ ...one, comparisons: [] })),
    daily: [],
    segments: [],
    interleaving: {
      variants: ['popular', 'hybrid'],
      impressions: 41_220,
      units: 3104,
      firstWins: 1120,
      ties: 611,
      secondWins: 1373,
      preference: { ok: true, estimate: 0.0507, standardError: 0.01, interval: [0.031, 0.0704] },
      p: 0.0000004,
      winner: 'hybrid',
      credit: 'a click credits the ranker that placed the title',
    },
  };
}

/** Two treatments against one control, one of them harmful. */
export function rollBackReport(): Report {
  const report = shippingReport();
  const slow = { ...SPECS[7]!, treatment: 171, error: 0.04 };
  const metrics = report.metrics.map((one) => (one.key === slow.key ? metric(slow) : one));
  return {
    ...report,
    experiment: {
      ...report.experiment,
      key: 'browse-ladder',
      owner: 'browse-recs',
      variants: [...report.experiment.variants, { key: 'diverse', weight: 0.5, pipeline: null }],
    },
    metrics: metrics.map((one) => ({
      ...one,
      arms: [...one.arms, { ...one.arms[1]!, arm: 'diverse' }],
      comparisons: [
        ...one.comparisons,
        ...one.comparisons.map((comparison) => ({ ...comparison, arm: 'diverse' })),
      ],
    })),
    verdict: {
      decision: 'roll-back',
      variant: 'hybrid',
      summary: 'Latency p95 is beyond its margin and over its limit of 150 ms.',
      reasons: [
        {
          clause: 'no guardrail breached',
          holds: false,
          text: 'Latency p95 171.0 ms.',
          ref: 'latency_p95_ms',
        },
      ],
    },
  };
}
