import type {
  ExperimentAggregates,
  HealthAggregates,
  MetricAggregates,
  Moments,
} from '../../src/analysis/aggregates.ts';
import type { Experiment, MetricDeclaration } from '../../src/declarations.ts';

export const DAY = 86_400_000;
export const START = Date.UTC(2026, 9, 1);

/** A declared experiment of two variants with one success metric and two guardrails; override what a test is about. */
export function experimentOf(overrides: Partial<Experiment> = {}): Experiment {
  return {
    key: 'homepage-hybrid',
    owner: 'home-recs',
    hypothesis: 'A hybrid recommender raises watch time.',
    design: 'ab',
    unit: 'user_id',
    iteration: 1,
    layer: { name: 'homepage', from: 0, to: 1 },
    surface: 'homepage',
    startMs: START,
    durationMs: 28 * DAY,
    observeForMs: 7 * DAY,
    targeting: { all: [] },
    stratify: [],
    control: 'popular',
    variants: [
      {
        key: 'popular',
        weight: 0.5,
        pipeline: [{ stage: 'candidates', parameters: { sources: ['trending'] } }],
      },
      { key: 'hybrid', weight: 0.5, pipeline: [{ stage: 'candidates', parameters: { sources: ['ials'] } }] },
    ],
    metrics: {
      success: [{ metric: 'watch', minimumEffect: 0.05 }],
      guardrails: [
        { metric: 'session', margin: { relative: 0.02 } },
        { metric: 'errors', margin: { absolute: 0.001 }, limit: 0.001 },
      ],
      secondary: [],
    },
    analysis: {
      alpha: 0.05,
      interval: 'fixed',
      correction: { success: 'holm', segments: 'bh' },
      segments: ['device'],
      covariates: [],
      maturity: { days: 14, unitsPerArm: 1000 },
    },
    ramp: [{ share: 1 }],
    decision: {
      ship: { success: 'any-superior', worse: 'none', guardrails: 'all-non-inferior', health: 'pass' },
      rollBack: { guardrails: 'any-breach' },
      otherwise: 'undecided',
    },
    source: { file: 'experiments/homepage-hybrid.yaml', yaml: 'key: homepage-hybrid\n' },
    ...overrides,
  };
}

export function metricOf(key: string, overrides: Partial<MetricDeclaration> = {}): MetricDeclaration {
  return {
    key,
    name: key,
    description: `the metric ${key}`,
    kind: 'mean',
    numerator: { event: key, aggregate: 'sum', where: {}, window: { fromMs: 0 } },
    perWeek: false,
    direction: 'higher-is-better',
    scale: 1,
    unit: 'h/week',
    ...overrides,
  };
}

/** The catalogue of `experimentOf`. */
export const METRICS: readonly MetricDeclaration[] = [
  metricOf('watch', { name: 'Watch time' }),
  metricOf('session', { name: 'Session length', unit: 'min' }),
  metricOf('errors', { name: 'Error rate', kind: 'ratio', unit: '%', direction: 'lower-is-better' }),
];

/** Moments of n units with the given mean and standard deviation. */
export function meanMoments(n: number, mean: number, sd: number): Moments {
  const y = n * mean;
  return { n, y, yy: n * mean * mean + (n - 1) * sd * sd, x: n, xx: n, xy: y };
}

/** Moments of n units with 20 +- 10 events each, of which a share `rate` counts, and clustered noise around it. */
export function rateMoments(n: number, rate: number, noise = 0.1): Moments {
  const [x, xx] = [20 * n, 500 * n];
  return {
    n,
    x,
    xx,
    y: rate * x,
    xy: rate * xx,
    yy: rate * rate * xx + (rate === 0 ? 0 : n * noise * noise),
  };
}

export function sumsOf(
  metric: string,
  arms: Readonly<Record<string, Moments>>,
  overrides: Partial<MetricAggregates> = {},
): MetricAggregates {
  const list = Object.entries(arms).map(([variant, moments]) => ({ variant, moments }));
  const units = list.reduce((sum, { moments }) => sum + moments.n, 0);
  return {
    metric,
    arms: list,
    mature: units,
    exposed: units,
    completeAt: START + 35 * DAY,
    segments: [],
    daily: [],
    ...overrides,
  };
}

export function healthOf(
  units: Readonly<Record<string, number>>,
  overrides: Partial<HealthAggregates> = {},
): HealthAggregates {
  const arms = Object.entries(units).map(([variant, count]) => ({ variant, units: count, forced: 0 }));
  return {
    arms,
    crossed: 0,
    exposuresByDay: arms.map(({ variant, units: count }) => ({ date: '2026-10-01', variant, units: count })),
    lateOutcomes: 0,
    outcomes: 100_000,
    requests: arms.map(({ variant }) => ({ variant, requests: 100_000, errors: 0, fallbacks: 10 })),
    deadLetters: 0,
    ...overrides,
  };
}

export interface Situation {
  /** Mean of `watch` and `session`, rate of `errors`: control, treatment. */
  readonly watch?: readonly [number, number];
  readonly session?: readonly [number, number];
  readonly errors?: readonly [number, number];
  readonly units?: readonly [number, number];
  /** Days after the start; 28 is the planned end. */
  readonly day?: number;
  readonly health?: Partial<HealthAggregates>;
  readonly immature?: boolean;
  readonly sd?: number;
}

/** Aggregates of `experimentOf` in a situation; without one, nothing differs. */
export function aggregatesOf(situation: Situation = {}): ExperimentAggregates {
  const {
    watch = [8, 8],
    session = [42, 42],
    errors = [0, 0],
    units = [5000, 5000],
    day = 28,
    sd = 6,
  } = situation;
  const [c, t] = units;
  const partly = situation.immature ? { mature: 500, exposed: c + t } : {};
  const sums = (metric: string, popular: Moments, hybrid: Moments) => {
    const arms = [popular, hybrid].map((moments, index) => ({
      variant: index === 0 ? 'popular' : 'hybrid',
      moments,
    }));
    return sumsOf(
      metric,
      { popular, hybrid },
      {
        ...partly,
        daily: [{ day: 1, arms }],
        segments: ['tv', 'phone'].map((value) => ({ attribute: 'device', value, arms })),
      },
    );
  };
  return {
    experiment: 'homepage-hybrid',
    iteration: 1,
    environment: 'demo',
    cutoff: START + day * DAY,
    health: healthOf({ popular: c, hybrid: t }, situation.health),
    metrics: [
      sums('watch', meanMoments(c, watch[0], sd), meanMoments(t, watch[1], sd)),
      sums('session', meanMoments(c, session[0], 10), meanMoments(t, session[1], 10)),
      sums('errors', rateMoments(c, errors[0]), rateMoments(t, errors[1])),
    ],
    quantiles: [],
    coverage: [],
  };
}
