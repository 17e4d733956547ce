import { parentPort, workerData } from 'node:worker_threads';
import type { ChunkFigures } from './chunk-figures.ts';
import { type ChunkThreadSettings, openChunkRunner } from './chunk-threads.ts';

/** What a thread says of the chunk it is at. */
export type ChunkMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'share'; readonly share: number }
  | { readonly kind: 'done'; readonly figures: ChunkFigures };

/** Entry of the threads that `openChunkThreads` starts: one chunk after the other, as they are asked for. */
const send = (message: ChunkMessage): void => parentPort!.postMessage(message);
const runner = await openChunkRunner(workerData as ChunkThreadSettings);
send({ kind: 'ready' });
parentPort!.on('message', async (chunk: number) => {
  send({ kind: 'done', figures: await runner.run(chunk, (share) => send({ kind: 'share', share })) });
});
