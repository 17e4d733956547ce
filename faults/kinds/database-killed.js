import { randomInt } from 'node:crypto';
import { demand, sleep, until } from '../measure.js';
import { UNDER_LOAD } from '../world.js';

export const databaseKilled = {
  name: 'database-killed',
  title: 'Postgres killed',
  injection:
    'kill -9 of all its processes under load; the embedded one is started again by the product, a cluster by its operator after up to 1 s',
  holds: 'as above; slates and events are acknowledged all the while, from the journal',
  recovery: 'kill to the backlog of the journal in Postgres, while the load goes on',
  runs: { full: 26, quick: 1 },
  async run(world, runs) {
    await world.up();
    const { ledger, database } = world;
    const load = world.startLoad({ thinkMs: 5 });
    const recoveries = [];
    try {
      for (let run = 0; run < runs; run++) {
        await world.acknowledgedAgain();
        await sleep(randomInt(400));
        const before = database.pid();
        const started = performance.now();
        database.kill();
        await world.acknowledgedAgain(5_000);
        await sleep(randomInt(1_000));
        await database.revive();
        await until('Postgres runs again', 60_000, () => ![undefined, before].includes(database.pid()));
        await world.drained(UNDER_LOAD);
        recoveries.push(performance.now() - started);
      }
    } finally {
      await load.stop();
    }
    demand(ledger.seen('outside') === 0, 'slates were served outside their experiments');
    demand(ledger.seen('slate 503') + ledger.seen('events 503') === 0, 'something was refused');
    return { verdict: await world.judge('database-killed'), recoveries };
  },
};
