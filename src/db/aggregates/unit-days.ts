import { createHash } from 'node:crypto';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { Measure } from '../../declarations.ts';
import type { Database } from '../connect.ts';
import type { Tables } from '../tables.ts';
import { distinctPass, itemPass } from './item-pass.ts';
import { type MeasureSet, measureSet } from './measures.ts';
import { requestPass } from './request-pass.ts';
import { column, type RollUp, vocabulary } from './roll-up.ts';
import { DAY_MS, partitionDays, type Scope, SESSION_MS } from './scope.ts';
import { analysisTransaction, configure } from './session.ts';
import { refreshStatistics } from './statistics.ts';

type Sql = RawBuilder<unknown>;

/**
 * Rebuilds what analysis reads: the enrolled units and, per unit and day, every measure of the scope's metrics. One
 * transaction; the outcome depends on the stored events and the cut-off alone.
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
  const counts = await analysisTransaction(db, async (trx) => {
    // Two rebuilds of one experiment take turns.
    const lock = `${scope.environment}/${scope.experiment.key}`;
    await sql`select pg_advisory_xact_lock(hashtextextended(${lock}, 0))`.execute(trx);
    await forget(trx, scope);
    const setId = await remember(trx, scope, set);
    // Workers cannot read a temporary table; nobody else sees this one before it is dropped.
    const units = sql.raw(`enrolling_${setId}`);
    const enrolled = await enrol(trx, scope, units);
    const days = set.measures.length === 0 ? 0 : await fill(trx, scope, set, setId, units);
    await sql`drop table ${units}`.execute(trx);
    return { units: enrolled, unitDays: days };
  });
  // Outside of the transaction: within, its lock would keep roll-ups of other experiments waiting to the end.
  await sql`analyze enrolled (environment, experiment, iteration, unit)`.execute(db.kysely);
  return counts;
}

async function forget(trx: Transaction<Tables>, { environment, experiment }: Scope): Promise<void> {
  const here = sql`environment = ${environment} and experiment = ${experiment.key} and iteration = ${experiment.iteration}`;
  const old = await sql<{ id: number }>`delete from unit_day_set where ${here} returning id`.execute(trx);
  for (const { id } of old.rows) await sql`delete from active_day where set_id = ${id}`.execute(trx);
  await sql`delete from enrolled where ${here}`.execute(trx);
}

/** @returns the number of the new set */
async function remember(trx: Transaction<Tables>, scope: Scope, set: MeasureSet): Promise<number> {
  const hash = createHash('sha256').update(set.keys.join('\n')).digest('hex').slice(0, 16);
  const { rows } = await sql<{ id: number }>`
    insert into unit_day_set (environment, experiment, iteration, measures, hash, cutoff)
    values (${scope.environment}, ${scope.experiment.key}, ${scope.experiment.iteration},
      ${JSON.stringify(set.keys)}::jsonb, ${hash}, ${scope.cutoff}) returning id`.execute(trx);
  return (rows[0] as { id: number }).id;
}

async function enrol(trx: Transaction<Tables>, scope: Scope, units: Sql): Promise<number> {
  const { environment, experiment, cutoff } = scope;
  const until = Math.min(experiment.startMs + experiment.durationMs, cutoff);
  const [from, to] = partitionDays(experiment.startMs - SESSION_MS, until);
  const { rows } = await sql<{ id: number }>`
    select id from outcome_name where name = 'session_start'`.execute(trx);
  const sessionStart = sql.raw(String(rows[0]?.id ?? -1));
  await sql`
    create unlogged table ${units} as
    with first as not materialized (
      select unit, variant, at, phase, attributes from exposure
      where environment = ${environment} and experiment = ${experiment.key} and iteration = ${experiment.iteration}
        and not forced and at >= ${experiment.startMs} and at < ${until}
    ), session as (
      select first.unit, first.at, outcome.at + unnest(after_ms) as started, unnest(name_id) as name_id
      from first join outcome on outcome.environment = ${environment} and outcome.unit = first.unit
        and outcome.at between first.at - ${SESSION_MS + DAY_MS}::bigint and first.at
      where day between ${from} and ${to}
    ), opening as (
      select unit, max(started) as started from session
      where name_id = ${sessionStart} and started between at - ${SESSION_MS} and at
      group by unit
    )
    select (row_number() over ())::integer as number, unit, variant, coalesce(started, at) as opening, phase, attributes
    from first left join opening using (unit)`.execute(trx);
  // The planner takes a new table for a small one, and would lay out the roll-up for that. Of `number` it must not know
  // that all are different: it would see no use in adding up what each worker reads before that is brought together.
  await sql`analyze ${units} (unit)`.execute(trx);
  const result = await sql`
    insert into enrolled (environment, experiment, iteration, unit, variant, opening, phase, attributes, number)
    select ${environment}, ${experiment.key}, ${experiment.iteration}::integer, unit, variant, opening, phase, attributes,
      number
    from ${units}`.execute(trx);
  return Number(result.numAffectedRows ?? 0);
}

async function fill(
  trx: Transaction<Tables>,
  scope: Scope,
  set: MeasureSet,
  setId: number,
  units: Sql,
): Promise<number> {
  const rollUp: RollUp = { scope, set, units, ...(await vocabulary(trx, scope.environment, set)) };
  const passes = passesOf(rollUp);
  // The planner cannot know how few days the items fall on: it would sort millions of them instead of hashing, and bring
  // them together before they are added up.
  await configure(trx, { enable_sort: 'off', parallel_tuple_cost: '1' });
  // Into a temporary table first: what feeds an insert does not run in parallel.
  await sql`create temp table rolled_up on commit drop as ${merged(set, passes)}`.execute(trx);
  const result = await sql`
    insert into active_day select ${setId}::integer, rolled_up.* from rolled_up`.execute(trx);
  return Number(result.numAffectedRows ?? 0);
}

function passesOf(rollUp: RollUp): readonly Sql[] {
  const [items, requests, passes]: [number[], number[], Sql[]] = [[], [], []];
  rollUp.set.measures.forEach((measure: Measure, i) => {
    if (measure.event === 'request') requests.push(i);
    else if (measure.aggregate === 'distinct') passes.push(distinctPass(rollUp, i));
    else items.push(i);
  });
  if (items.length > 0) passes.push(itemPass(rollUp, items));
  if (requests.length > 0) passes.push(requestPass(rollUp, requests));
  return passes;
}

/** Every column comes from one pass, and a pass has one row per unit and days: `max` picks it, cheaper than a sum. */
function merged({ measures }: MeasureSet, passes: readonly Sql[]): Sql {
  const [only, ...others] = passes;
  const value = (i: number) => (others.length === 0 ? column(i) : sql`coalesce(max(${column(i)}), 0)`);
  const array = sql`array[${sql.join(measures.map((_, i) => value(i)))}] as measures`;
  if (others.length === 0) return sql`select number, day, experiment_day, ${array} from ${only} as pass`;
  return sql`select number, day, experiment_day, ${array}
    from (${sql.join(passes, sql` union all `)}) as pass group by number, day, experiment_day`;
}
