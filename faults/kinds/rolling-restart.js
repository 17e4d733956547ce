import { randomInt } from 'node:crypto';
import { v7 } from 'uuid';
import { ask, createAgent } from '../ask.js';
import { freePort } from '../free-port.js';
import { demand, sleep } from '../measure.js';

/** Requests a second, whether answers come or not. */
const RATE = 100;
/** Between two looks of the balancer at /readyz, ms. */
const LOOK_MS = 100;
/** Seconds for which a server goes on answering after SIGTERM: long enough for the balancer to see it. */
const DRAIN = 1;

/** Why a balancer may send the request to the next server; undefined where it may not, and the request is lost. */
function refusal(error) {
  if (error.code === 'ECONNREFUSED') return 'refused';
  return error.kept && ['ECONNRESET', 'EPIPE'].includes(error.code) ? 'closed' : undefined;
}

/**
 * Open-loop load on several servers through kept connections. As a load balancer does, it asks /readyz and sends to those that
 * are ready; a request that was refused, answered with 503, or whose kept connection was closed as it left, is sent to the next.
 */
function openLoop(world, urls) {
  const agent = createAgent(256);
  const { ledger } = world;
  const found = { sent: 0, lost: [], refused: 0, closed: 0, 503: 0 };
  const under = new Set();
  const ready = new Set(urls);
  const look = async (url) => {
    const { status } = await ask(`${url}/readyz`, { ms: 1_000 }).catch(() => ({ status: 0 }));
    if (status === 200) ready.add(url);
    else ready.delete(url);
  };

  async function one() {
    const user = `u-${randomInt(world.users)}`;
    const id = v7();
    ledger.sentRequest(id, user);
    found.sent++;
    const first = randomInt(urls.length);
    const order = urls.map((_, i) => urls[(first + i) % urls.length]);
    for (const url of order.sort((a, b) => ready.has(b) - ready.has(a))) {
      const answer = await ask(`${url}/v1/recommendations/${user}?request_id=${id}`, { agent }).catch(
        (error) => ({ status: refusal(error), error }),
      );
      if (answer.status === 200) return ledger.answeredRequest(id, JSON.parse(answer.text));
      if (found[answer.status] === undefined) {
        found.lost.push(String(answer.error?.message ?? answer.status));
        return;
      }
      found[answer.status]++;
    }
    found.lost.push('no server took it');
  }

  const timer = setInterval(() => {
    const request = one().finally(() => under.delete(request));
    under.add(request);
  }, 1_000 / RATE);
  const looks = setInterval(() => urls.map(look), LOOK_MS);
  return {
    found,
    async stop() {
      clearInterval(timer);
      clearInterval(looks);
      await Promise.all(under);
      agent.destroy();
    },
  };
}

export const rollingRestart = {
  name: 'rolling-restart',
  title: 'rolling restart',
  injection: `two servers on one database, ${RATE} requests/s in an open loop through kept connections; SIGTERM to one after the other, which stops --drain ${DRAIN} later, started again`,
  holds: 'no request is lost (refused ones go to the other server), exit code 0',
  recovery: 'SIGTERM to ready again',
  runs: { full: 5, quick: 1 },
  async run(world, runs) {
    await world.up();
    await world.end('SIGTERM');
    await world.up({ drain: DRAIN });
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    let other = world.startAnother(port, { drain: DRAIN });
    await other.ready();
    const load = openLoop(world, [world.url, url]);
    const recoveries = [];
    try {
      for (let run = 0; run < runs; run++) {
        await sleep(300);
        const started = performance.now();
        demand((await other.end('SIGTERM')) === 0, `the server ended badly:\n${other.told()}`);
        other = world.startAnother(port, { drain: DRAIN });
        await other.ready();
        recoveries.push(performance.now() - started);
        // With the database embedded in it, the first cannot go without the other losing its database.
        if (world.backend === 'embedded') continue;
        await sleep(300);
        const again = performance.now();
        demand((await world.end('SIGTERM')) === 0, 'the server ended badly');
        await world.up({ drain: DRAIN });
        recoveries.push(performance.now() - again);
      }
    } finally {
      await load.stop();
      await other.end('SIGTERM');
    }
    const { sent, lost, refused, closed, 503: unavailable } = load.found;
    demand(
      lost.length === 0,
      `${lost.length} of ${sent} requests got no answer: ${lost.slice(0, 3).join('; ')}`,
    );
    return {
      verdict: await world.judge('rolling-restart'),
      recoveries,
      note: `${sent} requests; sent on to the other server: ${refused} refused, ${unavailable} answered with 503, ${closed} on a connection just closed`,
    };
  },
};
