import { parentPort } from 'node:worker_threads';
import { plan } from './plan.js';
import { simulate } from './simulate.js';

const byId = new Map(plan.map((scenario) => [scenario.id, scenario]));

parentPort.on('message', ({ id, seed, from, to }) => {
  const started = performance.now();
  const entries = simulate(byId.get(id), seed, from, to);
  parentPort.postMessage({ id, from, to, entries, ms: performance.now() - started });
});
