import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ask } from './ask.js';
import { embeddedDatabase, ownCluster } from './database.js';
import { freePort } from './free-port.js';
import { createLedger } from './ledger.js';
import { startLoad } from './load.js';
import { sleep, until } from './measure.js';
import { judge } from './oracle.js';
import { startProduct } from './product.js';
import { startRedis } from './redis.js';

/** As few as the product takes: a restart is then short. */
const USERS = 100;
/** Under load the journal is never empty for long: what it holds at most once the backlog has gone, bytes. */
export const UNDER_LOAD = 64 * 2 ** 10;
/** Longest wait for what the journal holds to reach the database, ms. */
const DRAIN_MS = 60_000;

/** The shipped experiments, begun today: of experiments that have ended nothing would be exposed. */
function runningExperiments(folder) {
  cpSync(fileURLToPath(new URL('../experiments', import.meta.url)), folder, {
    recursive: true,
    dereference: true,
  });
  const today = new Date().toISOString().slice(0, 10);
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    writeFileSync(path, readFileSync(path, 'utf8').replace(/^start: .*$/m, `start: ${today}`));
  }
  return folder;
}

/** One product on one kind of servers, and everything that was ever sent to it. */
export async function openWorld(backend, folder) {
  const cache = join(folder, 'cache');
  mkdirSync(cache, { recursive: true });
  const experiments = runningExperiments(join(folder, 'experiments'));
  const real = backend === 'real';
  const database = real ? await ownCluster(join(folder, 'postgres')) : embeddedDatabase(cache);
  const redis = real ? await startRedis(folder) : undefined;
  const port = await freePort();
  const ledger = createLedger();
  let product;

  const environment = {
    ...database.environment,
    ...(redis === undefined ? {} : { REDIS_URL: redis.url }),
  };
  const start = ({ environment: more, at = port, smallDisk, drain, workers, jobLock } = {}) =>
    startProduct({
      port: at,
      cache,
      experiments,
      users: USERS,
      environment: { ...environment, ...more },
      smallDisk,
      drain,
      workers,
      jobLock,
    });

  const world = {
    backend,
    name: real ? `${database.name}, Redis` : 'embedded',
    users: USERS,
    url: `http://127.0.0.1:${port}`,
    cache,
    experiments,
    database,
    redis,
    ledger,
    product: () => product,
    /** A second product on the same stores. */
    startAnother: (at, options) => start({ ...options, environment: { DATABASE_URL: database.url() }, at }),
    /** Starts the product, where none runs. Resolves with the ms until it was ready. */
    async up(options) {
      if (product !== undefined && !product.ended()) return 0;
      const started = performance.now();
      product = start(options);
      await product.ready();
      return performance.now() - started;
    },
    /** Kills the product, or lets it end. */
    end: (signal) => product.end(signal),
    startLoad: (options) => startLoad(world, options),
    /** The product's own figures by name, without labels. */
    async metric(name) {
      const { text } = await ask(`${world.url}/metrics`, { ms: 5_000 });
      const line = text.split('\n').find((candidate) => candidate.startsWith(`${name}{`));
      return line === undefined ? Number.NaN : Number(line.slice(line.lastIndexOf(' ') + 1));
    },
    /** Milliseconds until the database takes records and the journal is empty, or holds no more than `most` bytes. */
    drained: (most = 0) =>
      until('the journal is drained', DRAIN_MS, async () => {
        const [waiting, down] = await Promise.all(
          ['waiting_bytes', 'down'].map((name) =>
            world.metric(`screentest_journal_${name}`).catch(() => Number.NaN),
          ),
        );
        return waiting <= most && down === 0;
      }),
    /** Milliseconds until one more slate and one more event were acknowledged to the clients that run. */
    async acknowledgedAgain(ms = 30_000) {
      const count = () => [
        ledger.seen('slates'),
        ledger.seen('stored') + ledger.seen('accepted') + ledger.seen('duplicate'),
      ];
      const before = count();
      return until('work goes on', ms, () => count().every((seen, i) => seen > before[i]), 5);
    },
    /** Until one more answer of this kind was counted. */
    more(kind, ms = 30_000) {
      const before = ledger.seen(kind);
      return until(`an answer of kind ${kind}`, ms, () => ledger.seen(kind) > before, 5);
    },
    /** Recovery is over: everything has arrived, and the ledger is held against the database. */
    async judge(fault, excused) {
      await world.up();
      await world.drained();
      let verdict = await judge(database.url(), ledger, fault, excused);
      for (let attempt = 0; attempt < 10 && verdict.lost > 0; attempt++) {
        // What other processes left is handed on beside the work.
        await sleep(1_000);
        verdict = await judge(database.url(), ledger, fault, excused);
      }
      return verdict;
    },
    /** Segments of the journals of this cache, oldest first. */
    segments() {
      const base = join(cache, 'journal');
      if (!existsSync(base)) return [];
      return readdirSync(base, { recursive: true })
        .filter((name) => name.endsWith('.journal'))
        .sort()
        .map((name) => join(base, name));
    },
    /** After a fault that was not gone through with: the next one begins with servers that answer. */
    async mend() {
      database.resume();
      redis?.resume();
      await product.end('SIGKILL');
      await database.revive();
    },
    async close() {
      if (product !== undefined) await product.end('SIGKILL');
      await database.close();
      await redis?.close();
    },
  };
  return world;
}
