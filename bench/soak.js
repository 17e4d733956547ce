/**
 * node bench/soak.js [--settle 5] [--minutes 10] [--events 4000] [--slates 400]: memory of the server under a steady load, each minute, with
 * its slope, and the bytes that Postgres takes for what came of it. Before that the same load fills what is kept up to a limit: the
 * last 1,000 watches of each viewer, the last 100,000 requests.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { section, table } from './measure.js';
import { load, startDatabase, startScreentest } from './processes.js';

const PORT = 8183;
const EVENTS_PER_REQUEST = 50;
const FIGURES = {
  'RSS MB': 'screentest_resident_memory_bytes',
  'heap MB': 'screentest_heap_used_bytes',
  'external MB': 'screentest_external_memory_bytes',
  'journal MB': 'screentest_journal_waiting_bytes',
};

async function figures(url) {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Object.values(FIGURES).map((name) => {
    const line = text.split('\n').find((candidate) => candidate.startsWith(name));
    return Number(line.slice(line.lastIndexOf(' ') + 1)) / 2 ** 20;
  });
}

/** Least squares, per minute. */
function slope(values) {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let above = 0;
  let below = 0;
  values.forEach((value, i) => {
    above += (i - middle) * (value - mean);
    below += (i - middle) ** 2;
  });
  return above / below;
}

/** Bytes of a row with its share of the indexes, of a table or of all its partitions. */
async function bytesPerRow(client, name) {
  const { rows } = await client.query(
    `with leaves as (
       select relid from pg_partition_tree('${name}') where isleaf
       union select '${name}'::regclass
     )
     select (select count(*) from ${name})::float as n,
       (select sum(pg_relation_size(relid)) from leaves)::float as heap,
       (select sum(pg_total_relation_size(relid)) from leaves)::float as bytes`,
  );
  const { n, heap, bytes } = rows[0];
  return [name, n, Math.round(bytes / n), Math.round(heap / n)];
}

export async function soak({ settle, minutes, events, slates }) {
  section(
    `Soak: ${minutes} minutes of ${events} events/s and ${slates} slates/s, after ${settle} of the same`,
  );
  const database = await startDatabase();
  const url = `http://127.0.0.1:${PORT}`;
  const server = await startScreentest(PORT, database.url, mkdtempSync(join(tmpdir(), 'screentest-soak-')));
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    const seconds = (settle + minutes) * 60;
    const loads = [
      load({
        url,
        kind: 'events',
        eventsPerRequest: EVENTS_PER_REQUEST,
        connections: 4,
        rate: Math.ceil(events / EVENTS_PER_REQUEST),
        seconds,
        warmup: 0,
      }),
      load({ url, connections: 4, rate: slates, seconds, warmup: 0 }),
    ];
    const minutely = [];
    await new Promise((resolve) => setTimeout(resolve, settle * 60_000));
    for (let minute = 1; minute <= minutes; minute++) {
      await new Promise((resolve) => setTimeout(resolve, 59_500));
      minutely.push(await figures(url));
    }
    const [posted, served] = await Promise.all(loads);
    const rows = [['minute', ...Object.keys(FIGURES)]];
    for (const [i, found] of minutely.entries())
      rows.push([i + 1, ...found.map((value) => value.toFixed(1))]);
    const slopes = Object.keys(FIGURES).map((_, column) =>
      slope(minutely.map((found) => found[column])).toFixed(2),
    );
    rows.push(['MB a minute', ...slopes]);
    console.log(table(rows));
    console.log(
      `\n${posted.answered * EVENTS_PER_REQUEST} events (p99 ${posted.p99.toFixed(1)} ms) and ${served.answered} slates (p99 ${served.p99.toFixed(1)} ms).\n`,
    );
    const sizes = [['table', 'rows', 'bytes a row with indexes', 'without']];
    for (const name of ['outcome', 'request', 'exposure']) sizes.push(await bytesPerRow(client, name));
    console.log(table(sizes));
  } finally {
    await client.end();
    await server.stop();
    await database.stop();
  }
}

const { values } = parseArgs({
  options: {
    settle: { type: 'string', default: '5' },
    minutes: { type: 'string', default: '10' },
    events: { type: 'string', default: '4000' },
    slates: { type: 'string', default: '400' },
  },
});
await soak(Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)])));
process.exit(0);
