/**
 * One load run, printed as JSON:
 * `node load.js '{"url", "users", "connections", "seconds", "warmup", "rate"?, "pid"?, "kind"?, "query"?}'`.
 * Users are drawn at random from 0..users-1 for every request.
 *
 * Without a rate the loop is closed: each connection sends again when it has its answer. With a rate it is open: requests are due at
 * random times (exponential gaps), whatever became of those before, and the time of each counts from when it was due, so that a
 * server that stalls cannot hide the requests that would have come meanwhile. With a pid also the CPU time of that process.
 */
import { randomInt } from 'node:crypto';
import { connectTo } from '../faults/connection.js';
import { cpuSecondsOf, quantile } from './measure.js';

const {
  url,
  users,
  connections = 32,
  seconds = 10,
  warmup = 3,
  rate,
  pid,
  kind = 'get',
  query = 'surface=homepage&device=tv&country=US',
  eventsPerRequest = 1,
} = JSON.parse(process.argv[2]);

const port = Number(new URL(url).port);
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
/** A UUIDv7 of now whose random half counts on from a random place: as cheap as an id can be made. */
const start = randomInt(2 ** 40);
let made = 0;
function newId() {
  const time = Date.now().toString(16).padStart(12, '0');
  const n = start + made++;
  const low = n % 2 ** 32;
  const high = (n - low) / 2 ** 32;
  return `${time.slice(0, 8)}-${time.slice(8)}-7${HEX[made & 255]}0-8${HEX[(made >> 8) & 255]}0-${HEX[high & 255]}${HEX[low >>> 24]}${HEX[(low >> 16) & 255]}${HEX[(low >> 8) & 255]}${HEX[low & 255]}00`;
}

const ID_PLACE = '00000000-0000-7000-8000-000000000000';
/** Bodies to be sent again and again, each time with ids of their own: to write every event anew would cost more than to take it. */
const templates = Array.from({ length: kind === 'events' ? 32 : 0 }, () => {
  const events = Array.from({ length: eventsPerRequest }, () => ({
    id: ID_PLACE,
    user: `u-${randomInt(users)}`,
    at: new Date(Date.now() - randomInt(60_000)).toISOString(),
    name: 'watch',
    value: 600,
    title: `t-${randomInt(1000)}`,
  }));
  const bytes = Buffer.from(JSON.stringify({ events }));
  const places = [];
  for (let at = bytes.indexOf(ID_PLACE); at >= 0; at = bytes.indexOf(ID_PLACE, at + 1)) places.push(at);
  return { bytes, places };
});
let sent = 0;
function newBody() {
  const { bytes, places } = templates[sent++ % templates.length];
  for (const at of places) bytes.latin1Write(newId(), at, 36);
  return bytes;
}

function eventsRequest() {
  const body = newBody();
  const head = `POST /v1/events HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

const nextRequest = {
  get: () => `GET /v1/recommendations/u-${randomInt(users)}?${query} HTTP/1.1\r\nhost: bench\r\n\r\n`,
  events: eventsRequest,
}[kind];

function run(duration) {
  const times = [];
  let failed = 0;
  let bytes = 0;
  const started = performance.now();
  const end = started + duration * 1000;
  const idle = [];
  /** Times at which requests that found no idle connection were due. */
  const waiting = [];
  let underWay = 0;
  /** Nothing more is due: in an open loop that is so before the end where the next would come after it. */
  let allSent = false;
  let over = () => {};
  const done = new Promise((resolve) => {
    over = resolve;
  });

  const use = (connection, due) => {
    underWay++;
    connection.send(nextRequest(), { connection, due });
  };
  function answered({ status, bytes: length }, { connection, due }) {
    underWay--;
    const now = performance.now();
    if (status >= 200 && status < 300) {
      times.push(now - due);
      bytes += length;
    } else failed++;
    if ((allSent || now >= end) && waiting.length === 0) {
      if (underWay === 0) over();
    } else if (rate === undefined) use(connection, now);
    else if (waiting.length > 0) use(connection, waiting.shift());
    else idle.push(connection);
  }

  const pool = Array.from({ length: connections }, () => connectTo(port, answered));
  if (rate === undefined) for (const connection of pool) use(connection, started);
  else {
    idle.push(...pool);
    let due = started;
    const tick = () => {
      const now = performance.now();
      for (; due <= now && due < end; due -= (1000 * Math.log(1 - Math.random())) / rate) {
        const connection = idle.pop();
        if (connection === undefined) waiting.push(due);
        else use(connection, due);
      }
      // Not without a pause: it would keep the core from Postgres. What is sent up to a millisecond late counts as late.
      if (due < end) setTimeout(tick);
      else {
        allSent = true;
        if (underWay === 0) over();
      }
    };
    tick();
  }
  return done.then(() => {
    for (const connection of pool) connection.close();
    return { times, failed, bytes, duration: (performance.now() - started) / 1000 };
  });
}

if (warmup > 0) await run(warmup);
const before = pid === undefined ? 0 : cpuSecondsOf(pid);
const { times, failed, bytes, duration } = await run(seconds);
const cpu = pid === undefined ? 0 : cpuSecondsOf(pid) - before;
console.log(
  JSON.stringify({
    perSecond: times.length / duration,
    answered: times.length,
    failed,
    cpuMicros: (1e6 * cpu) / Math.max(1, times.length),
    bytesPerResponse: Math.round(bytes / Math.max(1, times.length)),
    p50: quantile(times, 0.5),
    p95: quantile(times, 0.95),
    p99: quantile(times, 0.99),
  }),
);
