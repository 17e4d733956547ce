import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TrainingDeclaration } from './declarations.ts';
import { loadModels, readTrainingReport, saveModels } from './files/artefacts.ts';
import { sha256 } from './files/file-set.ts';
import { InvalidInput } from './files/invalid-input.ts';
import { withItemModels } from './files/item-models.ts';
import { dataKey, detailsKey } from './files/title-details.ts';
import { trainInWorker } from './files/train-in-worker.ts';
import { buildDemographics } from './ranking/demographics.ts';
import { FEATURE_SCHEMA } from './ranking/features.ts';
import { ITEM_SOURCES, type ItemSource } from './ranking/item-models.ts';
import type { Models } from './ranking/models.ts';
import type { TrainingReport } from './ranking/train.ts';
import { createTrendingCounter, type TrendingCounter } from './ranking/trending-counter.ts';
import { type Scene, type SceneOptions, setScene, TITLES, trainingInput } from './scene.ts';
import { CALIBRATED } from './simulation/calibrated.ts';

export interface PrepareOptions extends SceneOptions {
  /** Where trained models are kept, one folder per data set and seed. */
  readonly cacheFolder: string;
  /** Where the models go instead, when given. */
  readonly modelsFolder?: string;
  /** Candidate sources to train beside the usual ones. */
  readonly sources?: readonly ItemSource[];
  /** What differs from the trainers' defaults. */
  readonly training?: TrainingDeclaration | undefined;
  /** Train even when models are there. */
  readonly retrain?: boolean;
}

/** A data set with its models: all that a test or a server begins with. */
export interface Prepared extends Omit<Scene, 'asOf' | 'trending' | 'labels'> {
  readonly models: Models;
  /** Folder of the models. */
  readonly folder: string;
  readonly report: TrainingReport;
  /** What differs from the trainers' defaults. */
  readonly training: TrainingDeclaration;
  /** Counts what trends from here on; has seen `known`. */
  readonly trends: TrendingCounter;
}

/** Raised when the same data would give other models. */
const TRAINING_VERSION = 9;

/**
 * Makes the world or reads the data, and trains its models; the next call with the same seed, viewers and files loads
 * them from the cache.
 *
 * @throws DataFileError about the data; FileSetError about damaged models, which are not retrained silently
 */
export async function prepare(options: PrepareOptions): Promise<Prepared> {
  const { dataFolder, seed, training = {}, progress = () => {} } = options;
  const key = await cacheKey(options);
  const folder = options.modelsFolder ?? join(options.cacheFolder, `models-${key}`);
  const warm = !options.retrain && existsSync(join(folder, 'manifest.json'));
  progress(dataFolder === undefined ? 'invented world' : 'ratings', 0);
  const { asOf, trending, labels, ...scene } = await setScene(options, {
    folder: join(folder, 'history'),
    made: warm,
  });
  const { catalogue, traits, known, positiveWeight } = scene;
  if (!warm) {
    const trained = await trainInWorker(
      trainingInput(
        { ...scene, asOf, trending, labels },
        { seed, itemSources: sourcesOf(options), training },
      ),
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
    parameters: training,
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
  return { ...scene, models, folder, report, training, trends };
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
  judged,
  sources = [],
  details = {},
  training,
}: PrepareOptions): Promise<string> {
  const data =
    dataFolder === undefined
      ? { viewers, titles: titles ?? TITLES, world: CALIBRATED }
      : {
          files: await dataKey(dataFolder),
          ...(protocol === 'leave-last' ? {} : { protocol }),
          ...(judged === undefined ? {} : { judged }),
        };
  const parts = {
    version: TRAINING_VERSION,
    features: FEATURE_SCHEMA,
    seed,
    sources: sourcesOf({ sources }),
    ...(training === undefined ? {} : { training }),
    ...data,
    ...(await detailsKey(details)),
  };
  return sha256(Buffer.from(JSON.stringify(parts))).slice(0, 12);
}
