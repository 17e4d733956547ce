import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ask } from './ask.js';
import { until } from './measure.js';

const bin = fileURLToPath(new URL('../bin/screentest.js', import.meta.url));
/** Longest start, models trained anew included, ms. */
const START_MS = 240_000;

/** Starts the product as an operator does; it is not ready yet. */
export function startProduct({ port, cache, experiments, users, environment = {} }) {
  const options = ['--users', String(users), '--port', String(port), '--cache', cache];
  const child = spawn(
    process.execPath,
    [bin, 'start', '--no-test', '--experiments', experiments, ...options],
    {
      env: { ...process.env, DATABASE_URL: undefined, REDIS_URL: undefined, ...environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let told = '';
  child.stderr.on('data', (chunk) => {
    told = `${told}${chunk}`.slice(-4_000);
  });
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  const url = `http://127.0.0.1:${port}`;
  return {
    pid: child.pid,
    url,
    ended,
    told: () => told,
    ready: () =>
      until('the product is ready', START_MS, async () => {
        if (ended())
          throw new Error(`the product ended with ${child.exitCode ?? child.signalCode}:\n${told}`);
        return ask(`${url}/readyz`, { ms: 2_000 }).then(
          ({ status }) => status === 200,
          () => false,
        );
      }),
    /** Kills it, or asks it to end, and waits until it did. @returns its exit code */
    async end(signal) {
      if (!ended()) {
        child.kill(signal);
        await once(child, 'exit');
      }
      return child.exitCode;
    },
  };
}
