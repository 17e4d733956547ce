import { Worker } from 'node:worker_threads';
import { type ItemModelInput, trainItemModel } from '../ranking/item-models.ts';
import type { EaseModel, ItemKnnModel } from '../ranking/models.ts';

export type ItemWorkerMessage =
  | { readonly share: number }
  | { readonly refused: string }
  | { readonly model: ItemKnnModel | EaseModel };

/** `trainItemModel` in a thread of its own; in this thread where it runs from TypeScript sources, as `trainInWorker`. */
export function trainItemModelInWorker(
  input: ItemModelInput,
  progress: (share: number) => void = () => {},
): Promise<ItemKnnModel | EaseModel> {
  if (import.meta.url.endsWith('.ts')) return Promise.resolve().then(() => trainItemModel(input, progress));
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./train-item-model-worker.js', import.meta.url), {
      workerData: input,
    });
    worker.on('message', (message: ItemWorkerMessage) => {
      if ('model' in message) resolve(message.model);
      else if ('refused' in message) reject(new RangeError(message.refused));
      else progress(message.share);
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`the training thread ended with code ${code}`)));
  });
}
