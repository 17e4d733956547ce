import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasRedis } from '../faults/redis.js';
import { section, table } from './measure.js';
import {
  LOAD_CORE,
  load,
  startBare,
  startCandidateRedis,
  startDatabase,
  startScreentest,
} from './processes.js';
import { stageTable } from './route-table.js';

const PORT = 8181;
const BARE_PORT = 8182;
const HYBRID = 'surface=homepage&device=tv&country=US&force=homepage-hybrid:hybrid';

/** Mean size of an answer's body, bytes. */
async function meanBody(url) {
  let bytes = 0;
  for (let i = 0; i < 200; i++)
    bytes += (
      await (await fetch(`${url}/v1/recommendations/u-${i}?surface=homepage&device=tv`)).arrayBuffer()
    ).byteLength;
  return Math.round(bytes / 200);
}

/**
 * The full route (assignment, pipeline, neural re-ranking for half of the users, exposure durable before the answer)
 * beside a bare Fastify route that answers a body of the same size. Servers on one core, one at a time; load and Postgres on the
 * other; distinct users drawn at random.
 */
export async function run() {
  section('Recommendation route, server on one core, load and Postgres on the other');
  const database = await startDatabase(LOAD_CORE);
  const cache = mkdtempSync(join(tmpdir(), 'screentest-bench-cache-'));
  const rows = [['', 'requests/s', 'ratio', 'CPU us a request', 'p50 ms', 'p95 ms', 'p99 ms', 'bytes']];
  const row = (name, result, ratio) =>
    rows.push([
      name,
      Math.round(result.perSecond),
      ratio.toFixed(2),
      result.cpuMicros.toFixed(0),
      result.p50.toFixed(2),
      result.p95.toFixed(2),
      result.p99.toFixed(2),
      result.bytesPerResponse,
    ]);
  try {
    const full = {};
    const url = `http://127.0.0.1:${PORT}`;
    let postgres;
    let body;
    let half;
    let hybrid;
    const server = await startScreentest(PORT, database.url, cache);
    try {
      body = await meanBody(url);
      for (const connections of [256, 64, 1]) {
        const [before, start] = [database.cpuSeconds(), performance.now()];
        full[connections] = await load({ url, connections, pid: server.pid });
        const seconds = (performance.now() - start) / 1000;
        if (connections === 256) postgres = (database.cpuSeconds() - before) / seconds;
      }
      hybrid = await load({ url, connections: 256, query: HYBRID, pid: server.pid });
      half = await load({ url, connections: 64, rate: Math.round(full[256].perSecond / 2), pid: server.pid });
    } finally {
      await server.stop();
    }
    const redis = hasRedis() ? await withRedis(url, database, cache) : undefined;
    const stages = await stageTable(database.url, cache);
    const bare = await startBare(BARE_PORT, body);
    let bareMost;
    try {
      for (const connections of [256, 64, 1]) {
        const peer = await load({
          url: `http://127.0.0.1:${BARE_PORT}`,
          connections,
          pid: bare.pid,
        });
        if (connections === 256) bareMost = peer.perSecond;
        row(`bare Fastify route, ${connections} connections`, peer, 1);
        row(
          `full route, ${connections} connections`,
          full[connections],
          full[connections].perSecond / peer.perSecond,
        );
      }
    } finally {
      await bare.stop();
    }
    row('every user in the hybrid arm, 256 connections', hybrid, hybrid.perSecond / bareMost);
    if (redis !== undefined) row('candidates in Redis, 256 connections', redis, redis.perSecond / bareMost);
    row('open loop at half of the peak, 64 connections', half, half.perSecond / bareMost);
    console.log(table(rows));
    if (redis === undefined) console.log('\nNo redis-server is installed: its row is left out.');
    console.log(`\n${stages}`);
    console.log(
      `\nPostgres, all its processes, used ${postgres.toFixed(2)} cores during the run with 256 connections; it shares the load's core.`,
    );
  } finally {
    await database.stop();
  }
}

/** The same server with its candidates in a Redis of its own: one MGET for the requests that are ranked together. */
async function withRedis(url, database, cache) {
  const redis = await startCandidateRedis();
  try {
    const server = await startScreentest(PORT, database.url, cache, redis.url);
    try {
      return await load({ url, connections: 256, pid: server.pid });
    } finally {
      await server.stop();
    }
  } finally {
    await redis.close();
  }
}
