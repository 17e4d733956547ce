import { createOutcomeNames } from '../dist/db/outcome-names.js';
import { createPartitions } from '../dist/db/partitions.js';
import { outcomeRows } from './outcome-rows.js';

export const DAY_MS = 86_400_000;
export const START = Date.UTC(2026, 9, 1);
/** Days before and after the start. */
export const DAYS = 14;
export const ENVIRONMENT = 'bench';
const KEY = 'many-users';
const TITLES = 15_000;
/** Half of a user's sessions, about, are before the start. */
export const SESSIONS_PER_USER = 4;
export const NAMES =
  'session_start impressions click selection play watch complete buffering bounce session_end'.split(' ');

const measure = (event, aggregate, window = { fromMs: 0 }) => ({ event, aggregate, where: {}, window });
const before = { fromMs: -DAYS * DAY_MS, toMs: 0 };

function metric(key, numerator, denominator, scale = 1) {
  const shared = { key, name: key, description: '', perWeek: false, unit: '', scale };
  const kind = denominator === undefined ? 'mean' : 'ratio';
  const direction = key === 'bounce_rate' ? 'lower-is-better' : 'higher-is-better';
  return { ...shared, kind, numerator, direction, ...(denominator && { denominator }) };
}

export const METRICS = [
  metric('watch_hours', measure('watch', 'sum'), undefined, 1 / 3600),
  metric('click_through_rate', measure('click', 'count'), measure('impressions', 'sum')),
  metric('sessions', measure('session_start', 'count')),
  metric('plays', measure('play', 'count')),
  metric('completion_rate', measure('complete', 'count'), measure('play', 'count')),
  metric('bounce_rate', measure('bounce', 'count'), measure('session_start', 'count')),
];
const COVARIATES = [
  metric('watch_hours_before', measure('watch', 'sum', before), undefined, 1 / 3600),
  metric('sessions_before', measure('session_start', 'count', before)),
];
export const DECLARED = [...METRICS, ...COVARIATES];

export const EXPERIMENT = {
  key: KEY,
  owner: 'bench',
  hypothesis: 'none',
  design: 'ab',
  unit: 'user_id',
  iteration: 1,
  layer: { name: 'homepage', from: 0, to: 1 },
  surface: 'homepage',
  startMs: START,
  durationMs: DAYS * DAY_MS,
  observeForMs: 0,
  targeting: { all: [] },
  stratify: ['device'],
  control: 'popular',
  variants: [
    { key: 'popular', weight: 0.5 },
    { key: 'hybrid', weight: 0.5 },
  ],
  metrics: {
    success: ['watch_hours', 'click_through_rate', 'sessions'].map((key) => ({ metric: key })),
    guardrails: [{ metric: 'bounce_rate', margin: { relative: 0.02 } }],
    secondary: ['plays', 'completion_rate'],
  },
  analysis: {
    alpha: 0.05,
    interval: 'always-valid',
    correction: { success: 'holm', segments: 'bh' },
    segments: ['country'],
    covariates: COVARIATES.map(({ key }) => key),
    prior: { scale: 'relative', mean: 0, standardDeviation: 0.02 },
    maturity: { days: 1, unitsPerArm: 250 },
  },
  ramp: [{ share: 1 }],
  decision: {
    ship: { success: 'any-superior', worse: 'none', guardrails: 'all-non-inferior', health: 'pass' },
    rollBack: { guardrails: 'any-breach' },
    otherwise: 'undecided',
  },
  source: { file: '', yaml: '' },
};
export const SCOPE = {
  environment: ENVIRONMENT,
  experiment: EXPERIMENT,
  metrics: DECLARED,
  cutoff: START + DAYS * DAY_MS,
};

/**
 * Events of `users` users: each has one session in the experiment, the other sessions fall on users of skewed activity
 * over the days before and after the start. A session is a request and one outcome record of 4 or 9 items.
 */
export async function fillUsers(db, users) {
  const names = createOutcomeNames(db.pool);
  await names.ensure(NAMES);
  const partitions = createPartitions(db.pool);
  const days = Array.from({ length: 2 * DAYS }, (_, i) => START / DAY_MS - DAYS + i);
  await partitions.ensure('request', days);
  await partitions.ensure('outcome', days);
  const ids = (list) => `'{${list.split(' ').map(names.id).join(',')}}'::smallint[]`;
  const day = 'to_timestamp(at / 1000)::date';
  const client = await db.pool.connect();
  await client.query("set synchronous_commit = off; set statement_timeout = '30min'; select setseed(0.5)");
  await client.query(`create temp table session as
    select gen_random_uuid() as id, 'u-' || case when i <= ${users} then i else 1 + trunc(${users} * random() ^ 1.3)::integer end as unit,
      case when i <= ${users} then ${START} + (random() * ${(DAYS * DAY_MS) / 2})::bigint
        else ${START - DAYS * DAY_MS} + (random() * ${2 * DAYS * DAY_MS - 1})::bigint end as at,
      random() < 0.25 as bounced, (random() * 2000)::integer as seconds, (random() * ${TITLES - 1})::integer as title
    from generate_series(1, ${users * SESSIONS_PER_USER}) as i`);
  await client.query(`insert into request
    select '${ENVIRONMENT}', id, ${day}, unit, at, 'homepage', 'tv', 'US', '${KEY}/popular', 'c', 'm', false, 0,
      1000 + seconds * 10, 20, 700000 + seconds, 5, decode(repeat('00', 150), 'hex')
    from session`);
  await client.query(`insert into outcome
    select ${outcomeRows(ENVIRONMENT, day, ids)}
    from session`);
  await client.query(`insert into exposure
    select '${ENVIRONMENT}', '${KEY}', 1, unit, case when hashtext(unit) % 2 = 0 then 'popular' else 'hybrid' end,
      min(at), null, 0, false, false,
      jsonb_build_object('country', (array['US', 'DE', 'BR'])[1 + abs(hashtext('c' || unit)) % 3],
        'device', (array['tv', 'mobile'])[1 + abs(hashtext('d' || unit)) % 2]), 'c'
    from session where at >= ${START} group by unit`);
  await client.query('drop table session');
  // As autovacuum would have left them a while later: neither side pays for the first reading of fresh rows.
  await client.query('vacuum analyze request');
  await client.query('vacuum analyze outcome');
  await client.query('vacuum analyze exposure');
  client.release();
}
