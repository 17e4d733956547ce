import { execFileSync, spawn } from 'node:child_process';
import { demand, sleep, until } from '../measure.js';

/** Longest that an answer is under way, ms. */
const UNDER_WAY_MS = 3_000;

function tracing() {
  try {
    execFileSync('strace', ['-e', 'trace=none', 'true'], { stdio: 'ignore' });
    return undefined;
  } catch (error) {
    return error.code === 'ENOENT' ? 'strace is not there' : 'strace may not trace here';
  }
}

export const syncFails = {
  name: 'sync-fails',
  title: 'fsync fails',
  injection: 'strace -e inject=fdatasync:error=EIO on all threads of the server; Postgres stopped with it',
  holds:
    'from the first failure on nothing is acknowledged, no sync is tried again, slates go on outside experiments; a new start is well',
  recovery: 'new start to the first acknowledged slate and event',
  runs: { full: 2, quick: 1 },
  skip: tracing,
  async run(world, runs) {
    const { ledger, database } = world;
    const recoveries = [];
    for (let run = 0; run < runs; run++) {
      await world.up();
      const load = world.startLoad({ thinkMs: 5 });
      let tracer;
      try {
        await world.acknowledgedAgain();
        const { pid } = world.product();
        ledger.logFails(true);
        const inject = ['-e', 'trace=fdatasync', '-e', 'inject=fdatasync:error=EIO'];
        tracer = spawn('strace', ['-f', '-p', String(pid), ...inject, '-o', '/dev/null'], {
          stdio: 'ignore',
        });
        await until(
          'the journal fails',
          30_000,
          async () => (await world.metric('screentest_journal_failed')) === 1,
        );
        database.pause();
        // An answer to what had reached Postgres before it stopped may still be under way, and a traced server is slow.
        await sleep(UNDER_WAY_MS);
        const syncs = await world.metric('screentest_journal_syncs_total');
        const before = ledger.acknowledged('sync-fails');
        const kinds = ['slates', 'stored', 'accepted', 'duplicate'];
        const seen = kinds.map(ledger.seen);
        await world.more('outside');
        await sleep(500);
        demand(
          ledger.acknowledged('sync-fails') === before,
          `something was acknowledged after a failed sync: ${kinds.map((kind, i) => `${ledger.seen(kind) - seen[i]} ${kind}`).join(', ')}`,
        );
        demand(
          (await world.metric('screentest_journal_syncs_total')) === syncs,
          'a sync was tried again after one failed',
        );
      } finally {
        tracer?.kill('SIGTERM');
        database.resume();
        await load.stop();
      }
      await world.end('SIGKILL');
      ledger.logFails(false);
      const started = performance.now();
      await world.up();
      const after = world.startLoad();
      await world.acknowledgedAgain();
      recoveries.push(performance.now() - started);
      await after.stop();
    }
    return { verdict: await world.judge('sync-fails'), recoveries };
  },
};
