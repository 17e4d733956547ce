import type { TrainingDeclaration } from './declarations.ts';
import { type Dataset, LIKED } from './files/dataset.ts';
import { loadInteractions, saveInteractions } from './files/history.ts';
import { readMl100kSplit } from './files/movielens.ts';
import { readDataset } from './files/read-dataset.ts';
import { type TitleDetails, withDetails } from './files/title-details.ts';
import type { Catalogue, Interactions } from './ranking/catalogue.ts';
import { longTail } from './ranking/long-tail.ts';
import {
  type JudgedDays,
  officialSplit,
  type Protocol,
  type ProtocolSplit,
  splitBy,
} from './ranking/protocols.ts';
import { selectInteractions } from './ranking/time-slices.ts';
import type { TrainingInput } from './ranking/train.ts';
import { TIMELESS, TRENDING_DEFAULTS, type TrendingParameters } from './ranking/trending.ts';
import { DEMO_START } from './simulation/invented-catalogue.ts';
import { inventedWorld } from './simulation/invented-world.ts';
import { nextChoices } from './simulation/next-choices.ts';
import { prePeriod } from './simulation/pre-period.ts';
import { ratingsWorld } from './simulation/ratings-world.ts';
import type { ViewerTraits, World } from './simulation/world.ts';

export interface SceneOptions {
  /** A folder of ratings in a format of MovieLens or MovieTweetings; undefined for the invented world. */
  readonly dataFolder: string | undefined;
  /** Viewers of the invented world; real data bring their own. */
  readonly viewers: number;
  /** Titles of the invented world; 15,000 when absent. */
  readonly titles?: number;
  readonly seed: number;
  /** How real data are cut into what models know and what they are judged by; `leave-last` when absent. */
  readonly protocol?: Protocol;
  /** The days that `temporal` judges. */
  readonly judged?: JudgedDays;
  /** Where more is said of titles. */
  readonly details?: TitleDetails;
  readonly progress?: (step: string, share: number) => void;
}

/** What there is before any model is trained: an invented world, or real ratings with a world made of them. */
export interface Scene {
  readonly catalogue: Catalogue;
  readonly world: World;
  /** External user ids by row. */
  readonly ids: readonly string[];
  readonly traits: readonly ViewerTraits[];
  /** What users are known to have watched until the test starts. */
  readonly history: Interactions;
  /** What models are trained on: `history`, but for users held out of training. */
  readonly known: Interactions;
  /** Least weight of an interaction that the user took to. */
  readonly positiveWeight: number;
  /** What no model has seen and users came to like: evaluation. */
  readonly heldOut: Interactions;
  /** What was left out of the files or joined to them, one sentence each. */
  readonly notes: readonly string[];
  readonly asOf: number;
  readonly trending: TrendingParameters;
  /** Made on demand: a warm start does without. */
  readonly labels: () => Pick<TrainingInput, 'earlier' | 'labels'>;
}

export const TITLES = 15_000;
const PRE_PERIOD_DAYS = 28;

/**
 * Makes the world or reads the data.
 *
 * @param past where the invented world's past is kept once it was simulated; `made`: it is there
 * @throws DataFileError about the data
 */
export async function setScene(
  options: SceneOptions,
  past: { readonly folder: string | undefined; readonly made: boolean },
): Promise<Scene> {
  return options.dataFolder === undefined
    ? await inventedScene(options, past.folder, past.made)
    : await ratingsScene(options, options.dataFolder, past.made);
}

/** What models are trained on in this scene. */
export function trainingInput(
  scene: Scene,
  options: Pick<TrainingInput, 'seed' | 'itemSources'> & { readonly training?: TrainingDeclaration },
): TrainingInput {
  const { catalogue, known, asOf, trending, traits, positiveWeight } = scene;
  const { seed, itemSources, training: { ials, ...itemModels } = {} } = options;
  return {
    catalogue,
    interactions: known,
    ...scene.labels(),
    trending,
    asOf,
    seed,
    viewerTraits: traits.map(({ country, ageGroup }) => ({ country, ageGroup })),
    ...(itemSources && { itemSources }),
    ...(ials && { ials }),
    itemModels,
    least: positiveWeight,
  };
}

async function inventedScene(
  options: SceneOptions,
  folder: string | undefined,
  warm: boolean,
): Promise<Scene> {
  const { seed, viewers, titles = TITLES } = options;
  const world = inventedWorld({ seed, viewers, titles });
  const past = warm ? undefined : prePeriod(world, { days: PRE_PERIOD_DAYS, endMs: DEMO_START });
  if (past && folder !== undefined) await saveInteractions(folder, past.interactions);
  const history = past?.interactions ?? (await loadInteractions(folder!, 'run `npx screentest train`'));
  const { details = {}, progress = () => {} } = options;
  const told = await withDetails(world.catalogue, details, undefined, !warm, progress);
  return {
    catalogue: { ...told.catalogue, longTail: longTail(history, world.catalogue.size) },
    notes: told.notes,
    world,
    ids: world.unitIds,
    traits: world.unitIds.map((_, viewer) => world.traits(viewer)),
    history,
    known: history,
    positiveWeight: 0,
    heldOut: nextChoices(world, history),
    asOf: DEMO_START,
    trending: TRENDING_DEFAULTS,
    labels() {
      const { impressions } = past!;
      const since = impressions.count > 0 ? impressions.at[0]! : DEMO_START;
      const earlier = selectInteractions(history, (entry) => history.at[entry]! < since);
      return { earlier, labels: { kind: 'impressions', impressions } };
    },
  };
}

async function ratingsScene(options: SceneOptions, dataFolder: string, warm: boolean): Promise<Scene> {
  const { seed, protocol = 'leave-last', judged, details = {}, progress = () => {} } = options;
  const liked = LIKED / 5;
  const { dataset, split } = await readSplit(dataFolder, protocol, liked, judged);
  const { known, history, unseen, heldOut, earlier, labels } = split;
  const told = await withDetails(dataset.catalogue, details, dataFolder, !warm, progress);
  const catalogue = { ...told.catalogue, longTail: longTail(known, told.catalogue.size) };
  const world = ratingsWorld({
    catalogue,
    userIds: dataset.userIds,
    known: history,
    unseen,
    seed,
  });
  return {
    catalogue,
    notes: [...dataset.notes, ...told.notes],
    world,
    ids: dataset.userIds,
    traits: dataset.userIds.map((_, viewer) => world.traits(viewer)),
    history,
    known,
    positiveWeight: liked,
    heldOut,
    asOf: known.count > 0 ? known.at[known.count - 1]! + 1 : 0,
    trending: TIMELESS,
    labels: () => ({
      earlier,
      labels: { kind: 'ratings', later: labels, liked },
    }),
  };
}

async function readSplit(
  dataFolder: string,
  protocol: Protocol,
  liked: number,
  judged: JudgedDays | undefined,
): Promise<{ dataset: Dataset; split: ProtocolSplit }> {
  if (protocol === 'ml-100k-ua') {
    const { train, test } = await readMl100kSplit(dataFolder);
    return { dataset: train, split: officialSplit(train.interactions, test.interactions, liked) };
  }
  const dataset = await readDataset(dataFolder);
  return { dataset, split: splitBy(protocol, dataset.interactions, liked, judged) };
}
