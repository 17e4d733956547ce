import { ask } from '../ask.js';
import { query } from '../database.js';
import { demand, quantile, sleep } from '../measure.js';
import { UNDER_LOAD } from '../world.js';

/** Longest answer of /healthz while the database hangs, ms. */
const HEALTH_MS = 2_000;

/** Load on a database that takes no records for `ms`. */
async function hang(world, ms, begin, end) {
  await world.up();
  const { ledger } = world;
  const load = world.startLoad({ thinkMs: 20 });
  const health = [];
  let recovery;
  try {
    await world.acknowledgedAgain();
    await begin();
    const until = performance.now() + ms;
    while (performance.now() < until) {
      const asked = performance.now();
      const { status } = await ask(`${world.url}/healthz`, { ms: HEALTH_MS });
      demand(status === 200, `/healthz answers ${status}`);
      health.push(performance.now() - asked);
      await world.acknowledgedAgain(5_000);
      await sleep(100);
    }
    const ended = performance.now();
    await end();
    await world.drained(UNDER_LOAD);
    recovery = performance.now() - ended;
  } finally {
    await end();
    await load.stop();
  }
  demand(ledger.seen('accepted') > 0, 'the journal took no event');
  demand(ledger.seen('outside') === 0, 'slates were served outside their experiments');
  return { recovery, note: `/healthz within ${Math.ceil(quantile(health, 1))} ms` };
}

export const databaseHangs = {
  name: 'database-hangs',
  title: 'Postgres hangs',
  injection: (quick) => `SIGSTOP of all its processes for ${quick ? 3 : 60} s, SIGCONT`,
  holds: 'slates and events are acknowledged, /healthz answers, the journal drains',
  recovery: 'SIGCONT to the journal drained',
  runs: { full: 1, quick: 1 },
  async run(world, runs, quick) {
    const { database } = world;
    const recoveries = [];
    let note = '';
    for (let run = 0; run < runs; run++) {
      const found = await hang(world, quick ? 3_000 : 60_000, database.pause, database.resume);
      recoveries.push(found.recovery);
      note = found.note;
    }
    return { verdict: await world.judge('database-hangs'), recoveries, note };
  },
};

export const databaseLocked = {
  name: 'database-locked',
  title: 'tables locked',
  injection: (quick) => `access exclusive lock on request, outcome and exposure for ${quick ? 2 : 20} s`,
  holds: 'as above',
  recovery: 'end of the lock to the journal drained',
  runs: { full: 1, quick: 1 },
  async run(world, runs, quick) {
    const ms = quick ? 2_000 : 20_000;
    const recoveries = [];
    for (let run = 0; run < runs; run++) {
      let held = Promise.resolve();
      const found = await hang(
        world,
        ms,
        () => {
          const locks = ['request', 'outcome', 'exposure'].map((table) => `lock table ${table}`);
          held = query(
            world.database.url(),
            `begin; ${locks.join('; ')}; select pg_sleep(${ms / 1000}); commit`,
          );
        },
        () => held,
      );
      recoveries.push(found.recovery);
    }
    return { verdict: await world.judge('database-locked'), recoveries };
  },
};
