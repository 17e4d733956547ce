import { type Clock, createClock } from './clock.ts';
import type { Reload } from './control/live-configuration.ts';
import type { Declarations } from './declarations.ts';
import { databaseFolder } from './files/database-folder.ts';
import { type Foundation, type FoundationSettings, openFoundation } from './foundation.ts';
import { type AnalysisJobs, createAnalysisJobs } from './jobs/analysis.ts';
import { openOperations } from './operations.ts';
import type { Prepared } from './prepare.ts';
import type { Models } from './ranking/models.ts';
import { openServing, type Serving, type ServingSettings } from './serving.ts';
import type { Stores } from './stores.ts';

export interface PlatformSettings
  extends FoundationSettings,
    Pick<ServingSettings, 'host' | 'port' | 'drainMs' | 'bus'> {
  /** How far the clock is ahead of the system's, ms; 0 when absent. */
  readonly clockOffsetMs?: number;
  /** How long the lock of a running job holds without renewal, ms. */
  readonly jobLockMs?: number;
}

/** Everything wired together: what a server answers with, and what a simulation drives. */
export interface Platform extends Serving {
  readonly url: string;
  readonly environment: string;
  readonly exampleUser: string;
  /** Those it began with. */
  readonly declarations: Declarations;
  /** Reads the declarations anew: all of them are taken, or nothing. */
  reload(): Promise<Reload>;
  readonly prepared: Prepared;
  readonly models: Models;
  readonly stores: Stores;
  readonly jobs: AnalysisJobs;
  /** The platform's clock, epoch ms. A simulation sets it, and from there it runs on. */
  readonly clock: Clock;
}

/**
 * Composition root of a process that serves: the only one of its server, or a worker of it. Resolves when recommendations can be
 * served.
 *
 * @throws InvalidInput with every mistake of the declarations, or an error that names what could not be opened and the mend
 */
export async function openPlatform(settings: PlatformSettings): Promise<Platform> {
  const { report } = settings;
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const foundation = await openFoundation(settings);
    closers.push(() => foundation.close());
    const { configuration, stores, prepared, models, environment } = foundation;
    const states = await openOperations({
      databaseUrl: stores.databaseUrl,
      environment,
      folder: databaseFolder(settings.cacheFolder, 'states', settings.databaseUrl),
      declarations: configuration.current,
      note: report.note,
    });
    closers.push(() => states.close());
    const jobs = openJobs(foundation, settings);
    closers.push(() => jobs.close());
    const clock = createClock();
    clock.set(Date.now() + (settings.clockOffsetMs ?? 0));
    const serving = await openServing(foundation, jobs, states, clock, {
      ...settings,
      journalFolder: databaseFolder(settings.cacheFolder, 'journal', settings.databaseUrl),
    });
    closers.push(() => serving.close());
    return {
      ...serving,
      url: `http://localhost:${settings.port}`,
      environment,
      exampleUser: prepared.ids[0]!,
      declarations: configuration.current(),
      reload: configuration.reload,
      prepared,
      models,
      stores,
      jobs,
      clock,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The analyses of a server: asked for in any of its processes, done in the first. */
export function openJobs(
  { configuration, stores, models, environment }: Foundation,
  {
    keyPrefix = 'screentest',
    worker,
    jobLockMs,
  }: Pick<PlatformSettings, 'keyPrefix' | 'worker' | 'jobLockMs'>,
): AnalysisJobs {
  return createAnalysisJobs({
    databaseUrl: stores.databaseUrl,
    redisUrl: stores.redisUrl,
    prefix: `${keyPrefix}-${environment}`,
    db: stores.db,
    declarations: configuration.current,
    environment,
    catalogueSize: models.catalogue.size,
    work: worker === undefined,
    ...(jobLockMs === undefined ? {} : { lockMs: jobLockMs }),
  });
}
