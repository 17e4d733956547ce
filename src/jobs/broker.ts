import {
  type BackendFactory,
  createPostgresBackend,
  createRedisBackend,
  type FlowJob,
  FlowProducer,
  type IQueueBackend,
  type Job,
  type JobProgress,
  type JobsOptions,
  type Processor,
  Queue,
  QueueEvents,
  UnrecoverableError,
  Worker,
} from 'bullmq';

/** Where the jobs live: Redis when an address is given, the product's own Postgres otherwise. */
export interface BrokerOptions {
  readonly databaseUrl: string;
  readonly redisUrl?: string | undefined;
  /** Namespace: prefix of the keys on Redis, schema on Postgres. */
  readonly prefix: string;
  readonly queue: string;
  readonly onError: (error: Error) => void;
  /** How long the lock of a running job holds without renewal, ms; LOCK_MS when absent. */
  readonly lockMs?: number;
}

/** Longer than any pause of a busy event loop. */
const LOCK_MS = 120_000;

/** Few connections for each of the four clients: the jobs are few and the work is in their SQL. */
const CONNECTIONS = 3;

export interface Sibling {
  readonly name: string;
  readonly data: unknown;
  readonly opts: JobsOptions;
}

/** One queue and its flows, whatever they live on. */
export interface Broker {
  add(flow: FlowJob): Promise<unknown>;
  /** Adds jobs under the parent of a job that is running: the parent waits for them too. */
  addSiblings(running: Job, jobs: readonly Sibling[]): Promise<unknown>;
  job(id: string): Promise<Job | undefined>;
  /** What the job returned; rejects with the reason when it failed, or when the time is up. */
  finished(job: Job, timeoutMs: number): Promise<unknown>;
  work(processor: Processor, concurrency: number): void;
  /** Rejects where the job's lock passed to another worker: whatever this one found is not to be written. */
  demandLock(job: Job): Promise<void>;
  /** Lets running jobs finish, then closes every connection. */
  close(): Promise<void>;
}

function openOn<B extends IQueueBackend, C>(
  name: string,
  options: { readonly connection: C; readonly prefix: string },
  factory: BackendFactory<B, C>,
  { onError, lockMs = LOCK_MS }: BrokerOptions,
): Broker {
  const queue = new Queue(name, options, factory);
  const flows = new FlowProducer(options, factory);
  const events = new QueueEvents(name, options, factory);
  let worker: Worker<unknown, unknown, string, B, JobProgress, C> | undefined;
  queue.on('error', onError);
  flows.on('error', onError);
  events.on('error', onError);
  return {
    add: (flow) => flows.add(flow),
    addSiblings({ parent: of }, jobs) {
      if (!of?.id) throw new Error('the running job has no parent to add jobs to');
      const parent = { id: of.id, queue: of.queueKey };
      return Promise.all(
        jobs.map(({ name: title, data, opts }) => queue.add(title, data, { ...opts, parent })),
      );
    },
    job: (id) => queue.getJob(id),
    finished: (job, timeoutMs) => job.waitUntilFinished(events, timeoutMs),
    work(processor, concurrency) {
      // A worker that stopped is found out within twice the time its lock holds.
      const lock = { lockDuration: lockMs, stalledInterval: Math.min(30_000, lockMs) };
      const settings = { ...options, concurrency, ...lock, maxStalledCount: 2 };
      worker = new Worker(name, processor, settings, factory);
      worker.on('error', onError);
    },
    async demandLock(running) {
      const held = await running.extendLock(running.token ?? '', lockMs);
      if (held !== 1) throw new UnrecoverableError(`the lock of ${running.id} has passed to another worker`);
    },
    async close() {
      await worker?.close();
      await Promise.all([events.close(), flows.close(), queue.close()]);
    },
  };
}

/** Schema name of a prefix: BullMQ takes simple identifiers of at most 63 bytes. */
export function schemaOf(prefix: string): string {
  return `${prefix
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^(\d)/, '_$1')}_jobs`.slice(-63);
}

/** The address without session settings: a search path in it would win over BullMQ's schema. */
function bare(url: string): string {
  const parsed = new URL(url);
  parsed.searchParams.delete('options');
  return parsed.href;
}

/** Opens the chosen backend; connections are made on first use. */
export function openBroker(options: BrokerOptions): Broker {
  const { queue, prefix } = options;
  if (options.redisUrl) {
    return openOn(queue, { connection: { url: options.redisUrl }, prefix }, createRedisBackend, options);
  }
  const connection = {
    connectionString: bare(options.databaseUrl),
    schema: schemaOf(prefix),
    migrate: true,
    max: CONNECTIONS,
  };
  return openOn(queue, { connection, prefix }, createPostgresBackend, options);
}
