import { randomInt } from 'node:crypto';
import { ask, createAgent } from '../ask.js';
import { freePort } from '../free-port.js';
import { takeSlate } from '../load.js';
import { demand, quantile, sleep, until } from '../measure.js';

const EXPERIMENT = 'homepage-hybrid';
/** Processes of the server that is asked. */
const WORKERS = 2;
/** Clients that ask each server one request after the other. */
const CLIENTS = 4;
/** A server that still served the old variant so long after the flip has not heard it, ms. */
const LONGEST_MS = 30_000;

/** Clients that keep asking every server, and when each server last answered with a variant of the experiment. */
function watchVariants(world, urls) {
  const agent = createAgent();
  const last = new Map(urls.map((url) => [url, { variant: 0, stopped: 0 }]));
  let watching = true;
  let wrong;
  const client = async (url) => {
    while (watching) {
      const answer = await takeSlate(
        { ...world, url },
        agent,
        `u-${randomInt(world.users)}`,
        'homepage',
      ).catch(() => undefined);
      const assigned = answer?.slate.experiments.find(({ experiment }) => experiment === EXPERIMENT);
      if (assigned === undefined) await sleep(5);
      else if (assigned.variant !== null) last.get(url).variant = performance.now();
      else if (assigned.reason === 'stopped') {
        if (answer.slate.pipeline !== 'default')
          wrong ??= `a stopped experiment served ${answer.slate.pipeline}`;
        last.get(url).stopped = performance.now();
      }
    }
  };
  const running = urls.flatMap((url) => Array.from({ length: CLIENTS }, () => client(url)));
  return {
    /** Every server answers with a variant, or with `stopped`, again. */
    each: (kind) => {
      const from = performance.now();
      return until(`every server answers with ${kind}`, LONGEST_MS, () =>
        [...last.values()].every((seen) => seen[kind] > from),
      ).finally(() => demand(wrong === undefined, wrong));
    },
    lastVariant: () => Math.max(...[...last.values()].map(({ variant }) => variant)),
    async stop() {
      watching = false;
      await Promise.all(running);
      agent.destroy();
    },
  };
}

const decide = (url, action) =>
  ask(`${url}/v1/experiments/${EXPERIMENT}/state`, {
    method: 'POST',
    body: { action, reason: 'a drill', by: 'faults' },
  });

export const killSwitch = {
  name: 'kill-switch',
  title: 'kill switch',
  injection:
    'an experiment stopped at one process while clients ask all of them (two workers of one server; with the real servers a second server too); every second time with Postgres stopped before',
  holds:
    'within a second at p99 no process serves a variant of it; a stop decided without Postgres is handed on and not undone',
  recovery: 'the flip to the last answer with a variant, of any process',
  runs: { full: 100, quick: 4 },
  async run(world, runs, quick) {
    const { database } = world;
    await world.up();
    await world.end('SIGTERM');
    await world.up({ workers: WORKERS });
    const port = await freePort();
    // Servers share their cache where they have the same address of the database.
    const other = world.backend === 'real' ? world.startAnother(port) : undefined;
    await other?.ready();
    const urls = [world.url, ...(other === undefined ? [] : [other.url])];
    const load = world.startLoad({ thinkMs: 20 });
    const watched = watchVariants(world, urls);
    const times = { up: [], down: [] };
    try {
      for (let run = 0; run < runs; run++) {
        const down = run % 2 === 1;
        await watched.each('variant');
        if (down) {
          database.pause();
          await world.more('accepted');
        }
        await sleep(randomInt(300));
        const flipped = performance.now();
        const answer = decide(urls[run % urls.length], 'stop');
        await watched.each('stopped');
        await sleep(200);
        const { status, text } = await answer;
        demand(status === 200, `a stop was answered with ${status}: ${text}`);
        demand(
          JSON.parse(text).kept === (down ? 'machine' : 'database'),
          `a stop was kept elsewhere: ${text}`,
        );
        times[down ? 'down' : 'up'].push(Math.max(0, watched.lastVariant() - flipped));
        if (down) {
          database.resume();
          await until(
            'the stop is handed on',
            15_000,
            async () => (await world.metric('screentest_states_pending')) === 0,
          );
          await watched.each('stopped');
        }
        await until('it goes on', 15_000, async () => (await decide(urls[0], 'resume')).status === 200, 100);
      }
    } finally {
      database.resume();
      await watched.stop();
      await load.stop();
      await other?.end('SIGTERM');
      await world.end('SIGTERM');
    }
    const all = [...times.up, ...times.down];
    // The short version shows that it arrives; times are those of a machine that does nothing else.
    demand(quick || quantile(all, 0.99) < 1_000, `p99 ${quantile(all, 0.99)} ms`);
    const told = (name) => `${[0.5, 0.99, 1].map((q) => Math.round(quantile(times[name], q))).join(', ')} ms`;
    return {
      verdict: await world.judge('kill-switch'),
      recoveries: all,
      note: `${WORKERS + urls.length - 1} processes; p50, p99, max with Postgres ${told('up')}, without ${told('down')}`,
    };
  },
};
