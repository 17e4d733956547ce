import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ask } from './ask.js';
import { until } from './measure.js';

const bin = fileURLToPath(new URL('../bin/screentest.js', import.meta.url));
/** Longest start, models trained anew included, ms. */
const START_MS = 240_000;

/** The command in a mount namespace of its own, with a disk of 1 MB at the folder. `unshare` and `sh` become it: its pid is theirs. */
const onSmallDisk = (folder, command) => [
  'unshare',
  process.getuid() === 0 ? '-m' : '-rm',
  'sh',
  '-c',
  'mount -t tmpfs -o size=1m tmpfs "$0" && exec "$@"',
  folder,
  ...command,
];

/**
 * Starts the product as an operator does; it is not ready yet.
 *
 * @param options.jobLock  seconds for which the lock of a running job holds
 * @param options.drain     seconds it goes on answering after it was asked to end
 * @param options.workers   processes that serve
 * @param options.smallDisk a folder of it that lies on a disk of 1 MB, which is gone with the process
 */
export function startProduct({
  port,
  cache,
  experiments,
  users,
  environment = {},
  smallDisk,
  drain = 0,
  workers = 1,
  jobLock = 120,
}) {
  const options = [
    '--users',
    String(users),
    '--port',
    String(port),
    '--cache',
    cache,
    '--drain',
    String(drain),
    '--workers',
    String(workers),
    '--job-lock',
    String(jobLock),
  ];
  const command = [process.execPath, bin, 'start', '--no-test', '--experiments', experiments, ...options];
  const [file, ...args] = smallDisk === undefined ? command : onSmallDisk(smallDisk, command);
  const child = spawn(file, args, {
    env: { ...process.env, DATABASE_URL: undefined, REDIS_URL: undefined, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
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
