import { fileURLToPath } from 'node:url';
import { analyze } from '../dist/analyze.js';
import { connect } from '../dist/db/connect.js';
import { migrate } from '../dist/db/migrate.js';
import { createOutcomeNames } from '../dist/db/outcome-names.js';
import { createPartitions } from '../dist/db/partitions.js';
import { metricsOf } from '../dist/declaration/metrics-of.js';
import { pack } from '../dist/events/pack.js';
import { readDeclarations } from '../dist/files/declarations.js';
import { databaseSteps } from '../dist/jobs/steps.js';
import { run as runUsers } from './analysis-users.js';
import { section, table } from './measure.js';
import { outcomeRows } from './outcome-rows.js';
import { startDatabase } from './processes.js';

const UNITS = 20_000;
const DAYS = 14;
/** As many a user and day as the demo has. */
const SESSIONS = Math.round(UNITS * DAYS * 1.46);
const TITLES = 15_000;
const DAY_MS = 86_400_000;
const ENVIRONMENT = 'bench';
const KEY = 'homepage-hybrid';

const NAMES = 'session_start impressions click selection play watch complete buffering bounce session_end';

/** Packed slates to draw from: 20 titles, two thirds of them from a popular few hundred. */
function slates(count) {
  return Array.from({ length: count }, (_, i) => {
    const titles = Int32Array.from({ length: 20 }, (__, slot) => {
      const hash = Math.imul(i * 20 + slot + 1, 0x9e3779b1) >>> 0;
      return slot % 3 < 2 ? hash % 400 : hash % TITLES;
    });
    const [scores, propensities] = [new Float32Array(20), new Float32Array(20).fill(1)];
    const [sources, because] = [new Uint8Array(20), new Int32Array(20).fill(-1)];
    return Buffer.from(
      pack({
        slate: { titles, scores, propensities, sources, because },
        stages: [{ stage: 'fill', micros: 40, titles: 20 }],
        skipped: [],
        relaxed: 0,
      }),
    );
  });
}

/** Sessions of users of skewed activity, each with its request and one outcome record; then first exposures. */
async function fill(db, start) {
  const names = createOutcomeNames(db.pool);
  await names.ensure(NAMES.split(' '));
  const partitions = createPartitions(db.pool);
  const firstDay = start / DAY_MS;
  const days = Array.from({ length: DAYS }, (_, i) => firstDay + i);
  await partitions.ensure('request', days);
  await partitions.ensure('outcome', days);
  const ids = (list) => `'{${list.split(' ').map(names.id).join(',')}}'::smallint[]`;
  const client = await db.pool.connect();
  const day = 'to_timestamp(at / 1000)::date';
  await client.query('select setseed(0.5)');
  await client.query(`create temp table session as
    select gen_random_uuid() as id, 'u-' || trunc(${UNITS} * random() ^ 1.3)::integer as unit,
      ${start} + (random() * ${DAYS * DAY_MS - 1})::bigint as at, random() < 0.25 as bounced,
      (random() * 2000)::integer as seconds, (random() * ${TITLES - 1})::integer as title
    from generate_series(1, ${SESSIONS})`);
  await client.query(
    'create temp table slate as select * from unnest($1::bytea[]) with ordinality as s(slate, n)',
    [slates(2_000)],
  );
  await client.query(`insert into request
    select '${ENVIRONMENT}', id, ${day}, unit, at, 'homepage', 'tv', 'US', '${KEY}/popular', 'c', 'm', false, 0,
      1000 + seconds * 10, 20, 700000 + seconds, 5, slate
    from session join slate on n = 1 + title % 2000`);
  await client.query(`insert into outcome
    select ${outcomeRows(ENVIRONMENT, day, ids)}
    from session`);
  await client.query(`insert into exposure
    select '${ENVIRONMENT}', '${KEY}', 1, unit, case when hashtext(unit) % 2 = 0 then 'popular' else 'hybrid' end,
      min(at), null, 0, false, false,
      jsonb_build_object('country', (array['US', 'DE', 'BR'])[1 + abs(hashtext('c' || unit)) % 3],
        'device', (array['tv', 'mobile'])[1 + abs(hashtext('d' || unit)) % 2], 'activity', 'casual'), 'c'
    from session group by unit`);
  await client.query('drop table session, slate');
  client.release();
  await db.pool.query(`insert into title select '${ENVIRONMENT}', n, 't-' || n, 't', 1, n % 20, n > 3000
    from generate_series(0, ${TITLES - 1}) as n`);
}

/** The physical limit: one scan of the outcomes that adds up the same ten names per user, and nothing else. */
async function bareScan(db) {
  const started = performance.now();
  const sums = NAMES.split(' ').map(
    (name) => `sum(value) filter (where name_id = (select id from outcome_name where name = '${name}'))`,
  );
  const client = await db.pool.connect();
  await client.query("set work_mem = '256MB'");
  const { rows } = await client.query(`
    select count(*)::int as units from (
      select unit, ${sums.map((sum, i) => `${sum} as s${i}`).join(', ')}
      from (select unit, unnest(name_id) as name_id, unnest(value) as value from outcome) as item group by unit
    ) as per_unit`);
  client.release();
  return { seconds: (performance.now() - started) / 1000, units: rows[0].units };
}

/** One experiment with all its metrics, segments and daily lift, from stored events to the report; beside a bare scan. */
export async function run() {
  section(
    `Analysis of ${KEY}: ${UNITS} users, ${DAYS} days, ${SESSIONS} sessions, straight after they were stored`,
  );
  const folder = fileURLToPath(new URL('../experiments', import.meta.url));
  const { ok, errors, declarations } = await readDeclarations(folder);
  if (!ok) throw new Error(`experiments/ is not valid: ${JSON.stringify(errors)}`);
  const experiment = declarations.experiments.find(({ key }) => key === KEY);
  const metrics = metricsOf(experiment, declarations.metrics);
  const cutoff = experiment.startMs + DAYS * DAY_MS;
  const scope = { environment: ENVIRONMENT, experiment, metrics, cutoff };
  const database = await startDatabase();
  const db = connect(database.url);
  try {
    await migrate(db);
    await fill(db, experiment.startMs);
    const steps = databaseSteps(db, () => TITLES);
    const found = {};
    const rows = [['', 'seconds', 's / 1M users', 'times the bare scan']];
    const times = [];
    const timed = async (name, work) => {
      const started = performance.now();
      found[name] = await work();
      times.push([name, (performance.now() - started) / 1000]);
    };
    await timed('roll-up', () => steps.rollUp(scope));
    for (const step of ['health', 'metrics', 'quantiles', 'coverage'])
      await timed(step, () => steps[step](scope));
    const { health, metrics: values, quantiles, coverage } = found;
    const of = { experiment: KEY, iteration: experiment.iteration, environment: ENVIRONMENT, cutoff };
    const aggregates = { ...of, health, metrics: values, quantiles, coverage };
    await timed('statistics', () => analyze(experiment, metrics, aggregates, declarations.version));
    const { units } = found['roll-up'];
    const bare = await bareScan(db);
    if (bare.units !== units)
      throw new Error(`the roll-up has ${units} users, the events have ${bare.units}`);
    times.push(['in all', times.reduce((sum, [, seconds]) => sum + seconds, 0)]);
    for (const [name, seconds] of [['bare scan: ten sums a user', bare.seconds], ...times]) {
      rows.push([
        name,
        seconds.toFixed(2),
        ((seconds * 1e6) / units).toFixed(0),
        (seconds / bare.seconds).toFixed(1),
      ]);
    }
    console.log(table(rows));
    console.log(
      `\n${metrics.length} metrics. Seconds per 1M users are extrapolated linearly from ${units} users.`,
    );
  } finally {
    await db.close();
    await database.stop();
  }
  await runUsers();
}
