import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { reportMarkdown } from './analysis/report/markdown.ts';
import { reportCsv } from './analysis/report/report-csv.ts';
import type { ExperimentState } from './assignment/assign.ts';
import type { ProgressReporter } from './cli/progress.ts';
import { type Clock, createClock } from './clock.ts';
import { createEventLog, type PostgresEventLog } from './db/event-log.ts';
import { loadExperimentStates } from './db/experiment-states.ts';
import { readProfiles, saveProfile } from './db/profiles.ts';
import { latestReport, listReports } from './db/reports.ts';
import { saveTitles } from './db/titles.ts';
import { readWatches } from './db/watches.ts';
import { formatDeclarationError } from './declaration/errors.ts';
import type { Declarations } from './declarations.ts';
import { environmentOf } from './environment.ts';
import { WATCHED_SHARE, watchWeight } from './events/watch-weight.ts';
import { loadCandidateFile } from './files/candidate-file.ts';
import { readDeclarations } from './files/declarations.ts';
import { InvalidInput } from './files/invalid-input.ts';
import type { TitleDetails } from './files/title-details.ts';
import { createRequestIds } from './http/request-ids.ts';
import { createServer } from './http/server.ts';
import { type AnalysisJobs, createAnalysisJobs } from './jobs/analysis.ts';
import { journalFolder } from './journal/journal-folder.ts';
import { openSpool } from './journal/open-spool.ts';
import type { SpooledLog } from './journal/spooled-log.ts';
import { countedViewers, createLiveTrends } from './live-trends.ts';
import { retrieveMany } from './onnx/retrieve.ts';
import { withDeclaredScorers } from './onnx/with-declared-scorers.ts';
import { pipelineTools } from './pipeline-tools.ts';
import { type Prepared, prepare } from './prepare.ts';
import { usersBehind } from './ranking/candidate-lists.ts';
import type { Models } from './ranking/models.ts';
import type { Evaluator, Recommender } from './recommend.ts';
import { createRecommender } from './recommender.ts';
import { readInTime } from './redis/read-in-time.ts';
import { openStores, type Stores } from './stores.ts';
import { itemSourcesOf } from './variants/item-sources.ts';
import { createPipeline } from './variants/pipeline.ts';
import { unknownNames } from './variants/unknown-names.ts';
import { createViewers, type Viewers } from './viewers.ts';

/** Candidates kept per source and user. */
const CANDIDATES = 200;
/** Longest wait for what was answered to reach the database before an analysis reads it, ms. */
const FLUSH_MS = 5_000;

export interface PlatformSettings {
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly cacheFolder: string;
  readonly experimentsFolder: string;
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
  readonly host: string;
  readonly port: number;
  /** How long /readyz says that it stops before it does, ms; 0 when absent. */
  readonly drainMs?: number;
  readonly report: ProgressReporter;
  /** Aborting it ends the opening before its next phase. */
  readonly signal?: AbortSignal;
}

/** Everything wired together: what a server answers with, and what a simulation drives. */
export interface Platform {
  readonly url: string;
  readonly environment: string;
  readonly exampleUser: string;
  readonly declarations: Declarations;
  readonly prepared: Prepared;
  readonly models: Models;
  readonly stores: Stores;
  readonly viewers: Viewers;
  readonly recommender: Recommender & Evaluator;
  readonly eventLog: PostgresEventLog;
  /** What the server writes to: durable in the local journal first. */
  readonly spool: SpooledLog;
  readonly jobs: AnalysisJobs;
  /** The platform's clock, epoch ms. A simulation sets it, and from there it runs on. */
  readonly clock: Clock;
  /** Recomputes the candidate lists of these viewers, or of everyone known. */
  precompute(progress: (done: number, total: number) => void, users?: readonly string[]): Promise<void>;
  /** Gives the viewers back what the log says they watched: after a restart. */
  restoreWatches(): Promise<void>;
  /** From now on what trends is counted anew every minute. Not called, it stays what it was when the models were trained. */
  followTrends(): void;
  close(): Promise<void>;
}

/**
 * Composition root of the product: declarations, stores, models and candidates, then the API. Resolves when
 * recommendations can be served.
 *
 * @throws InvalidInput with every mistake of the declarations, or an error that names what could not be opened and the mend
 */
export async function openPlatform(settings: PlatformSettings): Promise<Platform> {
  const { report, keyPrefix = 'screentest' } = settings;
  const parsed = await readDeclarations(settings.experimentsFolder);
  if (!parsed.ok) throw new InvalidInput(parsed.errors.map(formatDeclarationError).join('\n'));
  const { declarations } = parsed;

  const stores = await report.phase('open the database', '', () => openStores({ ...settings, keyPrefix }));
  const closers: (() => Promise<void>)[] = [() => stores.close()];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };

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
    const models = await withDeclaredScorers(prepared.models, declarations.scorers);
    for (const name of unknownNames(declarations, models.catalogue)) report.note(`Note: ${name}.`);
    const environment = environmentOf(settings, declarations, models.catalogue);
    await saveTitles(stores.db, environment, models.catalogue);
    const clock = createClock();
    const { trends } = prepared;
    const live = createLiveTrends(models, trends, clock.now);
    closers.push(async () => live.close());
    const viewers = countedViewers(createViewers(), trends, clock.now);
    viewers.load(prepared.ids, prepared.history);
    const traits = prepared.traits;
    prepared.ids.forEach((id, row) => {
      const { country, ageGroup } = traits[row]!;
      viewers.profile(id, { country, ageGroup });
    });

    for (const { user, ...profile } of await readProfiles(stores.db, environment))
      viewers.profile(user, profile);

    const precompute: Platform['precompute'] = (progress, users = prepared.ids) =>
      retrieveMany(
        models,
        users.map((id) => viewers.get(id)),
        CANDIDATES,
        async (entries, done) => {
          await stores.candidates.putMany(models.version, entries);
          progress(done, users.length);
        },
      );
    await report.phase('precompute candidates', 'viewers', async (progress) => {
      if (settings.redisUrl === undefined)
        await loadCandidateFile(prepared.folder, models.version, stores.candidates);
      // What `npx screentest precompute` stored already is not made again.
      const behind = await usersBehind(stores.candidates, models.version, prepared.ids, viewers.get);
      await precompute(progress, behind);
    });

    const eventLog = createEventLog(stores.db, { now: clock.now });
    const spool = await openSpool(journalFolder(settings.cacheFolder, settings.databaseUrl), eventLog, {
      now: clock.now,
      onChange: (state, error) =>
        report.note(
          state === 'down'
            ? `the database does not take records (${error?.message}); the local journal keeps them`
            : 'the database takes records again',
        ),
    });
    closers.push(() => spool.close());
    const states: ReadonlyMap<string, ExperimentState> = await loadExperimentStates(
      stores.db,
      environment,
      new Map(declarations.experiments.map(({ key, iteration }) => [key, iteration])),
    );
    const micros = () => performance.now() * 1000;
    const recommender = createRecommender({
      declarations: () => declarations,
      models: live.models,
      viewers,
      candidates: stores.redisUrl === undefined ? stores.candidates : readInTime(stores.candidates),
      environment,
      states: () => states,
      micros,
      createPipeline: (stages) =>
        createPipeline(
          stages,
          micros,
          pipelineTools((text) => report.note(text)),
        ),
      onFailure: (error, place) =>
        report.note(`${place} failed: ${error instanceof Error ? error.message : String(error)}`),
    });
    const jobs = await createAnalysisJobs({
      databaseUrl: stores.databaseUrl,
      redisUrl: stores.redisUrl,
      prefix: `${keyPrefix}-${environment}`,
      db: stores.db,
      declarations: () => declarations,
      environment,
      catalogueSize: models.catalogue.size,
    });
    closers.push(() => jobs.close());

    const restoreWatches: Platform['restoreWatches'] = async () => {
      const { minutes } = models.catalogue;
      for (const { unit, titles, seconds, at } of await readWatches(stores.db, environment)) {
        titles.forEach((title, i) => {
          if (seconds[i]! < WATCHED_SHARE * minutes[title]! * 60) return;
          viewers.watched(unit, title, watchWeight(seconds[i]!, minutes[title]!), at[i]!);
        });
      }
    };

    let draining = false;
    const assets = fileURLToPath(new URL('../dist/web', import.meta.url));
    const server = createServer({
      environment,
      recommender,
      viewers,
      eventLog: spool,
      declarations: () => declarations,
      models: live.models,
      states: () => states,
      clock: clock.now,
      reports: {
        latest: (key) => latestReport(stores.db, environment, key),
        list: () => listReports(stores.db, environment),
        markdown: reportMarkdown,
        csv: reportCsv,
      },
      analyses: {
        status: (job) => jobs.status(job),
        async request(key, cutoff) {
          // What was answered before the question is part of the answer.
          await spool.flush(FLUSH_MS);
          return jobs.request(key, cutoff);
        },
      },
      profiles: { save: (user, profile) => saveProfile(stores.db, environment, user, profile) },
      ready: () => [],
      draining: () => draining,
      newId: createRequestIds(clock.now),
      queueDepth: () => eventLog.stats().waiting,
      spool: spool.stats,
      ...(existsSync(join(assets, 'index.html')) ? { assets } : {}),
    });
    await server.listen({ host: settings.host, port: settings.port });
    closers.push(async () => {
      draining = true;
      await sleep(settings.drainMs ?? 0);
      await server.close();
    });

    return {
      url: `http://localhost:${settings.port}`,
      environment,
      exampleUser: prepared.ids[0]!,
      declarations,
      prepared,
      models,
      stores,
      viewers,
      recommender,
      eventLog,
      spool,
      jobs,
      clock,
      precompute,
      restoreWatches,
      followTrends: live.follow,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
