import { randomInt, randomUUID } from 'node:crypto';
import { v7 } from 'uuid';
import { ask, createAgent } from './ask.js';
import { sleep } from './measure.js';

const HOUR = 3_600_000;
/** A client whose request was refused or cut waits so long before the next, ms. */
const PAUSE_MS = 25;
const SURFACES = ['homepage', 'browse'];

/** What a client reports of a slate. One event in five has a clock that is wrong by up to an hour either way. */
export function eventsOf(requestId, user, titles) {
  return Array.from({ length: 1 + randomInt(4) }, () => ({
    id: randomInt(2) === 0 ? randomUUID() : v7(),
    user,
    at: Date.now() + (randomInt(5) === 0 ? randomInt(2 * HOUR) - HOUR : 0),
    name: 'watch',
    value: randomInt(1, 5_000),
    title: titles[randomInt(titles.length)],
    request_id: requestId,
  }));
}

/** GET of a slate under an id of ours. Resolves with it and its titles, or undefined where none came. */
export async function takeSlate(world, agent, user, surface = SURFACES[randomInt(SURFACES.length)]) {
  const id = v7();
  const { ledger } = world;
  ledger.sentRequest(id, user);
  const { status, text } = await ask(
    `${world.url}/v1/recommendations/${user}?surface=${surface}&device=tv&country=US&request_id=${id}`,
    { agent },
  );
  ledger.count(`slate ${status}`);
  if (status !== 200) return undefined;
  const slate = JSON.parse(text);
  ledger.answeredRequest(id, slate);
  return { id, slate, titles: slate.slate.map(({ title }) => title) };
}

/** @returns whether the batch was acknowledged */
export async function sendEvents(world, agent, events) {
  const { ledger } = world;
  for (const event of events) if (!ledger.events.has(event.id)) ledger.sentEvent(event);
  const { status, headers, text } = await ask(`${world.url}/v1/events`, {
    method: 'POST',
    body: { events },
    agent,
  });
  ledger.count(`events ${status}`);
  if (status === 503 && !/^\d+$/.test(headers['retry-after'] ?? '')) ledger.count('503 without Retry-After');
  if (status !== 200) return false;
  for (const result of JSON.parse(text).results) ledger.answeredEvent(result);
  return true;
}

/**
 * Clients that take slates and report what came of them, each waiting for its answers, until stopped. A batch that was not
 * acknowledged is sent again; one in eight that was is sent again as well.
 */
export function startLoad(world, { clients = 6, thinkMs = 0 } = {}) {
  const agent = createAgent();
  const { ledger } = world;
  let stopped = false;

  async function client() {
    const again = [];
    while (!stopped) {
      try {
        const user = `u-${randomInt(world.users)}`;
        const slate = await takeSlate(world, agent, user);
        if (slate !== undefined) again.push(eventsOf(slate.id, user, slate.titles));
        const batch = again.pop();
        if (batch !== undefined) {
          // Until it is acknowledged it stays to be sent again.
          again.push(batch);
          if ((await sendEvents(world, agent, batch)) && randomInt(8) !== 0) again.pop();
          if (again.length > 50) again.splice(randomInt(50), 1);
        }
        await sleep(slate === undefined ? PAUSE_MS : thinkMs);
      } catch {
        ledger.count('cut');
        await sleep(PAUSE_MS);
      }
    }
  }

  const running = Array.from({ length: clients }, client);
  return {
    async stop() {
      stopped = true;
      await Promise.all(running);
      agent.destroy();
    },
  };
}
