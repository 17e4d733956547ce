import { Worker } from 'node:worker_threads';
import { type TrainedModels, type TrainingInput, trainModels } from '../ranking/train.ts';

export type WorkerMessage =
  | { readonly step: string; readonly share: number }
  | { readonly trained: TrainedModels };

/**
 * `trainModels` in a thread of its own, so that the event loop stays free. Run from TypeScript sources (tests), where no
 * compiled worker file exists, it trains in this thread.
 */
export function trainInWorker(
  input: TrainingInput,
  progress: (step: string, share: number) => void = () => {},
): Promise<TrainedModels> {
  if (import.meta.url.endsWith('.ts')) return Promise.resolve().then(() => trainModels(input, progress));
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./train-worker.js', import.meta.url), { workerData: input });
    worker.on('message', (message: WorkerMessage) => {
      if ('trained' in message) resolve(message.trained);
      else progress(message.step, message.share);
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`the training thread ended with code ${code}`)));
  });
}
