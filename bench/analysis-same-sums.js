import { DAY_MS, DAYS, ENVIRONMENT, EXPERIMENT, SCOPE, START } from './analysis-world.js';

/**
 * The same sums as the analysis needs for its report, in one statement over the event tables: at the cut-off by arm,
 * country and device, with cubes and covariates; by day of the experiment; of every user's first week by the day it was
 * complete; of the second week beside the first; by days since exposure and by weekday; and the counts of the health
 * checks. Written for this one experiment, with what an expert may know of it: an item counts at the time of its record,
 * a name is in a record once, a user opens with the first exposure, sums fit 64 bits, a row address stands for a user.
 * The analysis may suppose none of this. Nothing is kept between statements.
 */
export function sameSums(ids) {
  const has = (name) => `${ids[name]} = any(name_id)`;
  const value = (name) => `value[array_position(name_id, ${ids[name]}::smallint)]`;
  const opened = `event.at >= exposure.at`;
  const before = `event.at < exposure.at and event.at >= exposure.at - ${DAYS * DAY_MS}`;
  const count = (name) => `(count(*) filter (where ${has(name)} and ${opened}))::integer`;
  // Sums of integers keep a plain number for every group, those of bigint a state of their own.
  const sum = (name) => `coalesce(sum(${value(name)}::integer) filter (where ${opened}), 0)::integer`;
  const day = `case when ${opened} then (event.at - exposure.at) / ${DAY_MS} else -1 end`;
  const experimentDay = `case when ${opened} then (event.at - ${START}) / ${DAY_MS} else -1 end`;
  return `with active as materialized (
      select exposure.ctid as id, variant, exposure.at as opening, ${day} as day, ${experimentDay} as experiment_day,
        ${sum('watch')} as watch, ${count('click')} as clicks, ${sum('impressions')} as impressions,
        ${count('session_start')} as sessions, ${count('play')} as plays, ${count('complete')} as completed,
        ${count('bounce')} as bounced,
        coalesce(sum(${value('watch')}::integer) filter (where ${before}), 0)::integer as z0,
        (count(*) filter (where ${has('session_start')} and ${before}))::integer as z1
      from exposure join outcome as event using (unit)
      where ${ours} and event.environment = '${ENVIRONMENT}' and ${days} and event.at < ${SCOPE.cutoff}
      group by 1, 2, 3, 4, 5
    ), person as materialized (
      select id, variant, opening, ${[...MEASURES, 'z0', 'z1'].map((of) => `sum(${of})::bigint as ${of}`)},
        ${MEASURES.map((of) => `coalesce(sum(${of}) filter (where day between 0 and 6), 0)::bigint as ${of}_1`)},
        ${NOVEL.map((of) => `coalesce(sum(${of}) filter (where day between 7 and 13), 0)::bigint as ${of}_2`)}
      from active group by 1, 2, 3
    ), cell as (
      select variant, country, device, count(*) as n, ${finalSums()} from person join (
        select ctid as id, attributes->>'country' as country, attributes->>'device' as device from exposure) as frozen using (id)
      group by 1, 2, 3
    ), daily as (
      select variant, experiment_day, count(*) filter (where is_first) as n,
        ${MEASURES.map((of) => `sum(${of}), sum(${of} * (2 * all_${of} - ${of}))`)},
        ${RATIOS.map(([y, x]) => `sum(${y} * all_${x} + ${x} * all_${y} - ${y} * ${x})`)}
      from (select *, lag(id) over own is null as is_first, ${MEASURES.map((of) => `(sum(${of}) over own)::bigint as all_${of}`)}
        from active where day >= 0 window own as (partition by id order by experiment_day, day rows unbounded preceding)) as running
      group by 1, 2
    ), first_week as (
      select variant, (opening + 7 * ${DAY_MS}::bigint - ${START} + ${DAY_MS - 1}) / ${DAY_MS} as complete, count(*) as n,
        ${MEASURES.map((of) => `sum(${of}_1), sum(${of}_1 * ${of}_1)`)}, ${RATIOS.map(([y, x]) => `sum(${y}_1 * ${x}_1)`)}
      from person where opening + 7 * ${DAY_MS}::bigint <= ${SCOPE.cutoff} group by 1, 2
    ), novelty as (
      select variant, count(*) as n, ${NOVEL.map((of) => `sum(${of}_1), sum(${of}_2), sum(${of}_1 * ${of}_1), sum(${of}_2 * ${of}_2), sum(${of}_1 * ${of}_2)`)}
      from person where opening + 14 * ${DAY_MS}::bigint <= ${SCOPE.cutoff} group by 1
    ), since as (
      select variant, day, ${squares()} from (
        select id, variant, day, ${WATCHED.map((of) => `sum(${of})::bigint as ${of}`)}
        from active where day >= 0 and opening + (day + 1) * ${DAY_MS} <= ${SCOPE.cutoff} group by 1, 2, 3) as one_day
      group by 1, 2
    ), weekday as (
      select variant, first, bucket, ${squares()} from (
        select id, variant, (opening - ${START} + ${DAY_MS - 1}) / ${DAY_MS} as first, experiment_day % 7 as bucket,
          ${WATCHED.map((of) => `sum(${of})::bigint as ${of}`)}
        from active where experiment_day >= (opening - ${START} + ${DAY_MS - 1}) / ${DAY_MS} and experiment_day < ${DAYS}
        group by 1, 2, 3, 4) as block
      group by 1, 2, 3
    ), lives as (
      select variant, (${SCOPE.cutoff} - opening) / ${DAY_MS} as complete, (opening - ${START} + ${DAY_MS - 1}) / ${DAY_MS} as first,
        count(*) as n from person group by 1, 2, 3
    ), enrolled as (
      select variant, forced, crossed, phase, at / ${DAY_MS} as day, attributes->>'country' as country,
        attributes->>'device' as device, count(*) as n
      from exposure where environment = '${ENVIRONMENT}' and experiment = '${EXPERIMENT.key}' group by 1, 2, 3, 4, 5, 6, 7
    ), sent as (
      select count(*) as outcomes, count(*) filter (where received_at - event.at > ${DAY_MS}) as late
      from exposure join outcome as event using (unit)
      where ${ours} and event.environment = '${ENVIRONMENT}' and ${days} and event.at >= ${START} and event.at < ${SCOPE.cutoff}
    ), answered as (
      select variant, count(*) as requests, count(*) filter (where error) as errors, count(*) filter (where fallback > 0) as fallbacks
      from exposure join request as event using (unit)
      where ${ours} and event.environment = '${ENVIRONMENT}' and ${days} and surface = '${EXPERIMENT.surface}'
        and event.at >= exposure.at and event.at < ${SCOPE.cutoff}
      group by 1
    )
    ${'cell daily first_week novelty since weekday lives enrolled sent answered'
      .split(' ')
      .map((part) => `select '${part}' as part, to_jsonb(${part}) as sums from ${part}`)
      .join(' union all ')}`;
}

const MEASURES = ['watch', 'clicks', 'impressions', 'sessions', 'plays', 'completed', 'bounced'];
/** Of the success metrics; those that are means have a second week. */
const WATCHED = MEASURES.slice(0, 4);
const NOVEL = ['watch', 'sessions'];
const MEANS = ['watch', 'sessions', 'plays'];
const RATIOS = [
  ['clicks', 'impressions'],
  ['completed', 'plays'],
  ['bounced', 'sessions'],
];

const date = (ms) => new Date(ms).toISOString().slice(0, 10);
const ours = `exposure.environment = '${ENVIRONMENT}' and experiment = '${EXPERIMENT.key}' and not forced and exposure.at >= ${START}`;
const days = `event.day between '${date(START - DAYS * DAY_MS)}' and '${date(SCOPE.cutoff)}'`;

function finalSums() {
  const columns = [...MEASURES, 'z0', 'z1'];
  return [
    ...columns.map((of) => `sum(${of}) as ${of}, sum(${of} * ${of}) as ${of}2`),
    ...MEANS.map((of) => `sum(${of} * ${of} * ${of}), count(*) filter (where ${of} = 0)`),
    ...RATIOS.map(([y, x]) => `sum(${y} * ${x})`),
    ...MEASURES.flatMap((of) => [`sum(${of} * z0), sum(${of} * z1)`]),
    'sum(z0 * z1)',
  ].join(', ');
}

const squares = () =>
  [...WATCHED.map((of) => `sum(${of}), sum(${of} * ${of})`), 'sum(clicks * impressions)'].join(', ');
