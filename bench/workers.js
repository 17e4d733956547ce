import { mkdtempSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { section, table } from './measure.js';
import { load, startDatabase, startScreentest } from './processes.js';

const PORT = 8185;
const CONNECTIONS = 64;

/**
 * The recommendation route by worker processes, each kept to a core of its own where there are as many. The load and Postgres take what
 * they need of the same cores, so the last worker has less than one; the peer is one worker on one of them.
 */
export async function run() {
  const cores = availableParallelism();
  section(`Recommendation route by worker processes, ${cores} cores that load and Postgres share`);
  const database = await startDatabase();
  const cache = mkdtempSync(join(tmpdir(), 'screentest-bench-cache-'));
  const url = `http://127.0.0.1:${PORT}`;
  const all = `0-${cores - 1}`;
  const rows = [['workers', 'requests/s', 'ratio', 'p50 ms', 'p99 ms']];
  try {
    let one;
    for (let workers = 1; workers <= cores; workers *= 2) {
      const own = `0-${workers - 1}`;
      const server = await startScreentest(PORT, database.url, cache, undefined, { workers, cores: own });
      try {
        const { perSecond, p50, p99 } = await load({ url, connections: CONNECTIONS, cores: all });
        one ??= perSecond;
        rows.push([
          workers,
          Math.round(perSecond),
          (perSecond / one).toFixed(2),
          p50.toFixed(1),
          p99.toFixed(1),
        ]);
      } finally {
        await server.stop();
      }
    }
    console.log(table(rows));
  } finally {
    await database.stop();
  }
}
