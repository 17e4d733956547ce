import { type FlowJob, type Job, UnrecoverableError } from 'bullmq';
import type { ExperimentAggregates } from '../analysis/aggregates.ts';
import type { Report } from '../analysis/report/report.ts';
import { analyze } from '../analyze.ts';
import type { Scope } from '../db/aggregates/scope.ts';
import type { Database } from '../db/connect.ts';
import { metricsOf } from '../declaration/metrics-of.ts';
import type { Declarations, Experiment } from '../declarations.ts';
import { openBroker } from './broker.ts';
import { type AnalysisSteps, databaseSteps } from './steps.ts';

export interface AnalysisJobsOptions {
  readonly databaseUrl: string;
  /** Absent: the jobs live in Postgres. */
  readonly redisUrl?: string | undefined;
  readonly prefix: string;
  readonly db: Database;
  readonly declarations: () => Declarations;
  readonly environment: string;
  readonly catalogueSize: number | (() => number);
  /** What the jobs call; absent: the database. */
  readonly steps?: AnalysisSteps;
  /** False in a process that only asks for analyses. */
  readonly work?: boolean;
  /** First pause before a retry, doubling from there, ms. */
  readonly retryMs?: number;
  /** How long the lock of a running job holds without renewal, ms; two minutes when absent. */
  readonly lockMs?: number;
  readonly onError?: (error: Error) => void;
}

export interface AnalysisStatus {
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  /** Finished steps over all, in [0, 1]. */
  readonly progress: number;
  /** The step that failed and why. */
  readonly failure?: string;
}

export interface RequestOptions {
  /** Computes anew what is already done: events from before the cut-off may have come in since. */
  readonly again?: boolean;
}

export interface AnalysisJobs {
  /** Asks for one analysis; the same experiment, iteration, cut-off and configuration is the same job. */
  request(key: string, cutoff: number, options?: RequestOptions): Promise<string>;
  /** The finished report. Rejects with the failed step and its reason. */
  wait(jobId: string, timeoutMs?: number): Promise<Report>;
  /** Undefined for a job nobody asked for, or one removed since. */
  status(jobId: string): Promise<AnalysisStatus | undefined>;
  /** Lets running jobs finish, then closes every connection. */
  close(): Promise<void>;
}

const QUEUE = 'analysis';
const REPORT = 'report';
const HEALTH = 'health';
const STEPS = [HEALTH, 'metrics', 'quantiles', 'coverage', 'preference'] as const;
const ROLL_UP = 'roll-up';
const ATTEMPTS = 3;
const CONCURRENCY = 2;
const WAIT_MS = 600_000;

interface Data {
  readonly key: string;
  readonly iteration: number;
  readonly cutoff: number;
}

/** Steps that this experiment needs: interleaving has a preference, the others only what their metrics ask for. */
function stepsOf(experiment: Experiment, declarations: Declarations): readonly (typeof STEPS)[number][] {
  const kinds = new Set(metricsOf(experiment, declarations.metrics).map(({ kind }) => kind));
  return STEPS.filter((step) => {
    if (step === 'quantiles') return kinds.has('quantile');
    if (step === 'coverage') return kinds.has('coverage');
    return step !== 'preference' || experiment.design === 'interleaving';
  });
}

/** Fails, without retry, when a child has: its own retries are used up. */
async function demandChildren(job: Job): Promise<void> {
  const failures = Object.entries((await job.getIgnoredChildrenFailures()) ?? {});
  if (failures.length === 0) return;
  const reasons = failures.map(([child, reason]) => `${child.slice(child.lastIndexOf('.') + 1)}: ${reason}`);
  throw new UnrecoverableError(reasons.join('; '));
}

/**
 * Analysis as a flow of jobs: one report, whose children are the roll-up of unit-days and the health counts; the roll-up,
 * once done, adds the aggregates that read it as children of the same report. Every step is retried with growing pauses;
 * a step that keeps failing fails the report with its reason.
 */
export function createAnalysisJobs(options: AnalysisJobsOptions): AnalysisJobs {
  const { databaseUrl, redisUrl, prefix, db, declarations, environment, catalogueSize } = options;
  const size = typeof catalogueSize === 'number' ? () => catalogueSize : catalogueSize;
  const steps = options.steps ?? databaseSteps(db, size);
  const log =
    options.onError ?? ((error: Error) => process.stderr.write(`analysis jobs: ${error.message}\n`));
  let closing: Promise<void> | undefined;
  const broker = openBroker({
    databaseUrl,
    redisUrl,
    prefix,
    queue: QUEUE,
    onError: (error) => void (closing ?? log(error)),
    ...(options.lockMs === undefined ? {} : { lockMs: options.lockMs }),
  });
  const pending = new Map<string, Promise<string>>();
  const retry = {
    attempts: ATTEMPTS,
    backoff: { type: 'exponential', delay: options.retryMs ?? 500 },
    // Finished analyses stay for a day, so that asking again finds them.
    removeOnComplete: { age: 86_400, count: 1_000 },
    removeOnFail: { age: 86_400, count: 1_000 },
  };
  const childOf = (id: string, name: string, data: Data) => ({
    name,
    data,
    opts: { ...retry, jobId: `${id}.${name}`, ignoreDependencyOnFailure: true },
  });

  function experimentOf(key: string): Experiment {
    const found = declarations().experiments.find((experiment) => experiment.key === key);
    if (found) return found;
    const known = declarations().experiments.map((experiment) => experiment.key);
    throw new Error(`no experiment ${JSON.stringify(key)}; declared are ${known.join(', ') || 'none'}`);
  }

  function scopeOf({ key, iteration, cutoff }: Data): Scope {
    const experiment = experimentOf(key);
    if (experiment.iteration !== iteration) {
      throw new UnrecoverableError(
        `${key} is at iteration ${experiment.iteration} now, and this analysis is of ${iteration}`,
      );
    }
    return { environment, experiment, metrics: metricsOf(experiment, declarations().metrics), cutoff };
  }

  async function run(job: Job): Promise<unknown> {
    const scope = scopeOf(job.data);
    if (job.name === REPORT) return finish(job, scope);
    if (job.name === ROLL_UP) {
      await steps.rollUp(scope);
      await broker.demandLock(job);
      const rest = stepsOf(scope.experiment, declarations()).filter((step) => step !== HEALTH);
      const id = job.parent?.id ?? '';
      await broker.addSiblings(
        job,
        rest.map((step) => childOf(id, step, job.data)),
      );
      return true;
    }
    const step = STEPS.find((name) => name === job.name);
    if (!step) throw new UnrecoverableError(`no analysis step is called ${job.name}`);
    return (await steps[step](scope)) ?? null;
  }

  async function finish(job: Job, { experiment, metrics, cutoff }: Scope): Promise<Report> {
    await demandChildren(job);
    const values = Object.entries(await job.getChildrenValues());
    const of = <S extends (typeof STEPS)[number]>(step: S) =>
      values.find(([child]) => child.endsWith(`.${step}`))?.[1] as
        | Awaited<ReturnType<AnalysisSteps[S]>>
        | undefined;
    const health = of('health');
    if (!health) throw new Error('the health step left no result');
    const preference = of('preference');
    const aggregates: ExperimentAggregates = {
      experiment: experiment.key,
      iteration: experiment.iteration,
      environment,
      cutoff,
      health,
      metrics: of('metrics') ?? [],
      quantiles: of('quantiles') ?? [],
      coverage: of('coverage') ?? [],
      ...(preference ? { preference } : {}),
    };
    const finished = analyze(experiment, metrics, aggregates, declarations().version);
    await broker.demandLock(job);
    await steps.save(finished);
    return finished;
  }

  function flowOf(id: string, data: Data): FlowJob {
    const child = (name: string) => ({ queueName: QUEUE, ...childOf(id, name, data) });
    return {
      name: REPORT,
      queueName: QUEUE,
      data,
      opts: { ...retry, jobId: id },
      children: [child(ROLL_UP), child(HEALTH)],
    };
  }

  async function enqueue(id: string, data: Data, again: boolean): Promise<string> {
    const known = await broker.job(id);
    const state = await known?.getState();
    if (known && state !== 'failed' && !(again && state === 'completed')) return id;
    await known?.remove({ removeChildren: true });
    await broker.add(flowOf(id, data));
    return id;
  }

  async function jobOf(id: string) {
    const job = await broker.job(id);
    if (!job)
      throw new Error(
        `no analysis ${JSON.stringify(id)}; it may have been removed after a day, ask for it again`,
      );
    return job;
  }

  if (options.work !== false) broker.work(run, CONCURRENCY);
  return {
    async request(key, cutoff, { again = false } = {}) {
      const { iteration } = experimentOf(key);
      const id = [environment, key, iteration, cutoff, declarations().version].join('.').replaceAll(':', '-');
      // Requests that come together share one look-up and one flow.
      const running =
        pending.get(id) ?? enqueue(id, { key, iteration, cutoff }, again).finally(() => pending.delete(id));
      pending.set(id, running);
      return running;
    },
    async wait(jobId, timeoutMs = WAIT_MS) {
      const job = await jobOf(jobId);
      try {
        return (await broker.finished(job, timeoutMs)) as Report;
      } catch (error) {
        const key = (job.data as Data).key;
        throw new Error(`analysis of ${key} failed: ${(error as Error).message}`, { cause: error });
      }
    },
    async status(id) {
      const job = await broker.job(id);
      if (!job) return undefined;
      const [state, counts] = await Promise.all([
        job.getState(),
        job.getDependenciesCount({ processed: true, unprocessed: true, failed: true, ignored: true }),
      ]);
      const { processed = 0, unprocessed = 0, failed = 0, ignored = 0 } = counts;
      const ended = processed + failed + ignored;
      // The steps after the roll-up are added when it is done; the roll-up and the report itself count too.
      const all = stepsOf(experimentOf((job.data as Data).key), declarations()).length + 2;
      const progress = state === 'completed' ? 1 : ended / Math.max(all, ended + unprocessed + 1);
      if (state === 'completed') return { state: 'done', progress };
      if (state === 'failed') return { state: 'failed', progress, failure: job.failedReason };
      return { state: state === 'active' || ended > 0 ? 'running' : 'waiting', progress };
    },
    close() {
      closing ??= broker.close();
      return closing;
    },
  };
}
