import { parentPort, workerData } from 'node:worker_threads';
import { type TrainingInput, trainModels } from '../ranking/train.ts';
import { openThreads } from '../workers/kernel-threads.ts';
import type { WorkerMessage } from './train-in-worker.ts';

/** Entry of the thread that `trainInWorker` starts. */
const send = (message: WorkerMessage): void => parentPort?.postMessage(message);
const input = { ...(workerData as TrainingInput), open: openThreads };
const trained = trainModels(input, (step, share) => send({ step, share }));
send({ trained });
