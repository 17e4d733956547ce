import { randomInt } from 'node:crypto';
import { demand, sleep, until } from '../measure.js';
import { children } from '../processes.js';

const WORKERS = 2;

export const workerKilled = {
  name: 'worker-killed',
  title: 'one worker killed',
  injection: 'kill -9 of one of two workers of a server at random times under load',
  holds: 'the others go on, it is started again, and what its journal held is stored once',
  recovery: 'kill to both serving again',
  runs: { full: 20, quick: 1 },
  async run(world, runs) {
    await world.up();
    await world.end('SIGTERM');
    await world.up({ workers: WORKERS });
    const load = world.startLoad({ clients: 12 });
    const recoveries = [];
    try {
      for (let run = 0; run < runs; run++) {
        await world.acknowledgedAgain();
        await sleep(randomInt(500));
        const workers = children(world.product().pid, '--workers');
        demand(workers.length === WORKERS, `${workers.length} workers run`);
        const started = performance.now();
        process.kill(workers[randomInt(WORKERS)], 'SIGKILL');
        await sleep(50);
        await world.acknowledgedAgain();
        await until(
          'both workers serve',
          240_000,
          async () => (await world.metric('screentest_workers').catch(() => 0)) === WORKERS,
          50,
        );
        recoveries.push(performance.now() - started);
      }
    } finally {
      await load.stop();
    }
    const verdict = await world.judge('worker-killed');
    demand((await world.end('SIGTERM')) === 0, 'an asked-for end is not exit code 0');
    return { verdict, recoveries };
  },
};
