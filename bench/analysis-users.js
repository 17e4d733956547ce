/** npm run bench:analysis [users]: from stored events, and from a table of users, to the finished report. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { analyze } from '../dist/analyze.js';
import { connect } from '../dist/db/connect.js';
import { migrate } from '../dist/db/migrate.js';
import { databaseSteps } from '../dist/jobs/steps.js';
import { bareScan } from './analysis-bare.js';
import { fromFile } from './analysis-csv.js';
import {
  DAYS,
  DECLARED,
  ENVIRONMENT,
  EXPERIMENT,
  fillUsers,
  METRICS,
  SCOPE,
  SESSIONS_PER_USER,
} from './analysis-world.js';
import { quantile, section, table } from './measure.js';
import { startDatabase } from './processes.js';

const run_ = promisify(execFile);
const USERS = 800_000;
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Seconds of every step, and the aggregates. */
async function fromEvents(users) {
  const database = await startDatabase();
  const db = connect(database.url);
  try {
    await migrate(db);
    await fillUsers(db, users);
    const bare = await bareScan(db);
    const steps = databaseSteps(db, () => 15_000);
    const [found, times] = [{}, []];
    const timed = async (name, work) => {
      const started = performance.now();
      found[name] = await work();
      times.push([name, (performance.now() - started) / 1000]);
    };
    await timed('roll-up', () => steps.rollUp(SCOPE));
    for (const step of ['metrics', 'health', 'quantiles', 'coverage'])
      await timed(step, () => steps[step](SCOPE));
    const { health, metrics, quantiles, coverage } = found;
    const of = { experiment: EXPERIMENT.key, iteration: 1, environment: ENVIRONMENT, cutoff: SCOPE.cutoff };
    const aggregates = { ...of, health, metrics, quantiles, coverage };
    await timed('statistics, first time', () => analyze(EXPERIMENT, DECLARED, aggregates, 'bench'));
    check(bare.sums, metrics);
    checkParts(bare.parts, metrics);
    return { bare, times, aggregates, units: found['roll-up'].units, unitDays: found['roll-up'].unitDays };
  } finally {
    await db.close();
    await database.stop();
  }
}

/**
 * Both sides must have summed the same: a benchmark of something else would be easy to win. The bare scan takes first
 * exposure for the opening of a unit, so a few sessions of the minutes before it fall on the other side.
 */
function check(bare, metrics) {
  for (const { variant, n, watch, z1 } of bare) {
    const own = metrics[0].arms.find((arm) => arm.variant === variant).moments;
    const near = (a, b) => Math.abs(a - b) <= 1e-2 * Math.abs(b);
    const watched = own.y * 3600;
    if (Number(n) !== own.n || !near(watched, Number(watch)) || !near(own.z.z[1], Number(z1)))
      throw new Error(
        `${variant}: the bare scan has ${n} users, ${watch} s, ${z1}; the analysis ${own.n}, ${watched}`,
      );
  }
}

/** The cells of arm, country and device add up to the arms; every kind of sum is there. */
function checkParts(parts, metrics) {
  const of = (part) => parts.filter((row) => row.part === part).map(({ sums }) => sums);
  const cells = of('cell');
  const totals = [...new Set(cells.map(({ variant }) => variant))].map((variant) => {
    const own = cells.filter((cell) => cell.variant === variant);
    const total = (column) => own.reduce((sum, cell) => sum + cell[column], 0);
    return { variant, n: total('n'), watch: total('watch'), z1: total('z1') };
  });
  check(totals, metrics);
  for (const part of ['daily', 'first_week', 'since', 'weekday', 'sent', 'answered'])
    if (of(part).length === 0) throw new Error(`the bare scan for the same sums has no ${part}`);
}

function statisticsMilliseconds(aggregates) {
  const times = [];
  for (let i = 0; i < 120; i++) {
    const started = performance.now();
    const report = analyze(EXPERIMENT, DECLARED, aggregates, 'bench');
    times.push(performance.now() - started);
    if (report.metrics.length < METRICS.length) throw new Error('a metric is missing from the report');
  }
  return quantile(times.slice(20), 0.5);
}

/** pandas adding up the same columns of one row per user that are in memory already. */
async function peer(users) {
  try {
    const { stdout } = await run_('/usr/bin/python3', [here('peer-aggregation.py'), String(users)]);
    console.log(`\n${stdout.trim()}`);
  } catch {
    console.log('\nThere is no /usr/bin/python3 with pandas: the peer is left out.');
  }
}

export async function run(users = USERS) {
  section(
    `Analysis of ${users} users: ${SESSIONS_PER_USER} sessions each over ${2 * DAYS} days, ${METRICS.length} metrics with two covariates, two arms`,
  );
  const sizes = [Math.round(users / 4), users];
  const results = [];
  for (const size of sizes) results.push(await fromEvents(size));
  const [small, large] = results;
  const ways = Object.keys(large.bare).filter((key) => typeof large.bare[key] === 'number');
  const total = ({ times }) => times.reduce((sum, [, seconds]) => sum + seconds, 0);
  const rows = [
    [
      '',
      `${small.units} users, s`,
      `${large.units} users, s`,
      ...ways.map((way) => `times ${way.replace(/^.*: /, '')}`),
      'slope',
    ],
  ];
  const line = (name, a, b) =>
    rows.push([
      name,
      a.toFixed(2),
      b.toFixed(2),
      ...ways.map((way) => (b / large.bare[way]).toFixed(2)),
      (Math.log(b / a) / Math.log(large.units / small.units)).toFixed(2),
    ]);
  for (const way of ways) line(`bare scan, ${way}`, small.bare[way], large.bare[way]);
  large.times.forEach(([name, seconds], i) => {
    line(name, small.times[i][1], seconds);
  });
  line('in all', total(small), total(large));
  console.log(table(rows));
  console.log(
    `\nThe slope is that of log seconds over log users: 1 is proportional. ${large.unitDays} unit-days. Statistics from the aggregates, everything on: ${statisticsMilliseconds(large.aggregates).toFixed(2)} ms (median of 100). Most memory of this process: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB.`,
  );
  await fromFile(users);
  await peer(users);
}

if (process.argv[1] === here('analysis-users.js')) {
  const users = Number(process.argv[2] ?? USERS);
  if (!Number.isInteger(users) || users < 1_000) {
    console.error(`${process.argv[2]} is no number of users; give 1000 or more`);
    process.exit(2);
  }
  await run(users);
  process.exit(0);
}
