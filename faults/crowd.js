import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { v7 } from 'uuid';
import { connectTo } from './connection.js';

/** A client waits so long for an answer, ms; then it hangs up and asks again. */
const PATIENCE_MS = 1_000;
/** So often a client asks in all before it gives up. */
const ATTEMPTS = 3;
/** One answer in so many is read and held against the database: reading all of them would cost the load its core. */
const READ_ONE_IN = 10;
const TICK_MS = 5;

/**
 * Clients in an open loop: they come at random times, so many a second, whatever became of those before; each wants one slate, and asks
 * again when it gets none: after Retry-After where it was refused, at once where no answer came in time.
 *
 * @param query of the request for a slate
 */
function createCrowd({ url, users, connections, query }) {
  const port = Number(new URL(url).port);
  /** Ids with their users, and ids with their slates, since the last `take`. */
  let sent = [];
  let slates = [];
  /** Since the last `take`. */
  let found = { came: 0, good: 0, refused: 0, late: 0, badRefusals: 0, times: [] };
  let rate = 0;
  let due = 0;
  const idle = Array.from({ length: connections }, () => connectTo(port, answered, true));
  const all = [...idle];
  /** What is under way, in the order in which it was sent. */
  const underWay = new Set();
  /** Clients that found no idle connection, in the order of their coming; those before `first` are dealt with. */
  let waiting = [];
  let first = 0;
  /** Clients that come again, by the tick in which they do. */
  const later = new Map();
  let ticks = 0;
  let answers = 0;

  function answered({ status, head, body }, asked) {
    underWay.delete(asked);
    const { client, connection, id } = asked;
    const now = performance.now();
    if (status === 200) {
      found.good++;
      found.times.push(now - client.since);
      if (answers++ % READ_ONE_IN === 0) slates.push([id, JSON.parse(body.toString())]);
    } else if (status === 503) {
      found.refused++;
      const after = /\r\nretry-after: (\d+)/i.exec(head);
      if (after === null) found.badRefusals++;
      again(client, now + 1_000 * Number(after?.[1] ?? 1));
    } else again(client, now);
    next(connection);
  }

  function again(client, at) {
    if (client.attempts >= ATTEMPTS || rate === 0) return;
    const tick = ticks + 1 + Math.floor(Math.max(0, at - performance.now()) / TICK_MS);
    if (later.has(tick)) later.get(tick).push(client);
    else later.set(tick, [client]);
  }

  function next(connection) {
    const client = waiting[first];
    if (client === undefined) {
      idle.push(connection);
      return;
    }
    first++;
    send(connection, client);
  }

  function send(connection, client) {
    const id = v7();
    const user = `u-${randomInt(users)}`;
    client.attempts++;
    sent.push([id, user]);
    const asked = { client, connection, id, sent: performance.now() };
    underWay.add(asked);
    connection.send(
      `GET /v1/recommendations/${user}?${query}&request_id=${id} HTTP/1.1\r\nhost: crowd\r\n\r\n`,
      asked,
    );
  }

  function come(client, now) {
    client.since = now;
    const connection = idle.pop();
    if (connection === undefined) waiting.push(client);
    else send(connection, client);
  }

  const timer = setInterval(() => {
    const now = performance.now();
    for (; first < waiting.length && now - waiting[first].since >= PATIENCE_MS; first++) {
      found.late++;
      waiting[first].attempts++;
      again(waiting[first], now);
    }
    waiting = waiting.slice(first);
    first = 0;
    for (const asked of underWay) {
      if (now - asked.sent < PATIENCE_MS) break;
      underWay.delete(asked);
      asked.connection.giveUp();
      found.late++;
      again(asked.client, now);
      next(asked.connection);
    }
    const back = later.get(++ticks) ?? [];
    later.delete(ticks);
    for (const client of back) come(client, now);
    for (; rate > 0 && due <= now; due -= (1_000 * Math.log(1 - Math.random())) / rate) {
      found.came++;
      come({ attempts: 0, since: now }, now);
    }
  }, TICK_MS);

  return {
    /** From now on so many clients come a second. */
    set(perSecond) {
      rate = perSecond;
      due = performance.now();
      if (rate === 0) {
        waiting = [];
        first = 0;
        later.clear();
      }
    },
    /** What happened since the last call. */
    take() {
      const taken = { ...found, sent, slates };
      sent = [];
      slates = [];
      found = { came: 0, good: 0, refused: 0, late: 0, badRefusals: 0, times: [] };
      return taken;
    },
    close() {
      clearInterval(timer);
      for (const connection of all) connection.close();
    },
  };
}

if (!isMainThread) {
  const crowd = createCrowd(workerData);
  parentPort.on('message', ({ rate, take, close }) => {
    if (rate !== undefined) crowd.set(rate);
    if (take) parentPort.postMessage(crowd.take());
    if (close) {
      crowd.close();
      parentPort.postMessage(crowd.take());
      parentPort.close();
    }
  });
}

/** The crowd in a thread of its own, so that what else is asked of the product meanwhile does not wait behind it. */
export function startCrowd({ url, users, ledger }, { connections, query }) {
  const worker = new Worker(fileURLToPath(import.meta.url), {
    workerData: { url, users, connections, query },
  });
  /** What the thread tells next; what was sent and answered is in the ledger then. */
  async function told() {
    const [{ sent, slates, ...found }] = await once(worker, 'message');
    for (const [id, user] of sent) ledger.sentRequest(id, user);
    for (const [id, slate] of slates) ledger.answeredRequest(id, slate);
    return found;
  }
  return {
    /** From now on so many clients come a second. */
    set: (rate) => worker.postMessage({ rate }),
    /** What happened since the last call. */
    take() {
      worker.postMessage({ take: true });
      return told();
    },
    async close() {
      const ended = once(worker, 'exit');
      worker.postMessage({ close: true });
      await told();
      await ended;
    },
  };
}
