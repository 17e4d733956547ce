import { createHash } from 'node:crypto';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { Measure } from '../../declarations.ts';
import type { Database } from '../connect.ts';
import type { Tables } from '../tables.ts';
import { fieldOf, type Kept, type MeasureSet, measureSet, REQUEST_FIELDS } from './measures.ts';
import { DAY_MS, partitionDays, type Scope, SESSION_MS, WEEK_MS } from './scope.ts';
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
    const units = await enrol(trx, scope);
    const unitDays = set.measures.length === 0 ? 0 : await fill(trx, scope, set);
    await sql`insert into unit_day_set values (${scope.environment}, ${scope.experiment.key},
      ${scope.experiment.iteration}, ${JSON.stringify(set.keys)}::jsonb, ${setHash(set)}, ${scope.cutoff})`.execute(
      trx,
    );
    return { units, unitDays };
  });
  // Outside of the transaction: within, its lock would keep roll-ups of other experiments waiting to the end.
  await sql`analyze enrolled (environment, experiment, iteration, unit)`.execute(db.kysely);
  return counts;
}

export function setHash(set: MeasureSet): string {
  return createHash('sha256').update(set.keys.join('\n')).digest('hex').slice(0, 16);
}

async function forget(trx: Transaction<Tables>, scope: Scope): Promise<void> {
  for (const table of ['enrolled', 'unit_day', 'unit_day_set'] as const) {
    await trx
      .deleteFrom(table)
      .where('environment', '=', scope.environment)
      .where('experiment', '=', scope.experiment.key)
      .where('iteration', '=', scope.experiment.iteration)
      .execute();
  }
}

async function enrol(trx: Transaction<Tables>, scope: Scope): Promise<number> {
  const { environment, experiment, cutoff } = scope;
  const until = Math.min(experiment.startMs + experiment.durationMs, cutoff);
  const [from, to] = partitionDays(experiment.startMs - SESSION_MS, until);
  const result = await sql`
    insert into enrolled
    with first as (
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
      where name_id = (select id from outcome_name where name = 'session_start')
        and started between at - ${SESSION_MS} and at
      group by unit
    )
    select ${environment}, ${experiment.key}, ${experiment.iteration}::integer, unit, variant,
      coalesce(started, at), phase, attributes
    from first left join opening using (unit)`.execute(trx);
  return Number(result.numAffectedRows ?? 0);
}

async function fill(trx: Transaction<Tables>, scope: Scope, set: MeasureSet): Promise<number> {
  const { environment, experiment } = scope;
  const words = await vocabulary(trx, environment, set);
  const items: number[] = [];
  const requests: number[] = [];
  const passes: Sql[] = [];
  set.measures.forEach((measure, i) => {
    if (measure.event === 'request') requests.push(i);
    else if (measure.aggregate === 'distinct') passes.push(distinctPass(scope, set, i, words));
    else items.push(i);
  });
  if (items.length > 0) passes.push(itemPass(scope, set, items, words));
  if (requests.length > 0) passes.push(requestPass(scope, set, requests));
  // Every column comes from one pass, and a pass has one row per unit and days: `max` picks it, cheaper than a sum.
  const merged = sql.join(set.measures.map((_, i) => sql`coalesce(max(${column(i)}), 0)`));
  // The planner cannot know how few days the items fall on, and would sort millions of them instead of hashing.
  await configure(trx, { enable_sort: 'off' });
  // Into a temporary table first: what feeds an insert does not run in parallel.
  await sql`create temp table rolled_up on commit drop as
    select unit, day, experiment_day, array[${merged}] as measures
    from (${sql.join(passes, sql` union all `)}) as pass
    group by unit, day, experiment_day`.execute(trx);
  const result = await sql`
    insert into unit_day select ${environment}, ${experiment.key}, ${experiment.iteration}::integer, rolled_up.*
    from rolled_up`.execute(trx);
  return Number(result.numAffectedRows ?? 0);
}

const column = (i: number) => sql.raw(`m${i}`);

/** One value per measure: those of this pass, and null for the others. */
function columns(set: MeasureSet, own: ReadonlyMap<number, Sql>): Sql {
  return sql.join(set.measures.map((_, i) => sql`${own.get(i) ?? sql`null`}::bigint as ${column(i)}`));
}

interface Vocabulary {
  readonly nameIds: ReadonlyMap<string, number>;
  readonly genreBits: ReadonlyMap<string, number>;
}

async function vocabulary(
  trx: Transaction<Tables>,
  environment: string,
  set: MeasureSet,
): Promise<Vocabulary> {
  const names = [...new Set(set.measures.map((measure) => measure.event))];
  const known = await trx.selectFrom('outcome_name').selectAll().where('name', 'in', names).execute();
  const genres = await trx.selectFrom('genre').selectAll().where('environment', '=', environment).execute();
  return {
    nameIds: new Map(known.map((row) => [row.name, row.id])),
    genreBits: new Map(genres.map((row) => [row.name, row.bit])),
  };
}

/** Whether one item counts. What was never seen (a name, a genre) matches nothing. */
function itemFilter(measure: Measure, words: Vocabulary): Sql {
  const { surface, longTail, genre, minValue, maxValue } = measure.where;
  const tests: Sql[] = [sql`item.name_id = ${sql.raw(String(words.nameIds.get(measure.event) ?? -1))}`];
  if (surface !== undefined) tests.push(sql`item.surface = ${surface}`);
  if (longTail !== undefined) tests.push(sql`title.long_tail = ${longTail}`);
  if (genre !== undefined) {
    const bit = words.genreBits.get(genre);
    tests.push(bit === undefined ? sql`false` : sql`title.genre_mask >> ${sql.raw(String(bit))} & 1 = 1`);
  }
  if (minValue !== undefined) tests.push(sql`item.value >= ${minValue}`);
  if (maxValue !== undefined) tests.push(sql`item.value <= ${maxValue}`);
  return sql`(${sql.join(tests, sql` and `)})`;
}

/** What a pass reads of each item besides its name and time: unnesting an array takes time, needed or not. */
interface Needs {
  readonly value: boolean;
  readonly title: boolean;
  /** The row of `title` too. */
  readonly catalogue: boolean;
}

function needsOf(measures: readonly Measure[]): Needs {
  const some = (test: (measure: Measure) => boolean) => measures.some(test);
  const catalogue = some(
    ({ where, field }) => where.genre !== undefined || where.longTail !== undefined || field === 'genre',
  );
  return {
    value: some(
      ({ aggregate, where }) =>
        aggregate === 'sum' || where.minValue !== undefined || where.maxValue !== undefined,
    ),
    title: catalogue || some(({ aggregate }) => aggregate === 'distinct'),
    catalogue,
  };
}

/**
 * Items of the enrolled units since their opening: `unit`, `opening`, `t`, and what the measures need. Unnested side by
 * side in the select list, which takes a fraction of the time of `cross join unnest(...)`.
 *
 * @param records which outcome records can hold such items
 */
function itemsFrom(scope: Scope, set: MeasureSet, needs: Needs, filter: Sql, records = sql`true`): Sql {
  const { environment, cutoff } = scope;
  const [from, to] = partitionsOf(scope, set);
  const value = needs.value ? sql`, unnest(value) as value` : sql``;
  const title = needs.title ? sql`, unnest(title) as title` : sql``;
  const catalogue = needs.catalogue
    ? sql`left join title on title.environment = ${environment} and title.row = item.title`
    : sql``;
  return sql`
    from (
      select enrolled.unit, opening, surface, outcome.at + unnest(after_ms) as t, unnest(name_id) as name_id ${value} ${title}
      from enrolled join outcome on outcome.environment = ${environment} and outcome.unit = enrolled.unit
        and outcome.day between ${from} and ${to}
      where ${enrolledHere(scope)} and ${records}
    ) as item ${catalogue}
    where t >= ${earliest(set)} and t < ${cutoff} and ${filter}`;
}

function partitionsOf({ experiment, cutoff }: Scope, { daysBefore: [first = 0] }: MeasureSet) {
  return partitionDays(experiment.startMs - SESSION_MS + first * DAY_MS, cutoff);
}

/** From when on events of a unit are read. */
const earliest = ({ daysBefore: [first = 0] }: MeasureSet) =>
  first === 0 ? sql`opening` : fromOpening(first);

const fromOpening = (day: number) => sql`opening + ${sql.raw(String(day * DAY_MS))}`;

/** The side of the opening on which measure `i` counts. */
function sideOf(set: MeasureSet, i: number, t: Sql): Sql {
  const { since, before } = set.kept[i] as Kept;
  if (set.daysBefore.length === 1 || (since && before)) return sql`true`;
  return since ? sql`${t} >= opening` : sql`${t} < opening`;
}

function enrolledHere({ environment, experiment }: Scope): Sql {
  return sql`enrolled.environment = ${environment} and enrolled.experiment = ${experiment.key}
    and enrolled.iteration = ${experiment.iteration}`;
}

/** Both kinds of day an event at `t` belongs to. An opening just before the start belongs to its first day. */
function days(scope: Scope, set: MeasureSet, t: Sql): Sql {
  const day = sql`((${t} - opening) / ${sql.raw(String(DAY_MS))})::integer`;
  const experimentDay = sql`((${t} - ${sql.raw(String(scope.experiment.startMs))}) / ${sql.raw(String(DAY_MS))})::integer`;
  if (set.daysBefore.length === 1) return sql`${day} as day, ${experimentDay} as experiment_day`;
  const stretches = set.daysBefore
    .slice(1)
    .map((end, i) => sql`when ${t} < ${fromOpening(end)} then ${sql.raw(String(set.daysBefore[i]))}`);
  return sql`case ${sql.join(stretches, sql` `)} else ${day} end as day,
    case when ${t} < opening then -1 else ${experimentDay} end as experiment_day`;
}

function itemPass(scope: Scope, set: MeasureSet, own: readonly number[], words: Vocabulary): Sql {
  const wanted = own.map((i) => set.measures[i] as Measure);
  const values = new Map(
    own.map((i) => {
      const measure = set.measures[i] as Measure;
      const counted = measure.aggregate === 'sum' ? sql`sum(item.value)` : sql`count(*)`;
      return [
        i,
        sql`coalesce(${counted} filter (where ${itemFilter(measure, words)} and ${sideOf(set, i, sql`t`)}), 0)`,
      ];
    }),
  );
  const ids = [...new Set(wanted.map((measure) => words.nameIds.get(measure.event) ?? -1))];
  return sql`(select unit, ${days(scope, set, sql`t`)}, ${columns(set, values)}
    ${itemsFrom(scope, set, needsOf(wanted), sql`item.name_id in (${sql.raw(ids.join(', '))})`)}
    group by 1, 2, 3)`;
}

/** Counts each value where it is first seen in a 7-day block of its unit. */
function distinctPass(scope: Scope, set: MeasureSet, i: number, words: Vocabulary): Sql {
  const measure = set.measures[i] as Measure;
  const isGenre = fieldOf(measure) === 'genre';
  const value = isGenre ? sql`title.primary_genre` : sql`item.title`;
  const present = isGenre ? sql`title.primary_genre <> 255` : sql`item.title >= 0`;
  const inRecord = sql`${sql.raw(String(words.nameIds.get(measure.event) ?? -1))} = any(outcome.name_id)`;
  const tests = [itemFilter(measure, words), present, sideOf(set, i, sql`t`)];
  const { fromMs, toMs } = measure.window;
  if (fromMs < 0) tests.push(sql`t >= ${fromOpening(fromMs / DAY_MS)}`);
  if (fromMs < 0 && toMs !== undefined) tests.push(sql`t < ${fromOpening(toMs / DAY_MS)}`);
  // Blocks begin at the opening: of what is before it too, where a division would round the other way.
  const weeksBefore = sql.raw(String(Math.ceil((-(set.daysBefore[0] ?? 0) * DAY_MS) / WEEK_MS) * WEEK_MS));
  return sql`(select unit, ${days(scope, set, sql`t`)}, ${columns(set, new Map([[i, sql`count(*)`]]))}
    from (select unit, opening, min(t) as t
      ${itemsFrom(scope, set, needsOf([measure]), sql`${sql.join(tests, sql` and `)}`, inRecord)}
      group by unit, opening, (t - opening + ${weeksBefore}) / ${sql.raw(String(WEEK_MS))}, ${value}) as seen
    group by 1, 2, 3)`;
}

function requestPass(scope: Scope, set: MeasureSet, own: readonly number[]): Sql {
  const { environment, experiment, cutoff } = scope;
  const [from, to] = partitionsOf(scope, set);
  const values = new Map(
    own.map((i) => {
      const measure = set.measures[i] as Measure;
      const field = measure.field === undefined ? sql`1` : sql.raw(REQUEST_FIELDS[measure.field] ?? '1');
      const surface = measure.where.surface ?? experiment.surface;
      const tests = [sideOf(set, i, sql`request.at`)];
      if (surface !== undefined) tests.push(sql`surface = ${surface}`);
      if (measure.where.minValue !== undefined) tests.push(sql`${field} >= ${measure.where.minValue}`);
      if (measure.where.maxValue !== undefined) tests.push(sql`${field} <= ${measure.where.maxValue}`);
      const counted = measure.aggregate === 'sum' ? sql`sum(${field})` : sql`count(*)`;
      return [i, sql`coalesce(${counted} filter (where ${sql.join(tests, sql` and `)}), 0)`];
    }),
  );
  return sql`(select enrolled.unit, ${days(scope, set, sql`request.at`)}, ${columns(set, values)}
    from enrolled join request on request.environment = ${environment} and request.unit = enrolled.unit
      and request.day between ${from} and ${to}
    where ${enrolledHere(scope)} and request.at >= ${earliest(set)} and request.at < ${cutoff}
    group by 1, 2, 3)`;
}
