import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import copyStreams from 'pg-copy-streams';
import { section, table } from './measure.js';
import { load, startBare, startDatabase, startScreentest } from './processes.js';

const PORT = 8181;
const BARE_PORT = 8182;
const ROWS = 300_000;

/**
 * Rows/s of the physical limit: COPY of outcome rows into an empty table of the same columns and key, staged first and
 * then moved with `on conflict do nothing`, as anything must that may be repeated.
 */
async function stagedCopy(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('create table bench_outcome (like outcome including all)');
  await client.query('create temp table stage (like outcome)');
  const line = (i) => {
    const id = `00000000-0000-4000-8000-${i.toString(16).padStart(12, '0')}`;
    return `bench\t${id}\t2026-10-01\tu-${i % 2000}\t1790812800000\t1790812800000\t\\N\t\\N\t{1}\t{600}\t{${i % 1000}}\t{0}\t${i}\t0\n`;
  };
  // In blocks, so that the stream's cost per chunk is not what is measured.
  const blocks = function* () {
    for (let from = 0; from < ROWS; from += 1000)
      yield Array.from({ length: 1000 }, (_, i) => line(from + i)).join('');
  };
  const started = performance.now();
  await pipeline(Readable.from(blocks()), client.query(copyStreams.from('copy stage from stdin')));
  await client.query('insert into bench_outcome select * from stage on conflict do nothing');
  const seconds = (performance.now() - started) / 1000;
  const { rows } = await client.query('select count(*)::int as n from bench_outcome');
  if (rows[0].n !== ROWS) throw new Error(`${rows[0].n} of ${ROWS} rows arrived`);
  await client.end();
  return ROWS / seconds;
}

/** Events/s from POST /v1/events to committed, queryable rows, beside staged COPY and beside a bare Fastify POST route. */
export async function run() {
  section('Events, server on one core, load from the other');
  const database = await startDatabase();
  const rows = [['', 'events/s', 'ratio', 'p50 ms', 'p99 ms']];
  try {
    const cache = mkdtempSync(join(tmpdir(), 'screentest-bench-cache-'));
    const server = await startScreentest(PORT, database.url, cache);
    const url = `http://127.0.0.1:${PORT}`;
    let batched;
    let single;
    try {
      batched = await load({ url, kind: 'events', eventsPerRequest: 500, connections: 8 });
      single = await load({ url, kind: 'events', connections: 64 });
    } finally {
      await server.stop();
    }
    const copied = await stagedCopy(database.url);
    const bare = await startBare(BARE_PORT, 100);
    let peer;
    try {
      peer = await load({ url: `http://127.0.0.1:${BARE_PORT}`, kind: 'events', connections: 64 });
    } finally {
      await bare.stop();
    }
    const perSecond = batched.perSecond * 500;
    rows.push(['staged COPY, one row an event', Math.round(copied), '1', '', '']);
    rows.push([
      'POST /v1/events, 500 a request',
      Math.round(perSecond),
      (perSecond / copied).toFixed(2),
      batched.p50.toFixed(1),
      batched.p99.toFixed(1),
    ]);
    rows.push([
      'bare Fastify POST, 1 a request',
      Math.round(peer.perSecond),
      '1',
      peer.p50.toFixed(2),
      peer.p99.toFixed(2),
    ]);
    rows.push([
      'POST /v1/events, 1 a request',
      Math.round(single.perSecond),
      (single.perSecond / peer.perSecond).toFixed(2),
      single.p50.toFixed(2),
      single.p99.toFixed(2),
    ]);
    console.log(table(rows));
    console.log('\nAn event is acknowledged when its row is committed, so both rates are one.');
  } finally {
    await database.stop();
  }
}
