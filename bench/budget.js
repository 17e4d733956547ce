// Where the time of a reproduced test goes: core-microseconds and bytes a session by stage, sessions/s, and beside them the
// floor: the same requests ranked and nothing else, the same rows copied and nothing else.
//
//   npm run bench:budget -- --users 50000,200000,800000 --threads 2
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { startEmbeddedPostgres } from '../dist/embedded/postgres.js';
import { livePart } from '../dist/reproduce/live-part.js';
import { viewersOf } from '../dist/reproduce/plan.js';
import { openPopulation } from '../dist/reproduce/population.js';
import { servePart } from '../dist/reproduce/serve-part.js';

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '50000,200000,800000' },
    threads: { type: 'string', default: String(availableParallelism()) },
    cache: { type: 'string' },
  },
});
const sizes = values.users.split(',').map(Number);
const threads = Number(values.threads);
const folder = await mkdtemp(join(tmpdir(), 'budget-'));
const cache = values.cache ?? join(folder, 'cache');
const TICKS = 100;

/** Processor seconds of a process and, reaped, of its children. */
async function cpuOf(pid) {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [user, system, childUser, childSystem] = fields.slice(11, 15).map(Number);
  return { ppid: Number(fields[1]), own: (user + system + childUser + childSystem) / TICKS };
}

/** Of the server with all of its backends, those that ended too. */
async function postgresCpu(postmaster) {
  let total = 0;
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const one = await cpuOf(name).catch(() => undefined);
    if (one && (Number(name) === postmaster || one.ppid === postmaster)) total += one.own;
  }
  return total;
}

const round = (value, digits = 1) => value.toFixed(digits).padStart(10);
const line = (name, ...cells) => console.log(name.padEnd(34), ...cells);

async function run(users) {
  const postgres = await startEmbeddedPostgres(join(folder, `postgres-${users}`), { restart: false });
  const postmaster = Number(
    (await readFile(join(folder, `postgres-${users}`, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0],
  );
  try {
    const started = await postgresCpu(postmaster);
    const child = spawn(
      process.execPath,
      [
        'bin/screentest.js',
        'reproduce',
        '--users',
        users,
        '--threads',
        threads,
        '--cache',
        cache,
        '--json',
        '--tables',
        '1',
        '--truth',
        '10',
      ],
      {
        env: { ...process.env, DATABASE_URL: postgres.url, REDIS_URL: '' },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let [stdout, stderr] = ['', ''];
    const marks = {};
    child.stdout.on('data', (text) => (stdout += text));
    child.stderr.on('data', async (text) => {
      stderr += text;
      process.stderr.write(text);
      for (const name of ['world, pre-period and training', 'test', 'indexes'])
        if (new RegExp(`  ${name}: [0-9.]+ s\n`).test(stderr) && marks[name] === undefined) {
          marks[name] = 0;
          marks[name] = await postgresCpu(postmaster);
        }
    });
    const code = await new Promise((ended) => child.once('exit', ended));
    if (code !== 0) throw new Error(`reproduce ended with ${code}: ${stderr}`);
    const document = JSON.parse(stdout);
    const { test } = document;
    const phase = (name) => document.phases.find((one) => one.name === name);
    const per = (seconds) => (1e6 * seconds) / test.sessions;
    const thread = Object.values(test.times).reduce((sum, ms) => sum + ms, 0);
    const node = phase('test').coreSeconds;
    const size = await sizeOf(postgres.url);
    const inTest = phase('test').seconds;

    console.log(
      `\n${users.toLocaleString('en')} viewers, ${test.sessions.toLocaleString('en')} sessions, ${threads} threads`,
    );
    line('', 'core-us a session'.padStart(20));
    for (const [stage, ms] of Object.entries(test.times))
      line(`  ${stage}`, round((per(node) * ms) / thread));
    line('  Node in all', round(per(node)));
    line('  Postgres: COPY', round(per(marks.test - marks['world, pre-period and training'])));
    line('  Postgres: indexes', round(per(marks.indexes - marks.test)));
    line('  analysis of day 28: Node', round(per(phase('analysis of day 28').coreSeconds)));
    line('  all of Postgres', round(per((await postgresCpu(postmaster)) - started)));
    line('bytes a session: to COPY', round(test.bytes / test.sessions));
    line('  tables, indexes', round(size.tables / test.sessions), round(size.indexes / test.sessions));
    line('sessions/s', round(test.sessions / inTest, 0));
    line('seconds: test, analysis', round(inTest), round(phase('analysis of day 28').seconds));
    line('MiB resident', round(document.memory / 2 ** 20, 0));
    const floor = await floorOf(document, postgres.url);
    line('floor: ranking alone, us a session', round(floor.rank));
    line('floor: COPY alone, us a session', round(floor.copy));
    return { users, seconds: inTest, analysis: phase('analysis of day 28').seconds };
  } finally {
    await postgres.stop();
    await rm(join(folder, `postgres-${users}`), { recursive: true, force: true });
  }
}

async function sizeOf(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(
    `select sum(pg_table_size(inhrelid))::float8 as tables, sum(pg_indexes_size(inhrelid))::float8 as indexes
     from pg_inherits where inhparent in ('request'::regclass, 'outcome'::regclass)`,
  );
  await client.end();
  return rows[0];
}

/** One chunk again: its requests in the order and batches of the test through the ranker; its rows through COPY. */
async function floorOf({ plan, test }, url) {
  const population = await openPopulation(plan, { cacheFolder: cache, experimentsFolder: 'experiments' });
  const range = viewersOf(plan, 0);
  const batches = [];
  const first = await servePart(plan, population, range, 'floor');
  let sessions = 0;
  await livePart({ ...plan, days: 7 }, population, first, range, {
    environment: 'floor',
    recommender: {
      recommend(inputs) {
        batches.push(inputs);
        return first.recommender.recommend(inputs);
      },
    },
    onBatch(recommendations) {
      sessions += recommendations.filter(({ request }) => request.surface === 'homepage').length;
    },
    observeDays: 0,
  });
  const again = await servePart(plan, population, range, 'floor');
  const start = performance.now();
  for (const batch of batches) await again.recommender.recommend(batch);
  const rank = (1000 * (performance.now() - start)) / sessions;

  const client = new pg.Client({ connectionString: url });
  await client.connect();
  let copied = 0;
  let stored = 0;
  for (const table of ['request', 'outcome']) {
    const { rows } = await client.query(
      `select inhrelid::regclass::text as name from pg_inherits where inhparent = '${table}'::regclass order by 1 offset 3 limit 1`,
    );
    const { name } = rows[0];
    const parts = [];
    for await (const part of client.query(
      copyTo(`copy (select * from ${name} limit 100000) to stdout (format binary)`),
    ))
      parts.push(part);
    const bytes = Buffer.concat(parts);
    await client.query(`create unlogged table floor_${table} (like ${name})`);
    const begun = performance.now();
    const stream = client.query(copyFrom(`copy floor_${table} from stdin (format binary)`));
    await new Promise((done, fail) => {
      stream.once('finish', done);
      stream.once('error', fail);
      stream.end(bytes);
    });
    const seconds = (performance.now() - begun) / 1000;
    const count = Number((await client.query(`select count(*) as n from floor_${table}`)).rows[0].n);
    copied += (1e6 * seconds) / count;
    stored += count;
  }
  await client.end();
  return { rank, copy: (copied * test.requests) / test.sessions, stored };
}

console.log(`${cpus().length} x ${cpus()[0].model.trim()}, Node ${process.versions.node}`);
try {
  const runs = [];
  for (const users of sizes) runs.push(await run(users));
  for (let i = 1; i < runs.length; i++) {
    const slope = (of) =>
      Math.log(runs[i][of] / runs[i - 1][of]) / Math.log(runs[i].users / runs[i - 1].users);
    line(
      `slope ${runs[i - 1].users} to ${runs[i].users}`,
      `test ${slope('seconds').toFixed(2)}, analysis ${slope('analysis').toFixed(2)} (1 is linear)`,
    );
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
