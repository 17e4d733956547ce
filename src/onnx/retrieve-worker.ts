import { parentPort, workerData } from 'node:worker_threads';
import type { HistoryChunk } from './history-chunk.ts';
import { createChunkRetriever, type RetrievalJob } from './retrieve-chunk.ts';

/** Entry of the threads that `retrieveInWorkers` starts: one chunk after the other, in the order in which they come. */
const retrieve = createChunkRetriever(workerData as RetrievalJob);
let last: Promise<unknown> = Promise.resolve();
parentPort!.on('message', (chunk: HistoryChunk) => {
  last = last.then(async () => {
    const packed = await retrieve(chunk);
    parentPort!.postMessage(packed, [packed.bytes.buffer as ArrayBuffer, packed.ends.buffer as ArrayBuffer]);
  });
});
