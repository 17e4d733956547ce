/**
 * One load run, printed as JSON: `node load.js '{"url", "users", "connections", "seconds", "warmup", "rate"?, "pid"?}'`.
 * Users are drawn at random from 0..users-1 for every request. Closed loop: each connection waits for its answer. With a
 * rate at most so many requests a second. With a pid also the CPU time that this process took for a request.
 */
import { randomInt } from 'node:crypto';
import autocannon from 'autocannon';
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
  eventsPerRequest = 1,
} = JSON.parse(process.argv[2]);

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

const requests = {
  get: [
    {
      method: 'GET',
      setupRequest: (request) => ({
        ...request,
        path: `/v1/recommendations/u-${randomInt(users)}?surface=homepage&device=tv&country=US`,
      }),
    },
  ],
  events: [
    {
      method: 'POST',
      path: '/v1/events',
      headers: { 'content-type': 'application/json' },
      setupRequest: (request) => ({
        ...request,
        body: newBody(),
      }),
    },
  ],
}[kind];

async function run(duration) {
  const times = [];
  let failed = 0;
  let bytes = 0;
  const instance = autocannon({
    url,
    connections,
    duration,
    requests,
    ...(rate === undefined ? {} : { overallRate: rate }),
  });
  instance.on('response', (_client, status, length, time) => {
    if (status >= 300) failed++;
    else {
      times.push(time);
      bytes += length;
    }
  });
  const result = await instance;
  return { times, failed: failed + result.errors + result.timeouts, bytes, duration: result.duration };
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
