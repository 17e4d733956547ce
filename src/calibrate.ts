import { livedThrough, type Sample, trainModels, type WorldOptions } from './calibration-world.ts';
import type { Declarations } from './declarations.ts';
import { pipelinesOf } from './live-arm.ts';
import type { Models } from './ranking/models.ts';
import {
  type ArmFigures,
  FITTED,
  moments,
  readParameter,
  TARGETS,
  withParameters,
} from './simulation/calibration-plan.ts';
import { learnJacobian, nextPoint, type Turned } from './simulation/fit-moments.ts';
import type { WorldParameters } from './simulation/parameters.ts';
import { PUBLISHED_EXPERIMENT } from './simulation/published.ts';

export interface CalibrationOptions extends WorldOptions {
  readonly declarations: Declarations;
  /** For the slopes. */
  readonly sample: Sample;
  /** A larger one, for what is fitted. */
  readonly judged: Sample;
  readonly rounds: number;
  readonly start: WorldParameters;
  readonly note: (text: string) => void;
}

/** One point of the search: parameters, and what the world then shows beside what was published. */
export interface TracePoint {
  readonly round: number;
  readonly what: 'start' | 'slope' | 'step' | 'end';
  readonly parameters: Readonly<Record<string, number>>;
  readonly moments: readonly number[];
  /** Mean square of (ours - published) / tolerance: below 1 within the goals on average. */
  readonly misfit: number;
}

export interface CalibrationResult {
  readonly parameters: WorldParameters;
  readonly control: ArmFigures;
  readonly treatment: ArmFigures;
  /** In the order of TARGETS. */
  readonly moments: readonly number[];
  /** Viewers who were lived through in the end. */
  readonly lived: number;
  readonly trace: readonly TracePoint[];
}

/**
 * Fits the world to the published test by simulated moments (McFadden 1989): viewers are lived through both arms with the
 * pipelines that serve and the same random numbers at every point, so that the moments change smoothly, and a damped
 * Gauss-Newton search turns the parameters. Models are trained anew at the beginning of each round, in the past that the
 * round's parameters give, and held within it.
 */
export async function calibrate(options: CalibrationOptions): Promise<CalibrationResult> {
  const { note } = options;
  let current = options.start;
  let jacobian: number[][] | undefined;
  const trace: TracePoint[] = [];
  const micros = () => performance.now() * 1000;
  const arms = ['popular', 'hybrid'].map((key) =>
    pipelinesOf(options.declarations, PUBLISHED_EXPERIMENT, key, micros),
  );

  const evaluate = async (
    parameters: WorldParameters,
    models: Models,
    sample: Sample,
    round: number,
    what: TracePoint['what'],
  ) => {
    options.signal?.throwIfAborted();
    const begun = performance.now();
    const lived = await livedThrough(parameters, models, sample, arms, options);
    const found = moments(lived.control, lived.treatment);
    const residuals = residualsOf(found);
    const misfit = residuals.reduce((sum, value) => sum + value * value, 0) / residuals.length;
    trace.push({
      round,
      what,
      parameters: Object.fromEntries(FITTED.map(({ path }) => [path, readParameter(parameters, path)])),
      moments: found,
      misfit,
    });
    note(
      `round ${round} ${what}: misfit ${misfit.toFixed(2)} in ${((performance.now() - begun) / 1000).toFixed(0)} s`,
    );
    return { ...lived, found, residuals, misfit };
  };

  for (let round = 1; ; round++) {
    const last = round > options.rounds;
    const models = await trainModels(current, options);
    const here = await evaluate(
      current,
      models,
      options.judged,
      round,
      last ? 'end' : round === 1 ? 'start' : 'step',
    );
    note(momentsTable(here.found));
    if (last) {
      const { control, treatment, found, viewers } = here;
      return { parameters: current, control, treatment, moments: found, lived: viewers, trace };
    }
    if (jacobian === undefined) {
      const base = await evaluate(current, models, options.sample, round, 'slope');
      const columns: number[][] = [];
      for (const { path, step } of FITTED) {
        const turned = turn(current, new Map([[path, step]]));
        const there = await evaluate(turned, models, options.sample, round, 'slope');
        columns.push(there.residuals.map((value, i) => (value - base.residuals[i]!) / step));
      }
      jacobian = TARGETS.map((_, i) => columns.map((column) => column[i]!));
    }
    const before = FITTED.map((fitted) => onScale(fitted, current));
    const next = nextPoint(turnedOf(current), here.residuals, jacobian, DAMPING);
    const moved = turn(current, new Map(FITTED.map(({ path }, j) => [path, next[j]! - before[j]!])));
    // With the models held, so that what the turn did is told apart from what new models do.
    const there = await evaluate(moved, models, options.judged, round, 'step');
    jacobian = learnJacobian(
      jacobian,
      next.map((value, j) => value - before[j]!),
      there.residuals.map((value, i) => value - here.residuals[i]!),
    );
    // Ordinary is the mood that the control leaves viewers in.
    current = withParameters(moved, new Map([['behaviour.moodReference', there.mood]]));
    note(`  ${FITTED.map(({ path }) => `${path} ${readParameter(current, path).toFixed(4)}`).join(', ')}`);
  }
}

const DAMPING = 0.3;

const residualsOf = (found: readonly number[]): number[] =>
  TARGETS.map(({ value, tolerance }, i) => (found[i]! - value) / tolerance);

function onScale({ path, scale }: (typeof FITTED)[number], parameters: WorldParameters): number {
  const value = readParameter(parameters, path);
  return scale === 'log' ? Math.log(value) : value;
}

function turnedOf(parameters: WorldParameters): Turned[] {
  return FITTED.map((fitted) => {
    const [least, greatest] = fitted.scale === 'log' ? fitted.bounds.map(Math.log) : fitted.bounds;
    const { step, most } = fitted;
    return { value: onScale(fitted, parameters), least: least!, greatest: greatest!, step, most };
  });
}

/** Parameters turned by so much on their scales. */
function turn(parameters: WorldParameters, by: ReadonlyMap<string, number>): WorldParameters {
  const values = new Map<string, number>();
  for (const fitted of FITTED) {
    const turned = onScale(fitted, parameters) + (by.get(fitted.path) ?? 0);
    values.set(fitted.path, fitted.scale === 'log' ? Math.exp(turned) : turned);
  }
  return withParameters(parameters, values);
}

/** Published and ours, one line a target. */
export function momentsTable(found: readonly number[]): string {
  return TARGETS.map(({ arm, metric, value, points, tolerance }, i) => {
    const show = (x: number) =>
      arm === 'control'
        ? x.toFixed(x < 1 ? 4 : 3)
        : `${x < 0 ? '' : '+'}${(100 * x).toFixed(2)} ${points ? 'pp' : '%'}`;
    const off = Math.abs(found[i]! - value) / tolerance;
    return `  ${arm.padEnd(9)} ${metric.padEnd(22)} ${show(value).padStart(10)} ${show(found[i]!).padStart(10)}  ${off.toFixed(2)}${off > 1 ? ' !' : ''}`;
  }).join('\n');
}
