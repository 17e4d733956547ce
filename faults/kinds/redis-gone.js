import { ask } from '../ask.js';
import { demand, sleep, until } from '../measure.js';

/** Whether the jobs on Redis take work. */
const analyses = (world) =>
  ask(`${world.url}/v1/experiments/homepage-aa/analyses`, { method: 'POST', body: {}, ms: 10_000 }).then(
    ({ status }) => status === 202,
    () => false,
  );

export const redisGone = {
  name: 'redis-gone',
  title: 'Redis gone',
  injection: (quick) =>
    `kill -9, then SIGSTOP, for ${quick ? 1 : 5} s each; started again empty, then SIGCONT`,
  holds: 'slates and events are acknowledged all the while; the jobs take work again unaided',
  recovery: 'Redis back to an analysis accepted',
  runs: { full: 3, quick: 1 },
  skip: (world) => (world.redis === undefined ? 'runs without Redis' : undefined),
  async run(world, runs, quick) {
    const { redis, ledger } = world;
    const ms = quick ? 1_000 : 5_000;
    await world.up();
    const load = world.startLoad({ thinkMs: 5 });
    const recoveries = [];
    const gone = async (begin, end) => {
      await world.acknowledgedAgain();
      await begin();
      try {
        const ends = performance.now() + ms;
        while (performance.now() < ends) {
          await world.acknowledgedAgain(5_000);
          await sleep(100);
        }
      } finally {
        await end();
      }
      recoveries.push(await until('the jobs take work', 60_000, () => analyses(world), 100));
    };
    try {
      for (let run = 0; run < runs; run++) {
        await gone(redis.kill, redis.start);
        await gone(redis.pause, redis.resume);
        await gone(
          () => redis.limit(1),
          () => redis.limit(0),
        );
      }
    } finally {
      await load.stop();
    }
    demand(ledger.seen('slate 503') + ledger.seen('slate 500') === 0, 'a slate was refused');
    return { verdict: await world.judge('redis-gone'), recoveries };
  },
};
