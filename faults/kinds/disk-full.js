import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { demand, until } from '../measure.js';
import { UNDER_LOAD } from '../world.js';

function has(program) {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const limit = (pid, bytes) => execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`]);
/** What the journal may still write. */
const ROOM = 20_000;
const NOT_TAKEN = 'screentest_journal_not_taken_total';

export const diskFull = {
  name: 'disk-full',
  title: 'disk full',
  injection:
    'prlimit --fsize a little above the segment, then 0: writes are cut short, then fail; then Postgres is stopped too',
  holds:
    'slates go on, outside experiments; events go to Postgres, and with it stopped get 503 with Retry-After; all is well again when there is room',
  recovery: 'room to the first acknowledged slate and event inside the experiments',
  runs: { full: 5, quick: 1 },
  skip: () => (has('prlimit') ? undefined : 'prlimit (util-linux) is not there'),
  async run(world, runs) {
    const { ledger, database } = world;
    const recoveries = [];
    await world.up();
    const load = world.startLoad({ thinkMs: 5 });
    try {
      for (let run = 0; run < runs; run++) {
        await world.acknowledgedAgain();
        const { pid } = world.product();
        const largest = Math.max(...world.segments().map((path) => statSync(path).size));
        try {
          ledger.logFails(true);
          const notTaken = await world.metric(NOT_TAKEN);
          limit(pid, largest + ROOM);
          // A segment begun after it has room again.
          await until('a write is cut short', 30_000, async () => (await world.metric(NOT_TAKEN)) > notTaken);
          // Not a byte more, in any file.
          limit(pid, 0);
          await world.more('outside');
          await world.more('stored');
          database.pause();
          await world.more('events 503');
          await world.more('outside');
        } finally {
          database.resume();
          limit(pid, 'unlimited');
        }
        recoveries.push(await world.acknowledgedAgain());
        await world.drained(UNDER_LOAD);
        ledger.logFails(false);
      }
    } finally {
      await load.stop();
    }
    demand(ledger.seen('503 without Retry-After') === 0, 'a 503 came without Retry-After');
    demand(ledger.seen('slate 503') === 0, 'a slate was refused');
    return { verdict: await world.judge('disk-full'), recoveries };
  },
};

function mountable() {
  try {
    const own = process.getuid() === 0 ? '-m' : '-rm';
    execFileSync('unshare', [own, 'mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', '/mnt'], {
      stdio: 'ignore',
    });
    return undefined;
  } catch {
    return 'no disk may be mounted in a namespace of our own';
  }
}

export const smallDisk = {
  name: 'small-disk',
  title: 'small disk filled',
  injection: 'the journal on a tmpfs of 1 MB, Postgres stopped until it is full, then going on',
  holds: 'as above; what the disk held is handed on and makes room again by itself',
  recovery: 'SIGCONT to the journal drained',
  runs: { full: 2, quick: 1 },
  skip: ({ backend }) =>
    backend === 'embedded' && process.getuid() !== 0
      ? 'a mount for an ordinary user makes it root, as whom the embedded Postgres does not run'
      : mountable(),
  async run(world, runs) {
    const { ledger, database } = world;
    const recoveries = [];
    await world.up();
    await world.drained();
    await world.end('SIGTERM');
    const folder = join(world.cache, 'journal');
    mkdirSync(folder, { recursive: true });
    await world.up({ smallDisk: folder });
    ledger.logFails(true);
    const load = world.startLoad();
    try {
      for (let run = 0; run < runs; run++) {
        await world.acknowledgedAgain();
        database.pause();
        await world.more('accepted');
        await world.more('events 503', 60_000);
        await world.more('outside');
        const started = performance.now();
        database.resume();
        await world.acknowledgedAgain();
        await world.drained(UNDER_LOAD);
        recoveries.push(performance.now() - started);
      }
    } finally {
      database.resume();
      await load.stop();
    }
    ledger.logFails(false);
    demand(ledger.seen('503 without Retry-After') === 0, 'a 503 came without Retry-After');
    demand(ledger.seen('slate 503') === 0, 'a slate was refused');
    const verdict = await world.judge('small-disk');
    await world.end('SIGTERM');
    return { verdict, recoveries };
  },
};
