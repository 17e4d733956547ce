import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { reportMarkdown } from './analysis/report/markdown.ts';
import { reportCsv } from './analysis/report/report-csv.ts';
import type { ProgressReporter } from './cli/progress.ts';
import type { Clock } from './clock.ts';
import type { LiveStates } from './control/live-states.ts';
import { createEventLog, type PostgresEventLog } from './db/event-log.ts';
import { readProfiles, saveProfile } from './db/profiles.ts';
import { latestReport, listReports } from './db/reports.ts';
import { listReproductions } from './db/reproductions.ts';
import { readWatches } from './db/watches.ts';
import { WATCHED_SHARE, watchWeight } from './events/watch-weight.ts';
import { alone, type Bus } from './fleet/bus.ts';
import { sharedMetrics } from './fleet/shared-metrics.ts';
import { sharedRequests } from './fleet/shared-requests.ts';
import { sharedViewers } from './fleet/shared-viewers.ts';
import type { Foundation } from './foundation.ts';
import { BUILT_PAGES } from './http/pages.ts';
import { createRequestIds } from './http/request-ids.ts';
import { createServer, RECENT_REQUESTS } from './http/server.ts';
import type { AnalysisJobs } from './jobs/analysis.ts';
import { openSpool } from './journal/open-spool.ts';
import type { SpooledLog } from './journal/spooled-log.ts';
import { countedViewers, createLiveTrends } from './live-trends.ts';
import { pipelineTools } from './pipeline-tools.ts';
import type { Evaluator, Recommender } from './recommend.ts';
import { createRecommender } from './recommender.ts';
import { readInTime } from './redis/read-in-time.ts';
import { serveModels } from './served-models.ts';
import { createPipeline } from './variants/pipeline.ts';
import { createViewers, type Viewers } from './viewers.ts';

/** Connections the system may hold until they are accepted: when clients hang up and come back together, those beyond it wait a second or more. */
const BACKLOG = 4_096;
/** Longest wait for what was answered to reach the database before an analysis reads it, ms. */
const FLUSH_MS = 5_000;

export interface ServingSettings {
  readonly redisUrl: string | undefined;
  readonly journalFolder: string;
  readonly host: string;
  readonly port: number;
  /** How long /readyz says that it stops before it does, ms; 0 when absent. */
  readonly drainMs?: number;
  /** Other processes of this server; absent: there are none. */
  readonly bus?: Bus;
  readonly report: ProgressReporter;
}

/** What answers requests in one process: viewers, candidates, the journal, the recommender and the API over them. */
export interface Serving {
  readonly viewers: Viewers;
  readonly recommender: Recommender & Evaluator;
  readonly eventLog: PostgresEventLog;
  /** What the server writes to: durable in the local journal first. */
  readonly spool: SpooledLog;
  /** Recomputes the candidate lists of these viewers, or of everyone known. */
  precompute(progress: (done: number, total: number) => void, users?: readonly string[]): Promise<void>;
  /** Gives the viewers back what the log says they watched: after a restart. */
  restoreWatches(): Promise<void>;
  /** From now on what trends is counted anew every minute. Not called, it stays what it was when the models were trained. */
  followTrends(): void;
  close(): Promise<void>;
}

/** Resolves when recommendations can be served. */
export async function openServing(
  foundation: Foundation,
  jobs: AnalysisJobs,
  states: LiveStates,
  clock: Clock,
  settings: ServingSettings,
): Promise<Serving> {
  const { report, bus = alone } = settings;
  const { configuration, stores, prepared, models, kept, environment } = foundation;
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };

  try {
    const { trends } = prepared;
    const live = createLiveTrends(models, trends, clock.now);
    closers.push(async () => live.close());
    const viewers = countedViewers(createViewers(), trends, clock.now);
    // What is known already every process reads by itself.
    const shared = sharedViewers(viewers, bus);
    viewers.load(prepared.ids, prepared.history);
    const traits = prepared.traits;
    prepared.ids.forEach((id, row) => {
      const { country, ageGroup } = traits[row]!;
      viewers.profile(id, { country, ageGroup });
    });
    for (const { user, ...profile } of await readProfiles(stores.db, environment))
      viewers.profile(user, profile);

    const served = serveModels(foundation, live, viewers, clock, bus, report.note);
    closers.push(async () => served.close());
    await report.phase('precompute candidates', 'viewers', (progress) =>
      served.makeLists(models, kept?.folder ?? prepared.folder, progress),
    );

    const eventLog = createEventLog(stores.db, { now: clock.now });
    const spool = await openSpool(settings.journalFolder, eventLog, {
      now: clock.now,
      onChange: (state, error) =>
        report.note(
          state === 'down'
            ? `the database does not take records (${error?.message}); the local journal keeps them`
            : 'the database takes records again',
        ),
    });
    closers.push(() => spool.close());
    const micros = () => performance.now() * 1000;
    const recommender = createRecommender({
      declarations: configuration.current,
      models: live.models,
      viewers,
      candidates: stores.redisUrl === undefined ? stores.candidates : readInTime(stores.candidates),
      environment,
      states: states.current,
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

    const restoreWatches: Serving['restoreWatches'] = async () => {
      const { minutes } = models.catalogue;
      for (const { unit, titles, seconds, at } of await readWatches(stores.db, environment)) {
        titles.forEach((title, i) => {
          if (seconds[i]! < WATCHED_SHARE * minutes[title]! * 60) return;
          viewers.watched(unit, title, watchWeight(seconds[i]!, minutes[title]!), at[i]!);
        });
      }
    };

    bus.onAsked('flush', () => spool.flush(FLUSH_MS));
    let draining = false;
    const server = createServer({
      environment,
      recommender,
      viewers: shared,
      eventLog: spool,
      declarations: configuration.current,
      models: live.models,
      states: states.current,
      decide: states.decide,
      control: () => ({
        states: states.stats(),
        configuration: configuration.stats(),
        models: served.stats(),
      }),
      reload: configuration.reload,
      swap: served.swap,
      notes: () =>
        configuration
          .refused()
          .map((mistake) => `the declarations are refused, the last good ones are served: ${mistake}`),
      clock: clock.now,
      micros,
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
          await Promise.all([spool.flush(FLUSH_MS), bus.ask('flush', FLUSH_MS)]);
          return jobs.request(key, cutoff);
        },
      },
      profiles: { save: (user, profile) => saveProfile(stores.db, environment, user, profile) },
      reproductions: () => listReproductions(stores.db),
      ready: () => [],
      draining: () => draining,
      newId: createRequestIds(clock.now),
      queueDepth: () => eventLog.stats().waiting,
      spool: spool.stats,
      served: sharedRequests(RECENT_REQUESTS, bus),
      metricsText: (registry) => sharedMetrics(registry, bus),
      ...(existsSync(`${BUILT_PAGES}/index.html`) ? { assets: BUILT_PAGES } : {}),
    });
    await server.listen({ host: settings.host, port: settings.port, backlog: BACKLOG });
    closers.push(async () => {
      draining = true;
      await sleep(settings.drainMs ?? 0);
      await server.close();
    });
    return {
      viewers,
      recommender,
      eventLog,
      spool,
      precompute: (progress, users = prepared.ids) =>
        served.makeLists(live.models(), prepared.folder, progress, users),
      restoreWatches,
      followTrends: live.follow,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
