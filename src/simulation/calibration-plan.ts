import type { WorldParameters } from './parameters.ts';
import type { TrueMetric } from './population.ts';
import { PUBLISHED_TEST } from './published.ts';

/** A published figure that the world should show. */
export interface Target {
  readonly arm: 'control' | 'treatment';
  readonly metric: TrueMetric;
  /** Of the control its value; of the treatment its change: relative to the control, or in points where `points`. */
  readonly value: number;
  readonly points: boolean;
  /** What still counts as reached, in the unit of `value`: 2 % of a figure, 10 % of a change. */
  readonly tolerance: number;
}

/** 8.4 h at 42 min, and 11.1 h at 51 min. */
const SESSIONS_PER_WEEK = [(8.4 * 60) / 42, (11.1 * 60) / 51] as const;

const FIGURES = [
  ...PUBLISHED_TEST.map(({ metric, control, treatment, change }) => ({
    metric: metric as TrueMetric,
    control,
    treatment,
    points: change.kind === 'points',
  })),
  {
    metric: 'sessions_per_week' as const,
    control: SESSIONS_PER_WEEK[0],
    treatment: SESSIONS_PER_WEEK[1],
    points: false,
  },
];

/** The control column, then the changes of the treatment, from the published arms. */
export const TARGETS: readonly Target[] = [
  ...FIGURES.map(({ metric, control }) => ({
    arm: 'control' as const,
    metric,
    value: control,
    points: false,
    tolerance: 0.02 * control,
  })),
  ...FIGURES.map(({ metric, control, treatment, points }) => {
    const value = points ? treatment - control : treatment / control - 1;
    return { arm: 'treatment' as const, metric, value, points, tolerance: 0.1 * value };
  }),
];

/** A parameter that calibration turns. */
export interface FittedParameter {
  /** As in `WorldParameters`. */
  readonly path: string;
  /** `control`: fitted to the control column; `coupling`: to the treatment. */
  readonly to: 'control' | 'coupling';
  readonly metric: TrueMetric;
  /** The scale on which it is turned. */
  readonly scale: 'log' | 'linear';
  /** Step on that scale of the finite differences, and the most that one round may turn it. */
  readonly step: number;
  readonly most: number;
  readonly bounds: readonly [least: number, greatest: number];
}

/** At most four couplings: everything else in the treatment column is predicted. */
export const FITTED: readonly FittedParameter[] = [
  {
    path: 'attraction.offset',
    to: 'control',
    metric: 'click_through_rate',
    scale: 'linear',
    step: 0.15,
    most: 0.5,
    bounds: [-3, 3],
  },
  {
    path: 'behaviour.budgetMinutes',
    to: 'control',
    metric: 'session_minutes',
    scale: 'log',
    step: 0.1,
    most: 0.3,
    bounds: [30, 400],
  },
  {
    path: 'behaviour.nextEpisode',
    to: 'control',
    metric: 'genres_per_week',
    scale: 'linear',
    step: 0.1,
    most: 0.15,
    bounds: [0.1, 0.95],
  },
  {
    path: 'activity.occasional',
    to: 'control',
    metric: 'retention_7d',
    scale: 'linear',
    step: 0.03,
    most: 0.06,
    bounds: [0.3, 0.8],
  },
  {
    path: 'activity.medians.0',
    to: 'control',
    metric: 'retention_30d',
    scale: 'log',
    step: 0.2,
    most: 0.6,
    bounds: [0.02, 2],
  },
  {
    path: 'activity.medians.1',
    to: 'control',
    metric: 'sessions_per_week',
    scale: 'log',
    step: 0.06,
    most: 0.15,
    bounds: [8, 60],
  },
  {
    path: 'attraction.quality',
    to: 'coupling',
    metric: 'click_through_rate',
    scale: 'linear',
    step: 0.06,
    most: 0.15,
    bounds: [0, 1.5],
  },
  {
    path: 'behaviour.intent',
    to: 'coupling',
    metric: 'session_minutes',
    scale: 'linear',
    step: 0.08,
    most: 0.15,
    bounds: [0.05, 0.95],
  },
  {
    path: 'behaviour.satiation',
    to: 'coupling',
    metric: 'genres_per_week',
    scale: 'linear',
    step: 0.12,
    most: 0.2,
    bounds: [0, 0.9],
  },
  {
    path: 'behaviour.hook',
    to: 'coupling',
    metric: 'retention_7d',
    scale: 'linear',
    step: 0.12,
    most: 0.2,
    bounds: [0.05, 1],
  },
];

/** The value at a path. @throws when there is no number */
export function readParameter(parameters: WorldParameters, path: string): number {
  const value = path
    .split('.')
    .reduce<unknown>((part, key) => (part as Record<string, unknown> | undefined)?.[key], parameters);
  if (typeof value !== 'number') throw new Error(`${path} is no parameter of the world`);
  return value;
}

/** A copy with other values at some paths. */
export function withParameters(
  parameters: WorldParameters,
  values: ReadonlyMap<string, number>,
): WorldParameters {
  const copy = structuredClone(parameters);
  for (const [path, value] of values) {
    readParameter(parameters, path);
    const keys = path.split('.');
    const last = keys.pop()!;
    const part = keys.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], copy);
    (part as Record<string, number>)[last] = value;
  }
  return copy;
}

/** What an arm's figures are, by metric. */
export type ArmFigures = Readonly<Record<TrueMetric, number>>;

/** Each target as the world has it. */
export function moments(control: ArmFigures, treatment: ArmFigures): number[] {
  return TARGETS.map(({ arm, metric, points }) => {
    const before = control[metric];
    if (arm === 'control') return before;
    return points ? treatment[metric] - before : treatment[metric] / before - 1;
  });
}
