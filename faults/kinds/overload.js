import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { v7 } from 'uuid';
import { ask, createAgent } from '../ask.js';
import { connectTo } from '../connection.js';
import { startCrowd } from '../crowd.js';
import { eventsOf, sendEvents, takeSlate } from '../load.js';
import { demand, quantile, sleep } from '../measure.js';
import { keepTo } from '../processes.js';

const TIMES = 5;
/** Connections of the closed loop that the peak is measured with. */
const BUSY = 64;
/** Every user in the arm with the most work. */
const QUERY = 'surface=homepage&device=tv&country=US&force=homepage-hybrid:hybrid';
/** What counts as normal of a second: nothing refused, nothing late, and this p99, ms. */
const NORMAL_P99_MS = 250;

/**
 * The short version runs beside other tests, which take now more and now less of the machine: it measures no goodput, has fewer
 * connections, waits longer and asks for a tenth of the peak when the crowd is gone.
 */
const limitsOf = (quick) =>
  quick
    ? { connections: 128, leastShare: 0, leastTimes: 1, patienceMs: 30_000, normalMs: 60_000, part: 10 }
    : {
        connections: 512,
        leastShare: 0.9,
        leastTimes: 0.9 * TIMES,
        patienceMs: 5_000,
        normalMs: 10_000,
        part: 2,
      };

/** Slates a second that the product makes for clients that ask again as soon as they have an answer. */
async function peak(world, seconds) {
  const { ledger } = world;
  const port = Number(new URL(world.url).port);
  let answers = 0;
  let stopped = false;
  const use = (connection) => {
    const id = v7();
    const user = `u-${randomInt(world.users)}`;
    ledger.sentRequest(id, user);
    connection.send(
      `GET /v1/recommendations/${user}?${QUERY}&request_id=${id} HTTP/1.1\r\nhost: crowd\r\n\r\n`,
      connection,
    );
  };
  const answered = ({ status }, connection) => {
    if (status === 200) answers++;
    if (!stopped) use(connection);
  };
  const connections = Array.from({ length: BUSY }, () => connectTo(port, answered));
  for (const connection of connections) use(connection);
  await sleep(1_000);
  answers = 0;
  const started = performance.now();
  await sleep(1_000 * seconds);
  const perSecond = (1_000 * answers) / (performance.now() - started);
  stopped = true;
  await sleep(500);
  for (const connection of connections) connection.close();
  return perSecond;
}

export const overload = {
  name: 'overload',
  title: 'overload',
  injection: (quick) =>
    `${TIMES} times as many clients a second as the product can serve (measured just before), in an open loop over ${limitsOf(quick).connections} connections; each waits 1 s for an answer and asks up to 3 times; where there are several cores the last one is kept to the clients and Postgres, the others to the product`,
  holds: (quick) => {
    const { leastShare, normalMs, part } = limitsOf(quick);
    const goodput =
      leastShare === 0
        ? ''
        : `slates that arrive in time are at least ${100 * leastShare} % of the peak (measured before and after), `;
    return `${goodput}refusals carry Retry-After, health, metrics and events are answered all the while, and ${normalMs / 1_000} s after the crowd one part in ${part} of the peak is served again with none refused`;
  },
  recovery: 'end of the crowd to the first second without a refusal and with p99 below 250 ms',
  runs: { full: 2, quick: 1 },
  async run(world, runs, quick) {
    const seconds = quick ? 5 : 15;
    const limits = limitsOf(quick);
    const { connections, part } = limits;
    await world.up();
    // The crowd costs about a core: it must not take it from the server that it is to overload.
    const last = availableParallelism() - 1;
    const others = [process.pid, ...world.database.processes()];
    if (last > 0) {
      keepTo(`0-${last - 1}`, [world.product().pid]);
      keepTo(String(last), others);
    }
    await peak(world, quick ? 3 : 8);
    const recoveries = [];
    const notes = [];
    const user = 'u-1';
    const agent = createAgent(1);
    const slate = { user, ...(await takeSlate(world, agent, user)) };
    agent.destroy();
    for (let run = 0; run < runs; run++) {
      const before = await peak(world, quick ? 2 : 5);
      const crowd = startCrowd(world, { connections, query: QUERY });
      let result;
      try {
        crowd.set(TIMES * before);
        await sleep(1_000);
        await crowd.take();
        const watched = watch(world, slate, limits);
        const started = performance.now();
        await sleep(1_000 * seconds);
        result = { ...(await crowd.take()), ms: performance.now() - started };
        await watched.stop();
        recoveries.push(await normalAgain(crowd, before / part, limits));
      } finally {
        await crowd.take();
        await crowd.close();
      }
      const after = await peak(world, quick ? 2 : 5);
      notes.push(judgeRun(result, before, after, limits));
    }
    keepTo(`0-${last}`, [world.product().pid, ...others]);
    return { verdict: await world.judge('overload'), recoveries, note: notes.join('; ') };
  },
};

function judgeRun({ came, good, refused, late, badRefusals, ms }, before, after, { leastShare, leastTimes }) {
  const perSecond = (count) => Math.round((1_000 * count) / ms);
  const peakOfBoth = (before + after) / 2;
  const share = perSecond(good) / peakOfBoth;
  const note = `peak ${Math.round(before)} and ${Math.round(after)}/s, ${perSecond(came)} clients/s came, ${perSecond(good)} slates/s in time (${(100 * share).toFixed(0)} %), ${perSecond(refused)} refused and ${perSecond(late)} late a second`;
  demand(badRefusals === 0, `${badRefusals} refusals without Retry-After`);
  demand(
    perSecond(came) > leastTimes * before,
    `the load did not come to ${leastTimes} times the peak: ${note}`,
  );
  demand(share >= leastShare, note);
  return note;
}

/** Health, metrics and events while the crowd is there. `stop` throws where one of them was not answered. */
function watch(world, { id, user, titles }, { patienceMs }) {
  const agent = createAgent();
  let stopped = false;
  const look = async () => {
    while (!stopped) {
      const answers = await Promise.all(
        ['/healthz', '/metrics'].map((path) => ask(`${world.url}${path}`, { ms: patienceMs, agent })),
      );
      for (const { status } of answers) demand(status === 200, `health or metrics answered ${status}`);
      const sent = performance.now();
      demand(await sendEvents(world, agent, eventsOf(id, user, titles)), 'events were refused');
      demand(performance.now() - sent < patienceMs, 'events were answered late');
      await sleep(200);
    }
  };
  const run = look();
  run.catch(() => {});
  return {
    async stop() {
      stopped = true;
      await run.finally(() => agent.destroy());
    },
  };
}

/** Milliseconds until a whole second was normal. @throws when none was in time */
async function normalAgain(crowd, rate, { normalMs }) {
  const started = performance.now();
  crowd.set(0);
  crowd.set(rate);
  await crowd.take();
  for (;;) {
    await sleep(1_000);
    const { good, refused, late, times } = await crowd.take();
    if (good > 0 && refused + late === 0 && quantile(times, 0.99) < NORMAL_P99_MS)
      return performance.now() - started;
    demand(
      performance.now() - started < normalMs,
      `not normal ${normalMs / 1_000} s after the crowd: ${good} served, ${refused} refused, ${late} late in a second, p99 ${quantile(times, 0.99)} ms`,
    );
  }
}
