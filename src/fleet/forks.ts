import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { type BusMessage, type Line, type PrimaryBus, workerBus } from './bus.ts';

/** First pause before a worker is started again, ms; it doubles while workers end within `STEADY_MS`. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
const STEADY_MS = 30_000;
/** How a primary hands a worker what it found out. */
const FACTS = 'SCREENTEST_WORKER';

/** Worker processes that are started again when they end by themselves. */
export interface Forks {
  /** Resolves once so many serve; rejects when one ends before it ever served. */
  readonly ready: Promise<void>;
  serving(): number;
  restarts(): number;
  /** Lets them finish what is under way. Resolves when all have ended. */
  close(): Promise<void>;
}

/**
 * @param facts what a worker needs to know beside the command line
 * @param onEnd told of a worker that ended by itself
 */
export function startForks(
  count: number,
  facts: object,
  bus: PrimaryBus,
  onEnd: (pid: number, how: string) => void,
): Forks {
  cluster.setupPrimary({ serialization: 'advanced' });
  const serving = new Set<Worker>();
  const running = new Set<Worker>();
  let restarts = 0;
  let closing = false;
  let pause = FIRST_PAUSE_MS;
  let settle: { resolve: () => void; reject: (error: Error) => void };
  const ready = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  let everReady = false;

  function start(): void {
    const started = performance.now();
    const worker = cluster.fork({ [FACTS]: JSON.stringify(facts) });
    running.add(worker);
    const remove = bus.add(lineTo(worker));
    worker.on('error', () => {});
    worker.on('message', (message: unknown) => {
      if (message !== READY) return;
      serving.add(worker);
      if (serving.size === count) {
        everReady = true;
        settle.resolve();
      }
    });
    worker.on('exit', (code, signal) => {
      remove();
      running.delete(worker);
      const served = serving.delete(worker);
      if (closing) return;
      const how = signal ?? `exit code ${code}`;
      onEnd(worker.process.pid ?? 0, how);
      if (!served && !everReady) return settle.reject(new Error(`a worker ended before it served: ${how}`));
      pause =
        performance.now() - started > STEADY_MS ? FIRST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, 2 * pause);
      setTimeout(() => {
        if (closing) return;
        restarts++;
        start();
      }, pause);
    });
  }
  for (let i = 0; i < count; i++) start();

  return {
    ready,
    serving: () => serving.size,
    restarts: () => restarts,
    async close() {
      closing = true;
      await Promise.all(
        [...running].map(async (worker) => {
          const ended = once(worker, 'exit');
          // One that does not serve yet has acknowledged nothing, and may be busy for long.
          if (serving.has(worker) && worker.isConnected()) worker.send(STOP);
          else worker.process.kill('SIGKILL');
          await ended;
        }),
      );
    },
  };
}

const READY = 'screentest: ready';
const STOP = 'screentest: stop';

const isBus = (message: unknown): message is BusMessage =>
  typeof message === 'object' && message !== null && 'bus' in message;

function lineTo(worker: Worker): Line {
  return {
    send: (message) => worker.isConnected() && worker.send(message),
    onMessage: (hear) => void worker.on('message', (message: unknown) => isBus(message) && hear(message)),
  };
}

/** What a worker process knows of the one that started it. */
export interface WorkerPlace<Facts> {
  readonly facts: Facts;
  readonly bus: ReturnType<typeof workerBus>;
  /** Aborted when it is asked to stop, or the primary is gone. */
  readonly stop: AbortSignal;
  /** It serves now. */
  ready(): void;
}

/** Undefined in a process that no primary started. */
export function workerPlace<Facts>(): WorkerPlace<Facts> | undefined {
  const told = process.env[FACTS];
  if (!cluster.isWorker || told === undefined) return undefined;
  const stop = new AbortController();
  process.on('message', (message) => {
    if (message === STOP) stop.abort();
  });
  process.on('disconnect', () => stop.abort());
  // A terminal sends Ctrl-C to all processes: it is the primary that decides.
  for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {});
  process.on('SIGTERM', () => stop.abort());
  const send = (message: unknown): boolean => {
    if (!process.connected) return false;
    return process.send!(message, undefined, undefined, () => {});
  };
  return {
    facts: JSON.parse(told) as Facts,
    bus: workerBus({
      send,
      onMessage: (hear) => void process.on('message', (message) => isBus(message) && hear(message)),
    }),
    stop: stop.signal,
    ready: () => void send(READY),
  };
}
