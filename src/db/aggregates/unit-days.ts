import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { Measure } from '../../declarations.ts';
import type { Database } from '../connect.ts';
import type { Tables } from '../tables.ts';
import { distinctPass, itemPasses } from './item-pass.ts';
import { type MeasureSet, measureSet } from './measures.ts';
import { requestPass } from './request-pass.ts';
import { column, columns, type RollUp, vocabulary } from './roll-up.ts';
import { DAY_MS, partitionDays, type Scope, SESSION_MS } from './scope.ts';
import { analysisTransaction, configure } from './session.ts';
import { refreshStatistics } from './statistics.ts';
import { forget, lockSet, remember } from './unit-day-set.ts';
import { daysOf } from './unit-time.ts';
import { makeAnalysed } from './units.ts';

type Sql = RawBuilder<unknown>;

/**
 * Rebuilds what analysis reads, the tables of a new `UnitDaySet`: the enrolled units and, per unit and day, every
 * measure of the scope's metrics: `number`, `arm` and `opening` of the unit, `day` (24 h blocks since its opening, from 0), `experiment_day` (24 h blocks
 * since the start, from 0; a unit's day spans at most two), and `m1` ... by position. Its rows lie in that order unless
 * distinct values are counted; the first day of a unit is there even if nothing happened on it. One transaction; the
 * outcome depends on the stored events and the cut-off alone.
 *
 * A unit is enrolled by its first exposure when that is not forced and lies in [start, start + duration) before the
 * cut-off. Its day 0 opens with its latest session_start within 30 min before that exposure, else with the exposure.
 * Events of the unit from the opening to the cut-off count, and for measures with a window before it those of that
 * window: their `day` is negative, the first day of the stretch between two ends of such windows, and their
 * `experiment_day` is -1.
 *
 * @returns number of units and of unit-days
 */
export async function rebuildUnitDays(
  db: Database,
  scope: Scope,
): Promise<{ units: number; unitDays: number }> {
  const set = measureSet(scope);
  await refreshStatistics(db);
  return await analysisTransaction(db, async (trx) => {
    await lockSet(trx, scope, 'write');
    await forget(trx, scope);
    const tables = await remember(trx, scope, set);
    const [units, days] = [sql.raw(tables.units), sql.raw(tables.days)];
    const enrolled = await enrol(trx, scope, units);
    const rollUp: RollUp = { scope, set, units, ...(await vocabulary(trx, scope.environment, set)) };
    const unitDays = await fill(trx, rollUp, days);
    await makeAnalysed(trx, scope, set, tables);
    await sql`update unit_day_set set unit_days = ${unitDays} where id = ${tables.id}`.execute(trx);
    return { units: enrolled, unitDays };
  });
}

/** Workers cannot read a temporary table, and nobody else would see one. */
async function enrol(trx: Transaction<Tables>, scope: Scope, units: Sql): Promise<number> {
  const { environment, experiment, cutoff } = scope;
  const until = Math.min(experiment.startMs + experiment.durationMs, cutoff);
  const [from, to] = partitionDays(experiment.startMs - SESSION_MS, until);
  const { rows } = await sql<{ id: number }>`
    select id from outcome_name where name = 'session_start'`.execute(trx);
  const sessionStart = sql.raw(`'${rows[0]?.id ?? -1}'::smallint`);
  // Of a record that is whole the one item is looked up; the others are taken apart.
  const after = sql`case when whole_ms is null then after_ms
        else array[after_ms[array_position(name_id, ${sessionStart})]] end`;
  const names = sql`case when whole_ms is null then name_id else array[${sessionStart}] end`;
  await sql`
    create unlogged table ${units} as
    with first as not materialized (
      select unit, variant, at, phase, attributes from exposure
      where environment = ${environment} and experiment = ${experiment.key} and iteration = ${experiment.iteration}
        and not forced and at >= ${experiment.startMs} and at < ${until}
    ), session as (
      select first.unit, first.at, outcome.at + unnest(${after}) as started, unnest(${names}) as name_id
      from first join outcome on outcome.environment = ${environment} and outcome.unit = first.unit
        and outcome.at <= first.at and outcome.at + coalesce(whole_ms, ${DAY_MS}) >= first.at - ${SESSION_MS}
      where day between ${from} and ${to}
    ), opening as (
      select unit, max(started) as started from session
      where name_id = ${sessionStart} and started between at - ${SESSION_MS} and at
      group by unit
    )
    select (row_number() over ())::integer as number, unit, variant,
      array_position(${experiment.variants.map(({ key }) => key)}::text[], variant) as arm,
      coalesce(started, at) as opening, phase, attributes
    from first left join opening using (unit)`.execute(trx);
  // The planner takes a new table for a small one, and would lay out the roll-up for that. Of `number` it must not know
  // that all are different: it would see no use in adding up what each worker reads before that is brought together.
  await sql`analyze ${units} (unit)`.execute(trx);
  return await countOf(trx, units);
}

/** @returns number of rows */
async function fill(trx: Transaction<Tables>, rollUp: RollUp, table: Sql): Promise<number> {
  const { set, scope } = rollUp;
  const { passes, distinct } = passesOf(rollUp);
  const totals = set.measures.map((_, i) => sql`, total(${column(i)}) as ${column(i)}`);
  const parts = sql.join([idlePass(scope, set, rollUp.units), ...passes, ...distinct], sql` union all `);
  const days = sql`select number, arm, opening, day, experiment_day ${sql.join(totals, sql``)}
    from (${parts}) as part group by number, arm, opening, day, experiment_day`;
  // The planner cannot know how few days the rows fall on. Where each is a record, a day has few of them, and sorting
  // them lets every worker add up its own; many values of titles are quicker to hash. Fewer rows go from the workers to
  // the leader once these have added them up.
  const sorted = distinct.length === 0;
  await configure(trx, sorted ? { enable_hashagg: 'off' } : { enable_sort: 'off', parallel_tuple_cost: '1' });
  const order = sorted ? sql`order by number, day, experiment_day` : sql``;
  // What feeds an insert would not run in parallel.
  await sql`create unlogged table ${table} as ${days} ${order}`.execute(trx);
  await configure(trx, { enable_hashagg: 'on', enable_sort: 'on' });
  return await countOf(trx, table);
}

async function countOf(trx: Transaction<Tables>, table: Sql): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from ${table}`.execute(trx);
  return rows[0]?.n ?? 0;
}

function passesOf(rollUp: RollUp): { readonly passes: readonly Sql[]; readonly distinct: readonly Sql[] } {
  const [items, requests, distinct]: [number[], number[], Sql[]] = [[], [], []];
  rollUp.set.measures.forEach((measure: Measure, i) => {
    if (measure.event === 'request') requests.push(i);
    else if (measure.aggregate === 'distinct') distinct.push(distinctPass(rollUp, i));
    else items.push(i);
  });
  const passes = [
    ...itemPasses(rollUp, items),
    ...(requests.length > 0 ? [requestPass(rollUp, requests)] : []),
  ];
  return { passes, distinct };
}

/** The first day of each unit, whether anything happened on it or not. */
function idlePass(scope: Scope, set: MeasureSet, units: Sql): Sql {
  return sql`(select number, arm, opening, ${daysOf(scope, set, sql`opening`)} ${columns(set, new Map())} from ${units} as enrolled)`;
}
