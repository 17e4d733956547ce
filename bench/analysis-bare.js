import { sameSums } from './analysis-same-sums.js';
import { DAY_MS, DAYS, ENVIRONMENT, EXPERIMENT, NAMES, SCOPE, START } from './analysis-world.js';

/**
 * What the analysis is held against, each one statement over the same event rows with both cores for it:
 * - the plain sums by arm at the cut-off: counts, sums, squares and cross products of the six metrics and their two
 *   covariates. No days, no segments, no strata, no health checks. Twice, with a row per item and with names looked up in
 *   the arrays (which holds for these events alone, whose records never span days nor repeat a name);
 * - the same sums as the report needs (`analysis-same-sums.js`).
 * Each is tried with workers and without, and the quicker counts.
 */
export async function bareScan(db) {
  const { rows } = await db.pool.query('select name, id from outcome_name');
  const ids = Object.fromEntries(rows.map(({ name, id }) => [name, id]));
  for (const name of NAMES) if (ids[name] === undefined) throw new Error(`no outcome is called ${name}`);
  const found = {};
  for (const [name, statement, settings] of [
    ['plain sums: a row per item', overArms(perItem(ids)), { enable_sort: 'off' }],
    ['plain sums: arrays looked up', overArms(perRecord(ids)), { enable_sort: 'off' }],
    ['the same sums', sameSums(ids), { parallel_setup_cost: 0, parallel_tuple_cost: 0.0001 }],
  ]) {
    const times = [];
    for (const workers of [2, 0, 2]) {
      const client = await db.pool.connect();
      await client.query(`begin; set local work_mem = '1GB'; set local enable_nestloop = off;
        set local min_parallel_table_scan_size = 0; set local max_parallel_workers_per_gather = ${workers};
        set local statement_timeout = '30min'`);
      for (const [key, value] of Object.entries(settings)) await client.query(`set local ${key} = ${value}`);
      const started = performance.now();
      const result = await client.query(statement);
      times.push((performance.now() - started) / 1000);
      await client.query('commit');
      client.release();
      if (name.startsWith('plain')) found.sums = result.rows;
      else found.parts = result.rows;
    }
    found[name] = Math.min(...times);
  }
  return found;
}

/** Since the opening, and in the days before it. */
const tests = {
  '>=': 't >= opening',
  '<': `t < opening and t >= opening - ${DAYS * DAY_MS}`,
};

const COLUMNS = ['watch', 'clicks', 'impressions', 'sessions', 'plays', 'completed', 'bounced', 'z0', 'z1'];
const RATIOS = [
  ['clicks', 'impressions'],
  ['completed', 'plays'],
  ['bounced', 'sessions'],
];

function overArms(perUnit) {
  const squares = COLUMNS.flatMap((column) => [
    `sum(${column}) as ${column}`,
    `sum(${column} * ${column}) as ${column}2`,
  ]);
  const crossed = RATIOS.map(([y, x]) => `sum(${y} * ${x})`);
  const adjusted = COLUMNS.slice(0, 7).flatMap((column) => [`sum(${column} * z0)`, `sum(${column} * z1)`]);
  return `select variant, count(*) as n, ${[...squares, ...crossed, ...adjusted, 'sum(z0 * z1)'].join(', ')}
    from (${perUnit}) as unit group by variant order by variant`;
}

const from = (columns) => `select e.unit, e.variant, e.at as opening, ${columns}
  from exposure as e join outcome as o on o.environment = '${ENVIRONMENT}' and o.unit = e.unit
  where e.environment = '${ENVIRONMENT}' and e.experiment = '${EXPERIMENT.key}' and not forced and e.at >= ${START}
    and o.day between '${date(START - DAYS * DAY_MS)}' and '${date(SCOPE.cutoff)}'`;
const date = (ms) => new Date(ms).toISOString().slice(0, 10);

function perItem(ids) {
  const sum = (name, side) =>
    `coalesce(sum(value) filter (where name_id = ${ids[name]} and ${tests[side]}), 0)::bigint`;
  const count = (name, side) => `count(*) filter (where name_id = ${ids[name]} and ${tests[side]})`;
  return `select unit, variant, ${measures(sum, count)} from (
      ${from('o.at + unnest(after_ms) as t, unnest(name_id) as name_id, unnest(value) as value')}) as item
    group by unit, variant`;
}

function perRecord(ids) {
  const place = (name) => `array_position(name_id, ${ids[name]}::smallint)`;
  const sum = (name, side) => `coalesce(sum(value[${place(name)}]) filter (where ${tests[side]}), 0)::bigint`;
  const count = (name, side) => `count(${place(name)}) filter (where ${tests[side]})`;
  return `select unit, variant, ${measures(sum, count)} from (${from('o.at as t, name_id, value')}) as record
    group by unit, variant`;
}

function measures(sum, count) {
  return [
    `${sum('watch', '>=')} as watch`,
    `${count('click', '>=')} as clicks`,
    `${sum('impressions', '>=')} as impressions`,
    `${count('session_start', '>=')} as sessions`,
    `${count('play', '>=')} as plays`,
    `${count('complete', '>=')} as completed`,
    `${count('bounce', '>=')} as bounced`,
    `${sum('watch', '<')} as z0`,
    `${count('session_start', '<')} as z1`,
  ].join(', ');
}
