import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import {
  type ChunkMessage,
  type ChunkRunner,
  type ChunkThreadSettings,
  type ChunkWork,
  openChunkRunner,
  type Work,
} from './chunk-runner.ts';

/** Most threads of a run: each has the world and the models for itself. */
const MOST_THREADS = 8;

/**
 * Does one work on the given chunks in as many threads as there are cores; `onChunk` is told of each when it is durable. Run from
 * TypeScript sources (tests), where no compiled worker file exists, it works in this thread. Aborting ends it at once: what
 * was not committed is gone.
 *
 * @param progress  chunks done, parts of them counted
 */
export async function runInThreads<W extends Work>(
  settings: ChunkThreadSettings,
  work: W,
  chunks: readonly number[],
  options: {
    readonly threads?: number;
    readonly onChunk: (chunk: number, result: ChunkWork[W]) => void;
    readonly progress: (done: number) => void;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { signal, onChunk } = options;
  const waiting = [...chunks];
  const shares = new Map<number, number>();
  let done = 0;
  const report = (): void => {
    let under = 0;
    for (const share of shares.values()) under += share;
    options.progress(done + under);
  };
  const lane = async (runner: ChunkRunner): Promise<void> => {
    for (let chunk = waiting.shift(); chunk !== undefined; chunk = waiting.shift()) {
      const current = chunk;
      signal.throwIfAborted();
      const result = await runner.run(work, current, (share) => {
        signal.throwIfAborted();
        shares.set(current, share);
        report();
      });
      shares.delete(current);
      done++;
      onChunk(current, result);
      report();
    }
  };
  const count = Math.min(options.threads ?? Math.min(MOST_THREADS, availableParallelism()), waiting.length);
  const inThisThread = import.meta.url.endsWith('.ts');
  const runners: ChunkRunner[] = [];
  try {
    for (let i = 0; i < (inThisThread ? 1 : count); i++)
      runners.push(inThisThread ? await openChunkRunner(settings) : openThread(settings, signal));
    await Promise.all(
      runners.map((runner) =>
        lane(runner).catch((error) => {
          waiting.length = 0;
          throw error;
        }),
      ),
    );
  } finally {
    await Promise.all(runners.map((runner) => runner.close()));
  }
}

function openThread(workerData: ChunkThreadSettings, signal: AbortSignal): ChunkRunner {
  const worker = new Worker(new URL('./chunk-worker.js', import.meta.url), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: 2_048, maxYoungGenerationSizeMb: 128 },
  });
  let asked:
    | { progress(share: number): void; resolve(result: never): void; reject(error: unknown): void }
    | undefined;
  let failure: unknown;
  const fail = (error: unknown): void => {
    failure ??= error;
    asked?.reject(failure);
  };
  worker.on('message', (message: ChunkMessage) => {
    if (message.kind === 'share') asked?.progress(message.share);
    else if (message.kind === 'done') asked?.resolve(message.result as never);
  });
  worker.on('error', fail);
  worker.on('exit', (code) => fail(new Error(`a simulating thread ended with code ${code}`)));
  signal.addEventListener('abort', () => fail(signal.reason), { once: true });
  return {
    run: (work, chunk, progress) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) return reject(failure);
        asked = { progress: (share) => !signal.aborted && progress(share), resolve, reject };
        worker.postMessage({ work, chunk });
      }),
    close: () => worker.terminate(),
  };
}
