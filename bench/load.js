/**
 * One load run, printed as JSON: `node load.js '{"url", "users", "connections", "seconds", "warmup", "rate"?, "pid"?}'`.
 * Users are drawn at random from 0..users-1 for every request. Closed loop: each connection waits for its answer. With a
 * rate at most so many requests a second. With a pid also the CPU time that this process took for a request.
 */
import { randomInt, randomUUID } from 'node:crypto';
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

const newEvent = () => ({
  id: randomUUID(),
  user: `u-${randomInt(users)}`,
  at: new Date().toISOString(),
  name: 'watch',
  value: 600,
  title: `t-${randomInt(1000)}`,
});

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
        body: JSON.stringify({ events: Array.from({ length: eventsPerRequest }, newEvent) }),
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
    failed,
    cpuMicros: (1e6 * cpu) / Math.max(1, times.length),
    bytesPerResponse: Math.round(bytes / Math.max(1, times.length)),
    p50: quantile(times, 0.5),
    p95: quantile(times, 0.95),
    p99: quantile(times, 0.99),
  }),
);
