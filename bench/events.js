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
const ROWS = 1_000_000;
const BATCH = 500;
const SECONDS = 10;

async function connected(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

const hex = (value, digits) => value.toString(16).padStart(digits, '0');

/**
 * Rows/s of the physical limit: COPY of outcome rows, written before the clock starts, into a staging table, from there into the product's own
 * table with `on conflict do nothing`, as anything must that may be repeated. Ids are UUIDv7 of now, as those of the load.
 */
async function stagedCopy(client) {
  const columns =
    'environment, id, day, unit, at, received_at, name_id, value, title, after_ms, payload, whole_ms';
  await client.query('create temp table stage (like outcome)');
  const now = Date.now();
  const day = new Date(now).toISOString().slice(0, 10);
  const line = (i) => {
    const time = hex(now + Math.floor(i / 100), 12);
    const id = `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${hex(i, 12)}`;
    return `copied\t${id}\t${day}\tu-${i % 2000}\t${now}\t${now}\t{1}\t{600}\t{${i % 1000}}\t{0}\t${i}\t0\n`;
  };
  const blocks = Array.from({ length: ROWS / 1000 }, (_, block) =>
    Buffer.from(Array.from({ length: 1000 }, (_, i) => line(1000 * block + i)).join('')),
  );
  const started = performance.now();
  await pipeline(Readable.from(blocks), client.query(copyStreams.from(`copy stage (${columns}) from stdin`)));
  const { rowCount } = await client.query(
    `insert into outcome (${columns}) select ${columns} from stage on conflict do nothing`,
  );
  const seconds = (performance.now() - started) / 1000;
  if (rowCount !== ROWS) throw new Error(`${rowCount} of ${ROWS} rows arrived`);
  return ROWS / seconds;
}

const count = async (client) =>
  (await client.query("select count(*)::int as n from outcome where environment <> 'copied'")).rows[0].n;

/** Milliseconds until the journal holds nothing that is not in the database. */
async function drained(url) {
  const started = performance.now();
  for (;;) {
    const text = await (await fetch(`${url}/metrics`)).text();
    if (/^screentest_journal_waiting_bytes\S* 0$/m.test(text)) return performance.now() - started;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Events/s to durable answers and to rows that can be queried, beside staged COPY and beside a bare Fastify POST route. */
export async function run() {
  section('Events, server on one core, load from the other');
  const database = await startDatabase();
  const client = await connected(database.url);
  const rows = [['', 'events/s', 'ratio', 'p50 ms', 'p99 ms', 'server CPU us/event']];
  try {
    const cache = mkdtempSync(join(tmpdir(), 'screentest-bench-cache-'));
    const server = await startScreentest(PORT, database.url, cache);
    const url = `http://127.0.0.1:${PORT}`;
    const events = (options) => load({ url, kind: 'events', pid: server.pid, seconds: SECONDS, ...options });
    let batched;
    let behind;
    let databaseCpu;
    let single;
    try {
      await events({ eventsPerRequest: BATCH, connections: 8, seconds: 3, warmup: 0 });
      await drained(url);
      const before = await count(client);
      const cpu = database.cpuSeconds();
      batched = await events({ eventsPerRequest: BATCH, connections: 8, warmup: 0 });
      behind = (await drained(url)) / 1000;
      databaseCpu = database.cpuSeconds() - cpu;
      const arrived = (await count(client)) - before;
      // The last ones were cut off before their answer.
      if (arrived < batched.answered * BATCH)
        throw new Error(`${arrived} rows of ${batched.answered * BATCH} acknowledged events`);
      single = await events({ connections: 64 });
      await drained(url);
    } finally {
      await server.stop();
    }
    const copied = await stagedCopy(client);
    const bare = await startBare(BARE_PORT, 100);
    let peer;
    try {
      peer = await load({
        url: `http://127.0.0.1:${BARE_PORT}`,
        kind: 'events',
        connections: 64,
        pid: bare.pid,
      });
    } finally {
      await bare.stop();
    }
    const acknowledged = batched.perSecond * BATCH;
    const queryable = (batched.answered * BATCH) / (batched.answered / batched.perSecond + behind);
    const line = (name, perSecond, ratio, found) =>
      rows.push([
        name,
        Math.round(perSecond),
        ratio.toFixed(2),
        found?.p50.toFixed(2) ?? '',
        found?.p99.toFixed(2) ?? '',
        found?.cpu?.toFixed(1) ?? '',
      ]);
    const one = ({ cpuMicros, ...rest }) => ({ ...rest, cpu: cpuMicros });
    line(`staged COPY of ${ROWS} rows into the same table`, copied, 1);
    line(`rows to be queried, ${BATCH} a request`, queryable, queryable / copied);
    line(`durable answers, ${BATCH} a request`, acknowledged, acknowledged / copied, {
      ...batched,
      cpu: batched.cpuMicros / BATCH,
    });
    line('bare Fastify POST, 1 a request', peer.perSecond, 1, one(peer));
    line('durable answers, 1 a request', single.perSecond, single.perSecond / peer.perSecond, one(single));
    console.log(table(rows));
    console.log(
      `\nAn answer leaves when the local journal is synced. The last row of ${SECONDS} s of load could be queried ${behind.toFixed(2)} s after its answer; Postgres took ${((1e6 * databaseCpu) / (batched.answered * BATCH)).toFixed(1)} us CPU an event (to the second).`,
    );
  } finally {
    await client.end();
    await database.stop();
  }
}
