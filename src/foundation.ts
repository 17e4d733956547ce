import type { ProgressReporter } from './cli/progress.ts';
import { openConfiguration } from './configuration.ts';
import type { LiveConfiguration } from './control/live-configuration.ts';
import { saveTitles } from './db/titles.ts';
import { environmentOf } from './environment.ts';
import type { KeptModels } from './files/kept-models.ts';
import type { TitleDetails } from './files/title-details.ts';
import { type Prepared, prepare } from './prepare.ts';
import type { Models } from './ranking/models.ts';
import { openStores, type Stores } from './stores.ts';
import { firstModels } from './swapped-models.ts';
import { itemSourcesOf } from './variants/item-sources.ts';
import { unknownNames } from './variants/unknown-names.ts';

export interface FoundationSettings {
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly cacheFolder: string;
  readonly experimentsFolder: string;
  /** Name of the environment that records are kept under; absent: that of a simulation, made from its world and declarations. */
  readonly environment?: string;
  /** Real ratings in a format of MovieLens or MovieTweetings; absent: the invented world. */
  readonly dataFolder: string | undefined;
  /** Where more is said of titles. */
  readonly details?: TitleDetails;
  /** Viewers of the invented world. */
  readonly viewers: number;
  /** Titles of the invented world; the usual number when absent. */
  readonly titles?: number;
  /** Namespace of jobs and of keys in Redis, for servers that others use too; `screentest` when absent. */
  readonly keyPrefix?: string;
  readonly seed: number;
  /** What the first process of this server opened; absent in that one. */
  readonly worker?: { readonly databaseUrl: string };
  readonly report: ProgressReporter;
  /** Aborting it ends the opening before its next phase. */
  readonly signal?: AbortSignal;
}

/** What every process of the product stands on: declarations, stores, trained models, and the environment they make. */
export interface Foundation {
  readonly configuration: LiveConfiguration;
  readonly stores: Stores;
  readonly prepared: Prepared;
  /** Those swapped in last, or those trained here. */
  readonly models: Models;
  /** Where they were swapped in; absent where no models ever were. */
  readonly kept: KeptModels | undefined;
  readonly environment: string;
  close(): Promise<void>;
}

/** @throws InvalidInput with every mistake of the declarations, or an error that names what could not be opened and the mend */
export async function openFoundation(settings: FoundationSettings): Promise<Foundation> {
  const { report, keyPrefix = 'screentest' } = settings;
  const configuration = await openConfiguration(settings);
  const declarations = configuration.current();

  const stores = await report
    .phase('open the database', '', () => openStores({ ...settings, keyPrefix }))
    .catch((error) => {
      configuration.close();
      throw error;
    });
  try {
    settings.signal?.throwIfAborted();
    const prepared = await report.phase('train the models', '%', (progress) =>
      prepare({
        dataFolder: settings.dataFolder,
        ...(settings.details === undefined ? {} : { details: settings.details }),
        cacheFolder: settings.cacheFolder,
        viewers: settings.viewers,
        ...(settings.titles === undefined ? {} : { titles: settings.titles }),
        seed: settings.seed,
        sources: itemSourcesOf(declarations),
        training: declarations.training,
        progress: (_step, share) => progress(share * 100, 100),
      }),
    );
    for (const note of prepared.notes) report.note(`  ${note}`);
    settings.signal?.throwIfAborted();
    const { models, kept } = await firstModels(prepared, declarations, report.note);
    for (const name of unknownNames(declarations, models.catalogue)) report.note(`Note: ${name}.`);
    const environment = environmentOf(settings, declarations, models.catalogue);
    if (settings.worker === undefined) await saveTitles(stores.db, environment, models.catalogue);
    return {
      configuration,
      stores,
      prepared,
      models,
      kept,
      environment,
      async close() {
        configuration.close();
        await stores.close();
      },
    };
  } catch (error) {
    configuration.close();
    await stores.close();
    throw error;
  }
}
