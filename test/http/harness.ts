import type { FastifyInstance } from 'fastify';
import type { Report } from '../../src/analysis/report/report.ts';
import type { ExperimentState } from '../../src/assignment/assign.ts';
import type { Declarations } from '../../src/declarations.ts';
import type {
  AppendOutcome,
  ExposureRecord,
  OutcomeRecord,
  RequestRecord,
} from '../../src/events/records.ts';
import type { AnalysisStatus, ServerParts, ServingLog } from '../../src/http/parts.ts';
import { createServer } from '../../src/http/server.ts';
import { createRecommender } from '../../src/recommender.ts';
import { createViewers, type ViewerProfile } from '../../src/viewers.ts';
import {
  declarationsOf,
  experimentOf,
  fakePipelines,
  fakeStore,
  from,
  modelsOf,
  NOW,
  uuid,
} from './fixtures.ts';

export const ab = experimentOf('front-page', [{ key: 'control' }, { key: 'treatment', pipeline: from(6) }], {
  surface: 'homepage',
});
export const outside = experimentOf('prices', [{ key: 'old' }, { key: 'new' }]);

/** A log in memory that keeps the promises of the real one, and can be told to fail. */
export interface MemoryLog extends ServingLog {
  readonly requests: RequestRecord[];
  readonly exposures: ExposureRecord[];
  readonly outcomes: Map<string, OutcomeRecord>;
  readonly dead: { record: unknown; reason: string }[];
  readonly appends: number[];
  down: boolean;
  /** Awaited before each append resolves. */
  gate: Promise<void>;
}

export function memoryLog(): MemoryLog {
  const log: MemoryLog = {
    requests: [],
    exposures: [],
    outcomes: new Map(),
    dead: [],
    appends: [],
    down: false,
    gate: Promise.resolve(),
    async append({ requests, exposures }) {
      await log.gate;
      if (log.down) throw new Error('nothing can be made durable');
      log.appends.push(requests.length);
      log.requests.push(...requests);
      log.exposures.push(...exposures);
    },
    async appendEvents({ outcomes, exposures, deadLetters }, waitFor) {
      await log.gate;
      if (log.down) throw new Error('nothing can be made durable');
      log.exposures.push(...exposures);
      log.dead.push(...deadLetters.map(({ record, reason }) => ({ record, reason })));
      return outcomes.map((record): AppendOutcome => {
        const before = log.outcomes.get(record.id);
        if (before !== undefined) {
          return JSON.stringify(before) === JSON.stringify(record) ? 'duplicate' : 'conflict';
        }
        log.outcomes.set(record.id, record);
        return waitFor === 'database' ? 'stored' : 'accepted';
      });
    },
  };
  return log;
}

export interface Harness {
  readonly app: FastifyInstance;
  readonly log: MemoryLog;
  readonly viewers: ReturnType<typeof createViewers>;
  readonly saved: { user: string; profile: ViewerProfile }[];
  readonly states: Map<string, ExperimentState>;
  readonly reports: Map<string, Report>;
  readonly asked: { experiment: string; cutoff: number }[];
  /** What readiness waits for. */
  readonly missing: string[];
  readonly failing: { profiles: boolean; analyses: boolean };
}

/** The server over the real recommender and the world of the fixtures. */
export function harness(
  declarations: Declarations = declarationsOf(ab, outside),
  more: Partial<ServerParts> = {},
): Harness {
  const viewers = createViewers();
  const log = memoryLog();
  const states = new Map<string, ExperimentState>();
  const reports = new Map<string, Report>();
  const saved: Harness['saved'] = [];
  const asked: Harness['asked'] = [];
  const missing: string[] = [];
  const failing = { profiles: false, analyses: false };
  const models = modelsOf();
  let ids = 0;
  let micros = 0;
  const recommender = createRecommender({
    declarations: () => declarations,
    models: () => models,
    viewers,
    candidates: fakeStore(),
    environment: 'test',
    states: () => states,
    micros: () => micros++,
    createPipeline: fakePipelines(),
  });
  const app = createServer({
    environment: 'test',
    recommender,
    viewers,
    eventLog: log,
    declarations: () => declarations,
    models: () => models,
    states: () => states,
    clock: () => NOW,
    reports: {
      latest: async (key) => reports.get(key),
      list: async () => [...reports.values()],
      markdown: (report) => `# ${report.experiment.key}\n`,
      csv: (report) => `experiment\n${report.experiment.key}\n`,
    },
    analyses: {
      async request(experiment, cutoff) {
        if (failing.analyses) throw new Error('the queue is down');
        asked.push({ experiment, cutoff });
        return `job-${asked.length}`;
      },
      status: async (job): Promise<AnalysisStatus | undefined> =>
        job === 'job-1' ? { state: 'running', progress: 0.5 } : undefined,
    },
    profiles: {
      async save(user, profile) {
        if (failing.profiles) throw new Error('the database is down');
        saved.push({ user, profile });
      },
    },
    ready: () => missing,
    newId: () => uuid(++ids),
    ...more,
  });
  return { app, log, viewers, saved, states, reports, asked, missing, failing };
}

export const reportOf = (key: string, iteration = 1): Report =>
  ({
    schema: 'screentest/report/v1',
    experiment: { key, iteration },
    state: 'ready',
    cutoff: '2026-10-29T00:00:00.000Z',
    verdict: { decision: 'ship', variant: 'treatment', summary: 'ship it', reasons: [] },
  }) as unknown as Report;
