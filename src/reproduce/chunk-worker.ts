import { parentPort, workerData } from 'node:worker_threads';
import {
  type ChunkMessage,
  type ChunkOrder,
  type ChunkThreadSettings,
  openChunkRunner,
} from './chunk-runner.ts';

/** Entry of the threads that `runInThreads` starts: one chunk after the other, as they are asked for. */
const send = (message: ChunkMessage): void => parentPort!.postMessage(message);
const runner = await openChunkRunner(workerData as ChunkThreadSettings);
parentPort!.on('message', async ({ work, chunk }: ChunkOrder) => {
  send({ kind: 'done', result: await runner.run(work, chunk, (share) => send({ kind: 'share', share })) });
});
