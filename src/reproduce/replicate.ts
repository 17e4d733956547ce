import type { ArmMoments, MetricAggregates, Moments } from '../analysis/aggregates.ts';
import { analyzeStudy, type StudyAnalysis } from '../analysis/study/analyze-study.ts';
import { studyOf } from '../analysis/study/study-of.ts';
import { createAssigner } from '../assignment/assign.ts';
import type { Declarations, Experiment, MetricDeclaration } from '../declarations.ts';
import { hash } from '../simulation/random.ts';
import type { Outcomes } from './outcomes.ts';

/** Columns of the sums of one arm: n, y, yy, x, xx, xy, z, zz, zy, zx. */
const WIDTH = 10;
const DAY = 86_400_000;

export interface ReplicationParts {
  readonly declarations: Declarations;
  readonly experiment: Experiment;
  /** Declared metrics, parallel to `outcomes.metrics`. */
  readonly metrics: readonly MetricDeclaration[];
  readonly outcomes: Outcomes;
  readonly treatment: string;
  readonly seed: number;
}

/**
 * One experiment on kept outcomes: draws units with replacement, each under an id of its own, assigns them by the hash of
 * a new iteration, takes from each what it did in its arm, and analyses the sums. Drawn with replacement, they are a sample
 * of a population of which the kept units are all: its truth is known without error.
 *
 * @param replication  from 0: part of the salt and of the draws
 * @param units        how many are drawn
 * @param interval     what the plan permits: `always-valid` gives `daily` such intervals
 */
export function replicate(
  parts: ReplicationParts,
  replication: number,
  units: number,
  interval: 'fixed' | 'always-valid',
): StudyAnalysis {
  const { outcomes, metrics, treatment } = parts;
  const experiment = plannedAs(parts, replication, interval);
  const assigner = createAssigner({ ...parts.declarations, experiments: [experiment] });
  const { firstAt, z, stratum, strata, days } = outcomes;
  const population = firstAt.length;
  const sums = new Float64Array(metrics.length * strata.length * 2 * WIDTH);
  const daily = new Float64Array(metrics.length * (days + 1) * 2 * WIDTH);
  for (let draw = 0; draw < units; draw++) {
    const unit = Math.floor((hash(parts.seed, replication, draw, DRAW) / 2 ** 32) * population);
    const attributes = { user_id: '', surface: experiment.surface };
    const assigned = assigner.assignOne(experiment.key, `${unit}-${draw}`, attributes, firstAt[unit]!);
    if (assigned?.variant == null) continue;
    const arm = assigned.variant === treatment ? 1 : 0;
    for (let m = 0; m < metrics.length; m++) {
      const { whole, once, completes, perWeek, until } = outcomes.metrics[m]!;
      const { top, bottom } = whole[arm]!;
      const at = ((m * strata.length + stratum[unit]!) * 2 + arm) * WIDTH;
      if (!perWeek || bottom[unit]! > 0) add(sums, at, top[unit]!, bottom[unit]!, z[unit]!);
      const day = completes[unit]!;
      if (day <= until)
        add(
          daily,
          ((m * (days + 1) + day) * 2 + arm) * WIDTH,
          once[arm]!.top[unit]!,
          once[arm]!.bottom[unit]!,
          z[unit]!,
        );
    }
  }
  const variants = [experiment.control, treatment];
  const aggregates = metrics.map((metric, m): MetricAggregates => {
    const own = strata.map((key, s) => ({
      key,
      arms: armsAt(sums, (m * strata.length + s) * 2 * WIDTH, variants, true),
    }));
    const all = new Float64Array(2 * WIDTH);
    for (let s = 0; s < strata.length; s++)
      for (let i = 0; i < all.length; i++) all[i]! += sums[(m * strata.length + s) * 2 * WIDTH + i]!;
    const arms = armsAt(all, 0, variants, true);
    const series = cumulative(daily, m, days, variants);
    const n = arms.reduce((total, { moments }) => total + moments.n, 0);
    const { estimand } = outcomes.metrics[m]!;
    return {
      metric: metric.key,
      arms,
      mature: n,
      exposed: n,
      completeAt: 0,
      segments: [],
      daily: estimand === undefined ? series : [],
      covariates: experiment.analysis.covariates,
      strata: own,
      ...(estimand !== undefined && {
        once: { estimand, arms: series.at(-1)?.arms ?? [], daily: series },
      }),
    };
  });
  const cutoff = experiment.startMs + days * DAY;
  return analyzeStudy(studyOf(experiment, metrics, cutoff), {
    metrics: aggregates,
    quantiles: [],
    coverage: [],
  });
}

const DRAW = 0x6472;

/** All metrics to be judged, each at its own level: coverage is that of single intervals. */
function plannedAs(
  { experiment, metrics }: ReplicationParts,
  replication: number,
  interval: 'fixed' | 'always-valid',
): Experiment {
  return {
    ...experiment,
    iteration: experiment.iteration + 1 + replication,
    metrics: { success: metrics.map(({ key }) => ({ metric: key })), guardrails: [], secondary: [] },
    analysis: {
      ...experiment.analysis,
      interval,
      correction: { success: 'none', segments: 'none' },
      segments: [],
      exploratory: [],
    },
  };
}

function add(into: Float64Array, at: number, y: number, x: number, z: number): void {
  into[at]! += 1;
  into[at + 1]! += y;
  into[at + 2]! += y * y;
  into[at + 3]! += x;
  into[at + 4]! += x * x;
  into[at + 5]! += x * y;
  into[at + 6]! += z;
  into[at + 7]! += z * z;
  into[at + 8]! += z * y;
  into[at + 9]! += z * x;
}

function armsAt(
  sums: Float64Array,
  at: number,
  variants: readonly string[],
  withCovariate: boolean,
): readonly ArmMoments[] {
  return variants.map((variant, arm) => {
    const [n, y, yy, x, xx, xy, z, zz, zy, zx] = sums.subarray(
      at + arm * WIDTH,
      at + (arm + 1) * WIDTH,
    ) as unknown as number[] & { readonly length: 10 };
    const moments: Moments = { n: n!, y: y!, yy: yy!, x: x!, xx: xx!, xy: xy! };
    return {
      variant,
      moments: withCovariate ? { ...moments, z: { z: [z!], zz: [[zz!]], zy: [zy!], zx: [zx!] } } : moments,
    };
  });
}

/** By day of the experiment, 1 = the first: sums of all whose window was complete at its end. */
function cumulative(
  daily: Float64Array,
  m: number,
  days: number,
  variants: readonly string[],
): MetricAggregates['daily'] {
  const so = new Float64Array(2 * WIDTH);
  return Array.from({ length: days + 1 }, (_, day) => {
    for (let i = 0; i < so.length; i++) so[i]! += daily[(m * (days + 1) + day) * 2 * WIDTH + i]!;
    return { day, arms: armsAt(so, 0, variants, false) };
  }).filter(({ arms }) => arms.every(({ moments }) => moments.n >= LEAST));
}

/** Units an arm needs before a day is looked at: below it no interval is given anyway. */
const LEAST = 100;
