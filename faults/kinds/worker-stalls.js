import { ask, createAgent } from '../ask.js';
import { hold, query } from '../database.js';
import { freePort } from '../free-port.js';
import { demand, sleep, until } from '../measure.js';
import { seed } from './replays.js';

/** Seconds for which a job's lock holds. */
const LOCK = 2;
const EXPERIMENT = 'homepage-hybrid';
/** Longest wait for another worker to find out and to finish, ms: the database ends what the stopped one holds after 15 s. */
const TAKEN_MS = 120_000;

async function state(url, path) {
  const { text } = await ask(`${url}${path}`, { ms: 5_000 });
  return JSON.parse(text);
}

const rows = async (world) =>
  JSON.stringify(
    await query(
      world.database.url(),
      'select experiment, version, cutoff, md5(report::text) from report order by 1, 2',
    ),
  );

/** Ms until the analysis of a server that is stopped was done by another. Of an embedded database only its server is stopped. */
async function stall(world, agent, run) {
  await seed(world, agent);
  await world.drained();
  const cutoff = Date.now() + 1_000 + run;
  const { url } = world;
  // The roll-up waits for the table, so that it is certain to be under way.
  let free = () => {};
  const freed = new Promise((resolve) => {
    free = resolve;
  });
  const held = await hold(world.database.url(), 'lock table outcome in access exclusive mode', freed);
  const asked = await ask(`${url}/v1/experiments/${EXPERIMENT}/analyses`, {
    method: 'POST',
    body: { cutoff },
  });
  demand(asked.status === 202, `an analysis is answered with ${asked.status}: ${asked.text}`);
  const path = JSON.parse(asked.text).status;
  await sleep(500);
  const stalled = world.product();
  process.kill(stalled.pid, 'SIGSTOP');
  free();
  await held.released;
  const started = performance.now();
  const port = await freePort();
  const other = world.startAnother(port, { jobLock: LOCK });
  try {
    await other.ready();
    const mine = `http://127.0.0.1:${port}`;
    await until('another worker finishes the analysis', TAKEN_MS, async () => {
      const { state: now, failure } = await state(mine, path);
      demand(now !== 'failed', `the analysis failed: ${failure}`);
      return now === 'done';
    });
    const taken = performance.now() - started;
    const before = await rows(world);
    process.kill(stalled.pid, 'SIGCONT');
    await until('the stale worker is refused', 30_000, () =>
      /missing lock|lock mismatch|not in the active state|has passed to another/i.test(stalled.told()),
    );
    await sleep(500);
    demand((await rows(world)) === before, 'the stale worker wrote a report');
    const { state: after } = await state(mine, path);
    demand(after === 'done', `the analysis is ${after} after the stale worker went on`);
    // And it works again.
    await ask(`${url}/v1/experiments/${EXPERIMENT}/analyses`, {
      method: 'POST',
      body: { cutoff: cutoff + 1 },
    });
    return taken;
  } finally {
    process.kill(stalled.pid, 'SIGCONT');
    await other.end('SIGTERM');
  }
}

export const workerStalls = {
  name: 'worker-stalls',
  title: 'worker stalls',
  injection: `SIGSTOP of the server whose job is under way, past the job's lock (--job-lock ${LOCK}), a second server beside it; SIGCONT when that one is done`,
  holds: "the second one finishes the analysis; the stale worker's result is refused, and no report changes",
  recovery: 'SIGSTOP to the analysis done elsewhere, the start of that server included',
  runs: { full: 3, quick: 0 },
  async run(world, runs) {
    const agent = createAgent();
    await world.up();
    await world.end('SIGTERM');
    await world.up({ jobLock: LOCK });
    const recoveries = [];
    for (let run = 0; run < runs; run++) recoveries.push(await stall(world, agent, run));
    const verdict = await world.judge('worker-stalls');
    await world.end('SIGTERM');
    agent.destroy();
    return { verdict, recoveries };
  },
};
