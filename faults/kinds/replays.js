import { createHash, randomInt, randomUUID } from 'node:crypto';
import { ask, createAgent } from '../ask.js';
import { query } from '../database.js';
import { sendEvents, takeSlate } from '../load.js';
import { demand, until } from '../measure.js';

const EXPERIMENTS = ['homepage-hybrid', 'homepage-aa'];
const ZONES = ['Pacific/Kiritimati', 'America/St_Johns'];
const SLATES = 200;

/** Analyses at one cut-off, made anew: their text, but for when they were asked for. */
export async function reports(world, cutoff) {
  const texts = [];
  for (const key of EXPERIMENTS) {
    const path = `${world.url}/v1/experiments/${key}`;
    const { status, text } = await ask(`${path}/analyses`, { method: 'POST', body: { cutoff } });
    demand(status === 202, `an analysis is answered with ${status}: ${text}`);
    const { status: where } = JSON.parse(text);
    await until('the analysis', 60_000, async () => {
      const { state, failure } = JSON.parse((await ask(`${world.url}${where}`)).text);
      demand(state !== 'failed', `the analysis failed: ${failure}`);
      return state === 'done';
    });
    texts.push((await ask(`${path}/report`)).text.replaceAll(new Date(cutoff).toISOString(), 'CUTOFF'));
  }
  return texts.join('\n');
}

/** Everything stored, as one digest. */
async function stored(world) {
  const tables = ['request', 'outcome', 'exposure'].map(
    (table) => `select md5(row::text) as line from ${table} as row`,
  );
  const rows = await query(
    world.database.url(),
    `select line from (${tables.join(' union all ')}) as lines order by line`,
  );
  return createHash('sha256')
    .update(rows.map(({ line }) => line).join())
    .digest('hex');
}

/** Some slates and what came of them, in batches, acknowledged. */
export async function seed(world, agent) {
  const batches = [];
  for (let n = 0; n < SLATES; n++) {
    const user = `u-${randomInt(world.users)}`;
    const slate = await takeSlate(world, agent, user);
    demand(slate !== undefined, 'a slate was refused');
    const event = (name, value) => ({
      id: randomUUID(),
      user,
      at: Date.now(),
      name,
      value,
      title: slate.titles[randomInt(slate.titles.length)],
      request_id: slate.id,
    });
    const events = [event('impressions', 20)].map(({ title: _, ...rest }) => rest);
    if (n % 2 === 0) events.push(event('click', 1));
    events.push(event('watch', randomInt(1, 5_000)));
    demand(await sendEvents(world, agent, events), 'events were refused');
    batches.push(events);
  }
  return batches;
}

function shuffled(values) {
  const order = [...values];
  for (let i = order.length - 1; i > 0; i--) {
    const j = randomInt(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

export const replays = {
  name: 'replays',
  title: 'replays',
  injection: `the events of ${SLATES} slates sent again, each batch 1 to 5 times, shuffled, on 16 connections at once`,
  holds: 'every table and the reports are the same, byte by byte',
  recovery: undefined,
  runs: { full: 5, quick: 1 },
  async run(world, runs) {
    const agent = createAgent();
    await world.up();
    const batches = await seed(world, agent);
    await world.drained();
    const cutoff = Date.now() + 1_000;
    const before = { tables: await stored(world), reports: await reports(world, cutoff) };
    for (let run = 1; run <= runs; run++) {
      const again = shuffled(batches.flatMap((batch) => Array(1 + randomInt(5)).fill(batch)));
      await Promise.all(
        Array.from({ length: 16 }, async () => {
          for (let batch = again.pop(); batch !== undefined; batch = again.pop())
            demand(await sendEvents(world, agent, shuffled(batch)), 'a replay was refused');
        }),
      );
      await world.drained();
      demand((await stored(world)) === before.tables, 'a replay changed what is stored');
      // A cut-off of its own: the same one would be answered with the analysis that is done.
      demand((await reports(world, cutoff + run)) === before.reports, 'a replay changed a report');
    }
    agent.destroy();
    return { verdict: await world.judge('replays'), recoveries: [] };
  },
};

export const timeZones = {
  name: 'time-zones',
  title: 'time zones',
  injection: `the server started with TZ=${ZONES.join(', then ')}`,
  holds: 'the reports are the same, byte by byte',
  recovery: undefined,
  runs: { full: 1, quick: 0 },
  async run(world, runs) {
    const agent = createAgent();
    await world.up();
    await seed(world, agent);
    await world.drained();
    const cutoff = Date.now() + 1_000;
    const before = await reports(world, cutoff);
    let asked = 0;
    for (let run = 0; run < runs; run++) {
      for (const TZ of ZONES) {
        await world.end('SIGTERM');
        await world.up({ environment: { TZ } });
        demand((await reports(world, cutoff + ++asked)) === before, `TZ=${TZ} changed a report`);
      }
    }
    await world.end('SIGTERM');
    agent.destroy();
    return { verdict: await world.judge('time-zones'), recoveries: [] };
  },
};
