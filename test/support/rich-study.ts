import type { ArmMoments, MetricAggregates, Moments } from '../../src/analysis/aggregates.ts';
import type { Study, StudyAggregates, StudyMetric } from '../../src/analysis/study/study.ts';

/** Numbers in [0, 1) from a seed (mulberry32): enough for test data. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One unit: value, denominator, two covariates. */
type Unit = readonly [y: number, x: number, a: number, b: number];

export function momentsOfUnits(units: readonly Unit[], covariates = true): Moments {
  const sum = (of: (unit: Unit) => number) => units.reduce((total, unit) => total + of(unit), 0);
  const bare = {
    n: units.length,
    y: sum(([y]) => y),
    yy: sum(([y]) => y * y),
    x: sum(([, x]) => x),
    xx: sum(([, x]) => x * x),
    xy: sum(([y, x]) => x * y),
  };
  if (!covariates) return bare;
  const columns = [2, 3] as const;
  return {
    ...bare,
    z: {
      z: columns.map((i) => sum((unit) => unit[i])),
      zz: columns.map((i) => columns.map((j) => sum((unit) => unit[i] * unit[j]))),
      zy: columns.map((i) => sum((unit) => unit[i] * unit[0])),
      zx: columns.map((i) => sum((unit) => unit[i] * unit[1])),
    },
  };
}

const KINDS = ['mean', 'mean', 'mean', 'ratio', 'proportion', 'proportion'] as const;
export const ARMS = ['control', 'treatment'] as const;

/** A value of a metric for one unit: skewed means, clustered ratios, shares. */
function unitOf(kind: StudyMetric['kind'], effect: number, chance: () => number): Unit {
  const activity = -Math.log(1 - chance());
  const [a, b] = [activity + chance(), chance()];
  if (kind === 'proportion') return [chance() < 0.3 * (1 + effect) + 0.1 * b ? 1 : 0, 1, a, b];
  if (kind === 'ratio') {
    const views = 1 + Math.floor(12 * activity);
    return [views * 0.2 * (1 + effect) * (0.5 + chance()), views, a, b];
  }
  return [(activity + 0.3 * b) * (1 + effect) * (0.8 + 0.4 * chance()), 1, a, b];
}

export interface RichOptions {
  readonly units?: number;
  readonly days?: number;
  /** Relative effects by metric; absent: 4 % on each. */
  readonly effects?: readonly number[];
  readonly seed?: number;
}

type Series = MetricAggregates['daily'];

function added(a: Moments, b: Moments): Moments {
  return { n: a.n + b.n, y: a.y + b.y, yy: a.yy + b.yy, x: a.x + b.x, xx: a.xx + b.xx, xy: a.xy + b.xy };
}

/** Sums up to each day from those of each day. */
function cumulative(series: Series): Series {
  let so: readonly ArmMoments[] = [];
  return series.map(({ day, arms }) => {
    so = arms.map(({ variant, moments }, index) => ({
      variant,
      moments: so[index] ? added(so[index].moments, moments) : moments,
    }));
    return { day, arms: so };
  });
}

function aggregatesOf(
  kind: StudyMetric['kind'],
  key: string,
  effect: number,
  options: RichOptions,
): MetricAggregates {
  const { units = 400, days = 28, seed = 1 } = options;
  const chance = seeded(seed + key.length * 7919 + key.charCodeAt(key.length - 1));
  const all = ARMS.map((variant) => ({
    variant,
    units: Array.from({ length: units }, () => unitOf(kind, variant === 'control' ? 0 : effect, chance)),
  }));
  const part = (keep: (index: number) => boolean, covariates = false): readonly ArmMoments[] =>
    all.map(({ variant, units: list }) => ({
      variant,
      moments: momentsOfUnits(
        list.filter((_, index) => keep(index)),
        covariates,
      ),
    }));
  const series = (count: number, from: number) =>
    Array.from({ length: count }, (_, at) => ({
      day: at + from,
      arms: part((index) => index % count === at),
    }));
  const daily = cumulative(series(days, 1));
  const segment = (attribute: string, value: string, at: number, of: number) => ({
    attribute,
    value,
    arms: part((index) => index % of === at),
  });
  const mean = kind === 'mean';
  return {
    metric: key,
    arms: part(() => true, true),
    mature: 2 * units,
    exposed: 2 * units,
    completeAt: 0,
    segments: [
      ...['phone', 'tv', 'web'].map((value, at) => segment('device', value, at, 3)),
      ...['DE', 'FR', 'US', 'JP'].map((value, at) => segment('country', value, at, 4)),
    ],
    daily,
    covariates: ['before', 'age'],
    strata: ['new', 'old'].map((name, at) => ({ key: name, arms: part((index) => index % 2 === at, true) })),
    once: { estimand: "each unit's first 7 days", arms: part(() => true), daily },
    ...(mean
      ? {
          novelty: part(() => true),
          sinceExposure: series(days, 0),
          weekdays: series(7, 1),
          shape: ARMS.map((variant) => ({ variant, zeros: 3, cubed: 2 * units, capped: 1 })),
          cap: { quantile: 0.999, value: 9 },
        }
      : {}),
  };
}

/** Six metrics with covariates, strata, segments, days, novelty and rhythm: everything on. */
export function richAggregates(options: RichOptions = {}): StudyAggregates {
  return {
    metrics: KINDS.map((kind, index) =>
      aggregatesOf(kind, `m${index}`, options.effects?.[index] ?? 0.04, options),
    ),
    quantiles: [],
    coverage: [],
  };
}

export function richStudy(overrides: Partial<Study> = {}): Study {
  return {
    control: 'control',
    arms: ARMS.map((arm) => ({ arm, weight: 0.5 })),
    treatments: ['treatment'],
    metrics: KINDS.map((kind, index) => ({
      role: index < 4 ? ('success' as const) : ('guardrail' as const),
      metric: {
        key: `m${index}`,
        name: `Metric ${index}`,
        description: '',
        kind,
        direction: 'higher-is-better',
        scale: 1,
        unit: kind === 'mean' ? 'h' : '%',
        perWeek: false,
      },
    })),
    alpha: 0.05,
    interval: 'fixed',
    plannedUnits: 800,
    design: { looks: [7, 14, 21, 28], spending: 'obrien-fleming', complete: 21 },
    relative: 'fieller',
    correction: { success: 'holm', segments: 'bh' },
    prior: { scale: 'relative', mean: 0, standardDeviation: 0.05 },
    segments: [
      { attribute: 'device', declared: true },
      { attribute: 'country', declared: false },
    ],
    stratify: ['tenure'],
    ...overrides,
  };
}
