import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadModels, readTrainingReport, saveModels } from './files/artefacts.ts';
import { type Dataset, LIKED } from './files/dataset.ts';
import { sha256 } from './files/file-set.ts';
import { loadInteractions, saveInteractions } from './files/history.ts';
import { InvalidInput } from './files/invalid-input.ts';
import { withItemModels } from './files/item-models.ts';
import { readMl100kSplit } from './files/movielens.ts';
import { readDataset } from './files/read-dataset.ts';
import { dataKey, detailsKey, type TitleDetails, withDetails } from './files/title-details.ts';
import { trainInWorker } from './files/train-in-worker.ts';
import type { Catalogue, Interactions } from './ranking/catalogue.ts';
import { buildDemographics } from './ranking/demographics.ts';
import { FEATURE_SCHEMA } from './ranking/features.ts';
import { ITEM_SOURCES, type ItemSource } from './ranking/item-models.ts';
import { longTail } from './ranking/long-tail.ts';
import type { Models } from './ranking/models.ts';
import { officialSplit, type Protocol, type ProtocolSplit, splitBy } from './ranking/protocols.ts';
import { selectInteractions } from './ranking/time-slices.ts';
import type { TrainingInput, TrainingReport } from './ranking/train.ts';
import { TIMELESS, TRENDING_DEFAULTS, type TrendingParameters } from './ranking/trending.ts';
import { createTrendingCounter, type TrendingCounter } from './ranking/trending-counter.ts';
import { DEMO_START } from './simulation/invented-catalogue.ts';
import { inventedWorld } from './simulation/invented-world.ts';
import { nextChoices } from './simulation/next-choices.ts';
import { prePeriod } from './simulation/pre-period.ts';
import { ratingsWorld } from './simulation/ratings-world.ts';
import type { ViewerTraits, World } from './simulation/world.ts';

export interface PrepareOptions {
  /** A folder of ratings in a format of MovieLens or MovieTweetings; undefined for the invented world. */
  readonly dataFolder: string | undefined;
  /** Where trained models are kept, one folder per data set and seed. */
  readonly cacheFolder: string;
  /** Where the models go instead, when given. */
  readonly modelsFolder?: string;
  /** Viewers of the invented world; real data bring their own. */
  readonly viewers: number;
  /** Titles of the invented world; 15,000 when absent. */
  readonly titles?: number;
  readonly seed: number;
  /** How real data are cut into what models know and what they are judged by; `leave-last` when absent. */
  readonly protocol?: Protocol;
  /** Candidate sources to train beside the usual ones. */
  readonly sources?: readonly ItemSource[];
  /** Where more is said of titles. */
  readonly details?: TitleDetails;
  /** Train even when models are there. */
  readonly retrain?: boolean;
  readonly progress?: (step: string, share: number) => void;
}

/** A data set with its models: all that a test or a server begins with. */
export interface Prepared {
  readonly catalogue: Catalogue;
  readonly models: Models;
  /** Folder of the models. */
  readonly folder: string;
  readonly world: World;
  /** External user ids by row. */
  readonly ids: readonly string[];
  readonly traits: readonly ViewerTraits[];
  /** What users are known to have watched until the test starts. */
  readonly history: Interactions;
  /** What the models were trained on: `history`, but for users held out of training. */
  readonly known: Interactions;
  /** Least weight of an interaction that the user took to. */
  readonly positiveWeight: number;
  /** What no model has seen and users came to like: evaluation. */
  readonly heldOut: Interactions;
  readonly report: TrainingReport;
  /** What was left out of the files or joined to them, one sentence each. */
  readonly notes: readonly string[];
  /** Counts what trends from here on; has seen `known`. */
  readonly trends: TrendingCounter;
}

/** What the world offers before any model is trained. */
interface Scene
  extends Pick<
    Prepared,
    'catalogue' | 'world' | 'ids' | 'traits' | 'history' | 'known' | 'heldOut' | 'positiveWeight' | 'notes'
  > {
  readonly asOf: number;
  readonly trending: TrendingParameters;
  /** Made on demand: a warm start does without. */
  readonly labels: () => Pick<TrainingInput, 'earlier' | 'labels'>;
}

/** Raised when the same data would give other models. */
const TRAINING_VERSION = 6;
const TITLES = 15_000;
const PRE_PERIOD_DAYS = 28;

/**
 * Makes the world or reads the data, and trains its models; the next call with the same seed, viewers and files loads
 * them from the cache.
 *
 * @throws DataFileError about the data; FileSetError about damaged models, which are not retrained silently
 */
export async function prepare(options: PrepareOptions): Promise<Prepared> {
  const { dataFolder, seed, progress = () => {} } = options;
  const key = await cacheKey(options);
  const folder = options.modelsFolder ?? join(options.cacheFolder, `models-${key}`);
  const warm = !options.retrain && existsSync(join(folder, 'manifest.json'));
  progress(dataFolder === undefined ? 'invented world' : 'ratings', 0);
  const scene =
    dataFolder === undefined
      ? await inventedScene(options, join(folder, 'history'), warm)
      : await ratingsScene(options, dataFolder, warm);
  const { catalogue, world, ids, traits, history, known, positiveWeight, heldOut, asOf, trending, notes } =
    scene;
  if (!warm) {
    const trained = await trainInWorker(
      {
        catalogue,
        interactions: known,
        ...scene.labels(),
        trending,
        asOf,
        seed,
        viewerTraits: traits.map(({ country, ageGroup }) => ({ country, ageGroup })),
        itemSources: sourcesOf(options),
        least: positiveWeight,
      },
      progress,
    ).catch((error: unknown) => {
      throw error instanceof RangeError ? new InvalidInput(error.message, { cause: error }) : error;
    });
    await saveModels(folder, trained);
  }
  const loaded = await withItemModels(await loadModels(folder, catalogue), {
    folder,
    sources: sourcesOf(options),
    interactions: known,
    least: positiveWeight,
    retrain: options.retrain ?? false,
    progress,
  });
  const trends = createTrendingCounter(known, catalogue.size, traits, asOf, trending);
  const { countries, hours } = trends.model(loaded.trending, asOf);
  const models: Models = {
    ...loaded,
    trending: { ...loaded.trending, ...(countries && { countries }), ...(hours && { hours }) },
    demographics: buildDemographics(known, catalogue.size, traits),
  };
  const report = await readTrainingReport(folder);
  progress('ready', 1);
  return {
    catalogue,
    models,
    folder,
    world,
    ids,
    traits,
    history,
    known,
    positiveWeight,
    heldOut,
    report,
    notes,
    trends,
  };
}

async function inventedScene(options: PrepareOptions, folder: string, warm: boolean): Promise<Scene> {
  const { seed, viewers, titles = TITLES } = options;
  const world = inventedWorld({ seed, viewers, titles });
  const past = warm ? undefined : prePeriod(world, { days: PRE_PERIOD_DAYS, endMs: DEMO_START });
  if (past) await saveInteractions(folder, past.interactions);
  const history = past?.interactions ?? (await loadInteractions(folder, 'run `npx screentest train`'));
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

async function ratingsScene(options: PrepareOptions, dataFolder: string, warm: boolean): Promise<Scene> {
  const { seed, protocol = 'leave-last', details = {}, progress = () => {} } = options;
  const liked = LIKED / 5;
  const { dataset, split } = await readSplit(dataFolder, protocol, liked);
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
): Promise<{ dataset: Dataset; split: ProtocolSplit }> {
  if (protocol === 'ml-100k-ua') {
    const { train, test } = await readMl100kSplit(dataFolder);
    return { dataset: train, split: officialSplit(train.interactions, test.interactions, liked) };
  }
  const dataset = await readDataset(dataFolder);
  return { dataset, split: splitBy(protocol, dataset.interactions, liked) };
}

/** The re-ranker takes the scores of the item models beside it, so others are another set of models. */
function sourcesOf({ sources = [] }: Pick<PrepareOptions, 'sources'>): ItemSource[] {
  return ITEM_SOURCES.filter((source) => sources.includes(source));
}

async function cacheKey({
  dataFolder,
  viewers,
  titles,
  seed,
  protocol = 'leave-last',
  sources = [],
  details = {},
}: PrepareOptions): Promise<string> {
  const data =
    dataFolder === undefined
      ? { viewers, titles: titles ?? TITLES }
      : {
          files: await dataKey(dataFolder),
          ...(protocol === 'leave-last' ? {} : { protocol }),
        };
  const parts = {
    version: TRAINING_VERSION,
    features: FEATURE_SCHEMA,
    seed,
    sources: sourcesOf({ sources }),
    ...data,
    ...(await detailsKey(details)),
  };
  return sha256(Buffer.from(JSON.stringify(parts))).slice(0, 12);
}
