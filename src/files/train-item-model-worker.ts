import { parentPort, workerData } from 'node:worker_threads';
import { type ItemModelInput, trainItemModel } from '../ranking/item-models.ts';
import { openThreads } from '../workers/kernel-threads.ts';
import type { ItemWorkerMessage } from './train-item-model-in-worker.ts';

/** Entry of the thread that `trainItemModelInWorker` starts. Weights are handed over, not copied: they may take gigabytes. */
const send = (message: ItemWorkerMessage, transfer: ArrayBuffer[] = []): void =>
  parentPort?.postMessage(message, transfer);
try {
  const model = trainItemModel(workerData as ItemModelInput, (share) => send({ share }), openThreads);
  send({ model }, 'weights' in model ? [model.weights.buffer as ArrayBuffer] : []);
} catch (error) {
  if (!(error instanceof RangeError)) throw error;
  send({ refused: error.message });
}
