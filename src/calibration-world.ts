import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { loadModels, saveModels } from './files/artefacts.ts';
import { trainInWorker } from './files/train-in-worker.ts';
import { liveArm, type pipelinesOf } from './live-arm.ts';
import type { Interactions } from './ranking/catalogue.ts';
import { longTail } from './ranking/long-tail.ts';
import type { Models } from './ranking/models.ts';
import { selectInteractions } from './ranking/time-slices.ts';
import type { ArmFigures } from './simulation/calibration-plan.ts';
import { DEMO_START } from './simulation/invented-catalogue.ts';
import { inventedWorld } from './simulation/invented-world.ts';
import type { WorldParameters } from './simulation/parameters.ts';
import { figure, TRUE_METRICS, type TrueMetric, unitTerms } from './simulation/population.ts';
import { prePeriod } from './simulation/pre-period.ts';
import type { World } from './simulation/world.ts';

const DAY = 86_400_000;
const DAYS = 28;
const OBSERVE_DAYS = 30;

/** What a world is made of beside its parameters. */
export interface WorldOptions {
  readonly seed: number;
  readonly titles: number;
  /** Viewers in whose past the models are trained: the first ones, as `npm start` and the reproduction have them. */
  readonly trainedOn: number;
  /** Viewers beyond them, of whom samples are drawn. */
  readonly mostViewers: number;
  /** Where the models are kept. */
  readonly folder: string;
  readonly signal?: AbortSignal;
}

export interface Sample {
  /** Of this many viewers, who are not among those trained on. */
  readonly viewers: number;
  /** One in so many of those who come often, and of the others. */
  readonly oneIn: readonly [often: number, rarely: number];
}

/** Sessions a week from which a viewer is lived through as one of many alike: below, few sessions decide about returns. */
const OFTEN = 4;

function worldOf(parameters: WorldParameters, { seed, titles, trainedOn, mostViewers }: WorldOptions): World {
  return inventedWorld({ seed, titles, viewers: trainedOn + mostViewers, parameters });
}

export async function trainModels(parameters: WorldParameters, options: WorldOptions): Promise<Models> {
  const { seed, trainedOn, titles, folder } = options;
  const world = inventedWorld({ seed, titles, viewers: trainedOn, parameters });
  const past = prePeriod(world, { days: DAYS, endMs: DEMO_START, behaviour: parameters.behaviour });
  const { interactions, impressions } = past;
  const catalogue = { ...world.catalogue, longTail: longTail(interactions, titles) };
  const since = impressions.at[0] ?? DEMO_START;
  const trained = await trainInWorker({
    catalogue,
    interactions,
    earlier: selectInteractions(interactions, (entry) => interactions.at[entry]! < since),
    labels: { kind: 'impressions', impressions },
    asOf: DEMO_START,
    seed,
    viewerTraits: world.unitIds.map((_, viewer) => {
      const { country, ageGroup } = world.traits(viewer);
      return { country, ageGroup };
    }),
    itemModels: {},
    least: 0,
  });
  const place = join(folder, 'calibration-models');
  if (existsSync(place)) await rm(place, { recursive: true });
  await saveModels(place, trained);
  return loadModels(place, catalogue);
}

/** Both arms of a sample, as figures of the population. */
export async function livedThrough(
  parameters: WorldParameters,
  models: Models,
  sample: Sample,
  arms: readonly ReturnType<typeof pipelinesOf>[],
  options: WorldOptions,
): Promise<{ control: ArmFigures; treatment: ArmFigures; mood: number; viewers: number }> {
  const world = worldOf(parameters, options);
  const { viewers, weights } = drawSample(world, options.trainedOn, sample);
  const { behaviour } = parameters;
  const history: Interactions = prePeriod(world, {
    days: DAYS,
    endMs: DEMO_START,
    viewers,
    behaviour,
    impressionDays: 0,
  }).interactions;
  const figures: ArmFigures[] = [];
  let mood = 0;
  for (const [arm, pipelines] of arms.entries()) {
    const { days, moods } = await liveArm({
      world,
      models,
      pipelines,
      viewers,
      history,
      startMs: DEMO_START,
      days: DAYS,
      observeDays: OBSERVE_DAYS,
      seed: options.seed,
      behaviour,
      ...(options.signal && { signal: options.signal }),
    });
    const terms = unitTerms(days, DEMO_START + DAYS * DAY);
    figures.push(
      Object.fromEntries(TRUE_METRICS.map((metric) => [metric, figure(terms[metric], weights)])) as Record<
        TrueMetric,
        number
      >,
    );
    if (arm === 0) mood = meanMood(world, viewers, weights, moods);
  }
  return { control: figures[0]!, treatment: figures[1]!, mood, viewers: viewers.length };
}

/** Of those who come often: who comes twice has hardly left the mood they began in. */
function meanMood(world: World, viewers: Int32Array, weights: Float64Array, moods: Float32Array): number {
  let sum = 0;
  let count = 0;
  viewers.forEach((viewer, place) => {
    if (world.traits(viewer).sessionsPerWeek < OFTEN) return;
    sum += weights[place]! * moods[place]!;
    count += weights[place]!;
  });
  return sum / count;
}

/** A stratified sample: within those who come often, and within the others, every so manieth by activity. */
function drawSample(world: World, first: number, { viewers, oneIn }: Sample) {
  const strata: number[][] = [[], []];
  for (let viewer = first; viewer < first + viewers; viewer++)
    strata[world.traits(viewer).sessionsPerWeek > OFTEN ? 0 : 1]!.push(viewer);
  const rows: number[] = [];
  const weights: number[] = [];
  strata.forEach((stratum, kind) => {
    const every = oneIn[kind]!;
    stratum.sort((a, b) => world.traits(a).sessionsPerWeek - world.traits(b).sessionsPerWeek || a - b);
    const drawn = stratum.filter((_, place) => place % every === every >> 1);
    for (const viewer of drawn) {
      rows.push(viewer);
      weights.push(stratum.length / drawn.length);
    }
  });
  return { viewers: Int32Array.from(rows), weights: Float64Array.from(weights) };
}
