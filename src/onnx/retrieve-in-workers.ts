import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { PackedLists } from '../ranking/viewer.ts';
import type { HistoryChunk } from './history-chunk.ts';
import { type ChunkRetriever, createChunkRetriever, type RetrievalJob } from './retrieve-chunk.ts';

const MOST_THREADS = 8;
/** Chunks that a thread has at once: one that it works on, one that waits. */
const AHEAD = 2;

interface RetrievalThread {
  readonly retrieve: ChunkRetriever;
  close(): Promise<unknown>;
}

/**
 * Lists for chunk after chunk of users, in as many threads as there are cores, at most 8. Chunks are committed in their order, one at a time; a few are
 * held meanwhile, so memory does not grow with the users. Run from TypeScript sources (tests), where no compiled worker
 * file exists, it works in this thread.
 *
 * @param chunks asked for the next one when a thread has room for it
 */
export async function retrieveInWorkers<Chunk extends { readonly histories: HistoryChunk }>(
  job: RetrievalJob,
  chunks: Iterable<Chunk>,
  commit: (chunk: Chunk, packed: PackedLists) => Promise<void>,
): Promise<void> {
  const threads = openThreads(job);
  const source = chunks[Symbol.iterator]();
  let before: Promise<void> = Promise.resolve();
  const lane = async ({ retrieve }: RetrievalThread): Promise<void> => {
    for (let next = source.next(); !next.done; next = source.next()) {
      const chunk = next.value;
      const earlier = before;
      let done = (): void => {};
      before = new Promise((resolve) => {
        done = resolve;
      });
      const packed = await retrieve(chunk.histories);
      await earlier;
      await commit(chunk, packed);
      done();
    }
  };
  try {
    await Promise.all(threads.flatMap((thread) => Array.from({ length: AHEAD }, () => lane(thread))));
  } finally {
    await Promise.all(threads.map((thread) => thread.close()));
  }
}

function openThreads(job: RetrievalJob): RetrievalThread[] {
  if (import.meta.url.endsWith('.ts')) {
    const retrieve = createChunkRetriever(job);
    let last: Promise<unknown> = Promise.resolve();
    const inTurn: ChunkRetriever = (chunk) => {
      const answer = last.then(() => retrieve(chunk));
      last = answer;
      return answer;
    };
    return [{ retrieve: inTurn, close: async () => {} }];
  }
  const workerData = sharedJob(job);
  const count = Math.min(MOST_THREADS, availableParallelism());
  return Array.from({ length: count }, () => openThread(workerData));
}

function openThread(workerData: RetrievalJob): RetrievalThread {
  const worker = new Worker(new URL('./retrieve-worker.js', import.meta.url), { workerData });
  /** Those who wait for an answer, in the order in which they asked. */
  const waiting: { resolve(packed: PackedLists): void; reject(error: unknown): void }[] = [];
  let failure: unknown;
  const fail = (error: unknown): void => {
    failure ??= error;
    for (const one of waiting.splice(0)) one.reject(failure);
  };
  worker.on('message', (packed: PackedLists) => waiting.shift()?.resolve(packed));
  worker.on('error', fail);
  worker.on('exit', (code) => fail(new Error(`a retrieval thread ended with code ${code}`)));
  return {
    retrieve: (chunk) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) return reject(failure);
        waiting.push({ resolve, reject });
        worker.postMessage(chunk);
      }),
    close: () => worker.terminate(),
  };
}

/** What the threads need of a job, with its matrices in memory that they share: EASE alone may take gigabytes. */
function sharedJob({ models, ...job }: RetrievalJob): RetrievalJob {
  const { catalogue, ials, content, itemKnn, ease } = models;
  return {
    ...job,
    models: {
      catalogue: { size: catalogue.size, episodes: catalogue.episodes },
      ials: { ...ials, items: shared(ials.items) },
      content: { ...content, vectors: shared(content.vectors) },
      ...(itemKnn && { itemKnn }),
      ...(ease && { ease: { ...ease, weights: shared(ease.weights) } }),
    },
  };
}

function shared(values: Float32Array): Float32Array {
  if (values.buffer instanceof SharedArrayBuffer) return values;
  const copy = new Float32Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}
