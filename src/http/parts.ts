import type { FastifyBaseLogger } from 'fastify';
import type { Registry } from 'prom-client';
import type { Report } from '../analysis/report/report.ts';
import type { ExperimentState } from '../assignment/assign.ts';
import type { ConfigurationStats, Reload } from '../control/live-configuration.ts';
import type { ModelsStats, ServerSwap } from '../control/live-models.ts';
import type { Kept, StatesStats } from '../control/live-states.ts';
import type { Decision } from '../db/experiment-states.ts';
import type { Declarations } from '../declarations.ts';
import type { SpooledLog, SpoolStats } from '../journal/spooled-log.ts';
import type { Models } from '../ranking/models.ts';
import type { Evaluator, Recommender } from '../recommend.ts';
import type { ViewerProfile, Viewers } from '../viewers.ts';
import type { AdmissionOptions } from './admission.ts';
import type { RecentRequests } from './recent-requests.ts';

/** The durable log: of slates, and of what clients send. */
export type ServingLog = Pick<SpooledLog, 'append' | 'appendEvents'>;

export interface Reports {
  latest(experiment: string): Promise<Report | undefined>;
  /** The latest of every experiment that has one. */
  list(): Promise<readonly Report[]>;
  markdown(report: Report): string;
  /** The long table of its estimates. */
  csv(report: Report): string;
}

export interface AnalysisStatus {
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  /** Part done, in [0, 1]. */
  readonly progress: number;
  readonly failure?: string;
}

export interface Analyses {
  /** @param cutoff epoch ms; outcomes later than it are not read */
  request(experiment: string, cutoff: number): Promise<string>;
  /** Undefined for a job nobody asked for. */
  status(job: string): Promise<AnalysisStatus | undefined>;
}

export interface Profiles {
  /** Durable on resolve; fields left out keep their value. */
  save(user: string, profile: ViewerProfile): Promise<void>;
}

/** What the server is made of. Functions are asked anew at each use, so that models and declarations can be swapped. */
export interface ServerParts {
  readonly environment: string;
  readonly recommender: Recommender & Evaluator;
  readonly viewers: Pick<Viewers, 'get' | 'watched' | 'profile'>;
  readonly eventLog: ServingLog;
  readonly declarations: () => Declarations;
  readonly models: () => Models;
  readonly states: () => ReadonlyMap<string, ExperimentState>;
  /** Puts a decision in force; absent: nobody may decide here. Rejects when it is not durable. */
  readonly decide?: (decision: Decision) => Promise<Kept>;
  /** Of the states, the declarations and the models, for the metrics. */
  readonly control?: () => {
    readonly states: StatesStats;
    readonly configuration: ConfigurationStats;
    readonly models: ModelsStats;
  };
  /** Reads the declarations anew; absent: nobody may ask for it here. */
  readonly reload?: () => Promise<Reload>;
  /** Takes the models of a folder in every process of the server; absent: nobody may ask for it here. */
  readonly swap?: (folder: string) => Promise<ServerSwap>;
  /** What is not as it should be and does not keep it from serving. */
  readonly notes?: () => readonly string[];
  /** Epoch ms. */
  readonly clock: () => number;
  readonly reports: Reports;
  readonly analyses: Analyses;
  readonly profiles: Profiles;
  /** Documents of reproduced tests; absent: there are none. */
  readonly reproductions?: () => Promise<readonly unknown[]>;
  /** What is still missing before recommendations can be served; empty when nothing is. */
  readonly ready: () => readonly string[];
  /** It is about to stop and still answers everything: whoever balances may send elsewhere. */
  readonly draining?: () => boolean;
  /** The recommender's monotonic clock in microseconds, from which deadlines of requests count; absent: they have none. */
  readonly micros?: () => number;
  /** Recommendation requests under way at once, and how long others wait for their place; absent: PLACES and WAIT_MS. */
  readonly admission?: Pick<AdmissionOptions, 'places' | 'waitMs'>;
  /** A UUIDv7. */
  readonly newId: () => string;
  /** Folder of the built pages; absent: the API alone. */
  readonly assets?: string;
  /** Absent: nothing is logged. */
  readonly logger?: FastifyBaseLogger;
  /** Records that wait to become durable, for the metric. */
  readonly queueDepth?: () => number;
  /** Requests served lately; absent: those of this process alone. */
  readonly served?: RecentRequests;
  /** Given the figures of this process: the text of those of the whole server. Absent: there are no others. */
  readonly metricsText?: (own: Registry) => () => Promise<string>;
  /** Of the local journal, for the metrics. */
  readonly spool?: () => SpoolStats;
}
