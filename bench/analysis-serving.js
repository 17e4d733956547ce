import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../dist/db/connect.js';
import { migrate } from '../dist/db/migrate.js';
import { databaseSteps } from '../dist/jobs/steps.js';
import { fillUsers, SCOPE } from './analysis-world.js';
import { section, table } from './measure.js';
import { load, startDatabase, startScreentest } from './processes.js';

const PORT = 8184;
/** `SERVING_USERS=800000` is the full size. */
const USERS = Number(process.env.SERVING_USERS ?? 100_000);

/** The steps of an analysis, again and again until told to stop; resolves with the seconds that each round took. */
async function analyseUntil(db, stopped) {
  const steps = databaseSteps(db, () => 15_000);
  const rounds = [];
  while (!stopped()) {
    const started = performance.now();
    await Promise.all([steps.health(SCOPE), steps.rollUp(SCOPE)]);
    await Promise.all([steps.metrics(SCOPE), steps.quantiles(SCOPE)]);
    rounds.push((performance.now() - started) / 1000);
  }
  return rounds;
}

/** p99 of the recommendation route at half of its peak, with nothing else and while the same Postgres computes an analysis. */
export async function run() {
  section(`Analysis of ${USERS} users while serving, server on one core, load from the other`);
  const database = await startDatabase();
  const db = connect(database.url);
  const url = `http://127.0.0.1:${PORT}`;
  try {
    await migrate(db);
    await fillUsers(db, USERS);
    const cache = mkdtempSync(join(tmpdir(), 'screentest-bench-cache-'));
    const server = await startScreentest(PORT, database.url, cache);
    try {
      const peak = await load({ url, connections: 64, seconds: 5 });
      const half = { url, connections: 64, rate: Math.round(peak.perSecond / 2), seconds: 15 };
      const alone = await load(half);
      let stop = false;
      const analysing = analyseUntil(db, () => stop);
      const beside = await load(half).finally(() => {
        stop = true;
      });
      const rounds = await analysing;
      const line = (name, { perSecond, p50, p99 }) => [
        name,
        Math.round(perSecond),
        p50.toFixed(1),
        p99.toFixed(1),
        (p99 / alone.p99).toFixed(2),
      ];
      console.log(
        table([
          ['', 'requests/s', 'p50 ms', 'p99 ms', 'ratio'],
          line('peak, 64 connections', peak),
          line('at half of it', alone),
          line('the same, during an analysis', beside),
        ]),
      );
      console.log(
        `\nAn analysis (health, roll-up, metrics, quantiles) took ${rounds.map((s) => s.toFixed(1)).join(', ')} s beside it.`,
      );
    } finally {
      await server.stop();
    }
  } finally {
    await db.close();
    await database.stop();
  }
}
