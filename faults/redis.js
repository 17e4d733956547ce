import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { Redis } from 'ioredis';
import { freePort } from './free-port.js';
import { until } from './measure.js';

/** Whether the machine has a Redis server to start. */
export function hasRedis() {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const listens = (port) =>
  new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    const answer = (is) => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });

/** A Redis of the run's own, without persistence, as BullMQ wants it. */
export async function startRedis(folder) {
  const port = await freePort();
  let server;
  async function start() {
    const quiet = ['--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction'];
    server = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', ...quiet], {
      cwd: folder,
      stdio: 'ignore',
    });
    await until('Redis of our own', 15_000, () => listens(port));
  }
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    start,
    pid: () => server.pid,
    async kill() {
      server.kill('SIGKILL');
      await once(server, 'exit');
    },
    pause: () => server.kill('SIGSTOP'),
    resume: () => server.kill('SIGCONT'),
    /** Bytes it may use, 0 for any number. */
    async limit(bytes) {
      const redis = new Redis(`redis://127.0.0.1:${port}`);
      await redis.config('SET', 'maxmemory', bytes);
      redis.disconnect();
    },
    async close() {
      if (server.exitCode === null && server.signalCode === null) server.kill('SIGKILL');
    },
  };
}
