import { randomInt } from 'node:crypto';
import { v7 } from 'uuid';
import { ask, createAgent } from '../ask.js';
import { freePort } from '../free-port.js';
import { demand, sleep } from '../measure.js';

/** Requests a second, whether answers come or not. */
const RATE = 100;

/**
 * Open-loop load on several servers through kept connections. As a load balancer does, a request that was refused, or whose kept
 * connection was closed as it left, is sent to the next server.
 */
function openLoop(world, urls) {
  const agent = createAgent(256);
  const { ledger } = world;
  const found = { lost: [], moved: 0, sent: 0 };
  const under = new Set();

  async function one() {
    const user = `u-${randomInt(world.users)}`;
    const id = v7();
    ledger.sentRequest(id, user);
    found.sent++;
    const first = randomInt(urls.length);
    const reasons = [];
    for (let attempt = 0; attempt < urls.length; attempt++) {
      const url = urls[(first + attempt) % urls.length];
      try {
        const { status, text } = await ask(`${url}/v1/recommendations/${user}?request_id=${id}`, { agent });
        if (status === 200) return ledger.answeredRequest(id, JSON.parse(text));
        reasons.push(String(status));
      } catch (error) {
        // Cut while it was being answered: it may not be sent again by a balancer, so it counts as lost.
        if (!['ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes(error.code)) reasons.push(error.message);
        else if (
          error.code === 'ECONNRESET' &&
          error.message !== 'socket hang up' &&
          error.syscall !== 'write' &&
          error.syscall !== 'read'
        )
          reasons.push(error.message);
        reasons.push(error.code);
      }
      found.moved++;
    }
    found.lost.push(reasons.join(', '));
  }

  const timer = setInterval(() => {
    const request = one().finally(() => under.delete(request));
    under.add(request);
  }, 1_000 / RATE);
  return {
    found,
    async stop() {
      clearInterval(timer);
      await Promise.all(under);
      agent.destroy();
    },
  };
}

export const rollingRestart = {
  name: 'rolling-restart',
  title: 'rolling restart',
  injection: `two servers on one database, ${RATE} requests/s in an open loop through kept connections; SIGTERM to one after the other, started again`,
  holds: 'no request is lost (refused ones go to the other server), exit code 0',
  recovery: 'SIGTERM to ready again',
  runs: { full: 10, quick: 1 },
  async run(world, runs) {
    await world.up();
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    let other = world.startAnother(port);
    await other.ready();
    const load = openLoop(world, [world.url, url]);
    const recoveries = [];
    try {
      for (let run = 0; run < runs; run++) {
        await sleep(300);
        const started = performance.now();
        demand((await other.end('SIGTERM')) === 0, `the server ended badly:\n${other.told()}`);
        other = world.startAnother(port);
        await other.ready();
        recoveries.push(performance.now() - started);
        // With the database embedded in it, the first cannot go without the other losing its database.
        if (world.backend === 'embedded') continue;
        await sleep(300);
        const again = performance.now();
        demand((await world.end('SIGTERM')) === 0, 'the server ended badly');
        await world.up();
        recoveries.push(performance.now() - again);
      }
    } finally {
      await load.stop();
      await other.end('SIGTERM');
    }
    const { lost, moved, sent } = load.found;
    demand(
      lost.length === 0,
      `${lost.length} of ${sent} requests got no answer: ${lost.slice(0, 3).join('; ')}`,
    );
    return {
      verdict: await world.judge('rolling-restart'),
      recoveries,
      note: `${sent} requests, ${moved} of them sent on to the other server`,
    };
  },
};
