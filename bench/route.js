import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quantile, section, table } from './measure.js';
import { cpuSeconds, load, startBare, startDatabase, startScreentest, USERS } from './processes.js';

const PORT = 8181;
const BARE_PORT = 8182;
const STAGE_SAMPLES = 3_000;
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

/** What each stage took of a request that is alone, with everything on. */
async function stageTable(url) {
  const of = new Map();
  for (let i = 0; i < STAGE_SAMPLES; i++) {
    const response = await fetch(`${url}/v1/recommendations/u-${i % USERS}?${HYBRID}`);
    for (const { stage, micros } of (await response.json()).stages) {
      if (!of.has(stage)) of.set(stage, []);
      of.get(stage).push(micros);
    }
  }
  const rows = [['stage, one request at a time', 'p50 us', 'p95 us', 'p99 us']];
  for (const [stage, micros] of of)
    rows.push([stage, ...[0.5, 0.95, 0.99].map((share) => Math.round(quantile(micros, share)))]);
  return table(rows);
}

/**
 * The full route (assignment, pipeline, neural re-ranking for half of the users, exposure durable before the answer)
 * beside a bare Fastify route that answers a body of the same size. Servers on one core, one at a time; load from the
 * other; distinct users drawn at random; Postgres wherever there is room.
 */
export async function run() {
  section('Recommendation route, server on one core, load from the other');
  const database = await startDatabase();
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
    const server = await startScreentest(PORT, database.url, cache);
    const full = {};
    const url = `http://127.0.0.1:${PORT}`;
    let postgres;
    let bareMost;
    let body;
    let half;
    let hybrid;
    let stages;
    try {
      body = await meanBody(url);
      for (const connections of [256, 64, 1]) {
        const before = await cpuSeconds('postgres: ');
        full[connections] = await load({ url, connections, pid: server.pid });
        if (connections === 256) postgres = (await cpuSeconds('postgres: ')) - before;
      }
      hybrid = await load({ url, connections: 256, query: HYBRID, pid: server.pid });
      half = await load({ url, connections: 64, rate: Math.round(full[256].perSecond / 2), pid: server.pid });
      stages = await stageTable(url);
    } finally {
      await server.stop();
    }
    const bare = await startBare(BARE_PORT, body);
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
    row('open loop at half of the peak, 64 connections', half, half.perSecond / bareMost);
    console.log(table(rows));
    console.log(`\n${stages}`);
    console.log(
      `\nPostgres used ${(postgres / 13).toFixed(2)} cores during the run with 256 connections (13 s).`,
    );
  } finally {
    await database.stop();
  }
}
