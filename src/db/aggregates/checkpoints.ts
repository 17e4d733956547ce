import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { Measure, MetricDeclaration } from '../../declarations.ts';
import type { Tables } from '../tables.ts';
import type { MeasureSet } from './measures.ts';
import { DAY_MS, type Scope, WEEK_MS } from './scope.ts';

type Sql = RawBuilder<unknown>;

/**
 * How a metric's value of a unit comes about over the days of the experiment:
 * `open` changes with every day of activity; `weeks` with every completed 7 x 24 h block; a number of milliseconds is
 * a window that completes once, that long after the opening.
 */
export type Progress = 'open' | 'weeks' | number;

/** Where one of a metric's windows ends, the other ends with it. */
export function progressOf(metric: MetricDeclaration): Progress {
  if (metric.perWeek) return 'weeks';
  const ends = [metric.numerator, metric.denominator].map((m) =>
    m && m.event !== 'unit' ? m.window.toMs : undefined,
  );
  const known = ends.filter((end) => end !== undefined);
  return known.length === 0 ? 'open' : Math.max(...known);
}

/**
 * Names of the columns of a checkpoint table: for each windowed measure its value from this checkpoint on (`now`) and
 * up to it (`before`, null at the unit's first).
 */
export interface CheckpointColumns {
  readonly table: string;
  /** The rows of `table` that hold at the cut-off: one per unit. */
  readonly finalTable: string;
  /** Some value is so large that its square passes 2^63. */
  readonly large: boolean;
  now(measure: Measure): string;
  before(measure: Measure): string;
  /** Column of an attribute as it was frozen, '' where the unit has none. */
  attribute(name: string): string;
}

/**
 * Makes a temporary table of the moments at which the value of a unit changes: unit, variant, the attributes that are asked for, `day` (the
 * first day of the experiment, from 1, at whose end it holds), `weeks` (completed blocks, 1 outside `weeks`),
 * `weeks_before`, `last` (it holds at the cut-off), and the columns of each windowed measure.
 */
export async function makeCheckpoints(
  trx: Transaction<Tables>,
  scope: Scope,
  set: MeasureSet,
  progress: Progress,
  metrics: readonly MetricDeclaration[],
): Promise<CheckpointColumns> {
  const attributes = attributesOf(scope, metrics);
  const slots = new Map<string, { position: number; from: number; to: number }>();
  const slotKey = (measure: Measure) => {
    const from = Math.round(measure.window.fromMs / DAY_MS);
    const to =
      progress === 'open' || measure.window.toMs === undefined
        ? -1
        : Math.round(measure.window.toMs / DAY_MS);
    return { key: `${set.position(measure)}_${from}_${to === -1 ? 'end' : to}`, from, to };
  };
  for (const measure of metrics.flatMap((m) =>
    m.denominator ? [m.numerator, m.denominator] : [m.numerator],
  )) {
    const { key, from, to } = slotKey(measure);
    if (measure.event !== 'unit') slots.set(key, { position: set.position(measure), from, to });
  }
  const table = `checkpoint_${progress}`;
  const list: Slots = [...slots];
  const create = sql`create temp table ${sql.raw(table)} on commit drop as`;
  if (progress === 'open') await sql`${create} ${openRows(scope, list, attributes)}`.execute(trx);
  else if (progress === 'weeks') await sql`${create} ${weekRows(scope, list, attributes)}`.execute(trx);
  else await sql`${create} ${windowRows(scope, list, attributes, progress)}`.execute(trx);
  const finalTable = `${table}_final`;
  await sql`create temp table ${raw(finalTable)} on commit drop as select * from ${raw(table)} where last`.execute(
    trx,
  );
  const name = (measure: Measure, prefix: string) =>
    measure.event === 'unit' ? '1' : `${prefix}_${slotKey(measure).key}`;
  return {
    table,
    finalTable,
    large: await isLarge(trx, table, list),
    now: (measure) => name(measure, 'n'),
    before: (measure) => name(measure, 'b'),
    attribute: (of) => `a_${attributes.indexOf(of)}`,
  };
}

/** Names of the attributes by which the metrics are filtered or cut into segments. */
function attributesOf({ experiment }: Scope, metrics: readonly MetricDeclaration[]): readonly string[] {
  const filters = metrics.flatMap(({ numerator, denominator }) => [
    numerator.where.attribute?.name ?? [],
    denominator?.where.attribute?.name ?? [],
  ]);
  return [...new Set([...experiment.analysis.segments, ...filters.flat()])];
}

async function isLarge(trx: Transaction<Tables>, table: string, slots: Slots): Promise<boolean> {
  if (slots.length === 0) return false;
  const largest = slots.map(([key]) => raw(`max(abs(n_${key}))`));
  const { rows } = await sql<{ largest: number | null }>`
    select greatest(${sql.join(largest)})::float8 as largest from ${raw(table)}`.execute(trx);
  return (rows[0]?.largest ?? 0) > 1e9;
}

type Slots = readonly (readonly [key: string, slot: { position: number; from: number; to: number }])[];

const raw = (text: string | number) => sql.raw(String(text));

/** A measure on the day of one unit_day row, 0 outside of its window. */
function dayOf({ position, from, to }: Slots[number][1]): Sql {
  const value = sql`measures[${raw(position)}]`;
  if (from === 0 && to === -1) return value;
  const until = to === -1 ? sql`true` : sql`day < ${raw(to)}`;
  return sql`case when day >= ${raw(from)} and ${until} then ${value} else 0 end`;
}

/** Sum of a measure over the days of its window, of the unit_day rows joined. */
function sumOf({ position, from, to }: Slots[number][1], more: Sql = sql`true`): Sql {
  const until = to === -1 ? sql`true` : sql`day < ${raw(to)}`;
  return sql`coalesce(sum(measures[${raw(position)}]) filter (where day >= ${raw(from)} and ${until} and ${more}), 0)::bigint`;
}

function enrolledUnits({ environment, experiment }: Scope, attributes: readonly string[] = []): Sql {
  const columns = attributes.map((name, i) => sql`coalesce(attributes->>${name}, '') as ${raw(`a_${i}`)}`);
  return sql`(select unit, variant, opening ${more(columns)} from enrolled where environment = ${environment}
    and experiment = ${experiment.key} and iteration = ${experiment.iteration}) as enrolled`;
}

const named = (attributes: readonly string[]) => more(attributes.map((_, i) => raw(`a_${i}`)));

function unitDays({ environment, experiment }: Scope): Sql {
  return sql`(select unit, day, experiment_day, measures from unit_day where environment = ${environment}
    and experiment = ${experiment.key} and iteration = ${experiment.iteration}) as unit_day`;
}

/** The first day of the experiment, from 1, at whose end the time `t` is past. */
function dayAtWhoseEnd(scope: Scope, t: Sql): Sql {
  const sinceStart = sql`(${t} - ${raw(scope.experiment.startMs)})`;
  return sql`greatest(1, ((${sinceStart} + ${raw(DAY_MS - 1)}) / ${raw(DAY_MS)})::integer)`;
}

function openRows(scope: Scope, slots: Slots, attributes: readonly string[]): Sql {
  const firstDay = sql`greatest(0, ((opening - ${raw(scope.experiment.startMs)}) / ${raw(DAY_MS)})::integer)`;
  const own = more(slots.map(([key, slot]) => sql`${dayOf(slot)} as ${raw(`d_${key}`)}`));
  const none = more(slots.map(() => sql`0`));
  const columns = more(slots.map(([key]) => raw(`n_${key}`)));
  const sums = more(
    slots.map(([key]) => sql`(sum(${raw(`d_${key}`)}) over days)::bigint as ${raw(`n_${key}`)}`),
  );
  const before = more(slots.map(([key]) => sql`lag(${raw(`n_${key}`)}) over days as ${raw(`b_${key}`)}`));
  // A unit has up to two rows on one day of the experiment: the window takes both into the sums of either, and the
  // last of them is kept.
  return sql`
    with active as (
      select unit, experiment_day ${own} from ${unitDays(scope)}
      union all
      select unit, ${firstDay} ${none} from ${enrolledUnits(scope)}
    ), summed as (
      select unit, experiment_day, lead(experiment_day) over days is distinct from experiment_day as closes ${sums}
      from active window days as (partition by unit order by experiment_day)
    ), running as (
      select unit, experiment_day, case when row_number() over days > 1 then 1 end as weeks_before,
        lead(experiment_day) over days is null as last ${columns} ${before}
      from summed where closes window days as (partition by unit order by experiment_day)
    )
    select unit, variant ${named(attributes)}, experiment_day + 1 as day, 1 as weeks, weeks_before, last
      ${columns} ${more(slots.map(([key]) => raw(`b_${key}`)))}
    from running join ${enrolledUnits(scope, attributes)} using (unit)`;
}

function windowRows(scope: Scope, slots: Slots, attributes: readonly string[], lengthMs: number): Sql {
  const end = sql`opening + ${raw(lengthMs)}`;
  // An open measure beside a closed one ends with it.
  const closed = sql`day < ${raw(lengthMs / DAY_MS)}`;
  const sums = more(slots.map(([key, slot]) => sql`${sumOf(slot, closed)} as ${raw(`n_${key}`)}`));
  const none = more(slots.map(([key]) => sql`null::bigint as ${raw(`b_${key}`)}`));
  return sql`
    select unit, variant ${named(attributes)}, ${dayAtWhoseEnd(scope, end)} as day, 1 as weeks, null::integer as weeks_before,
      true as last ${sums} ${none}
    from ${enrolledUnits(scope, attributes)} left join ${unitDays(scope)} using (unit)
    where ${end} <= ${scope.cutoff}
    group by unit, variant ${named(attributes)}, opening`;
}

function weekRows(scope: Scope, slots: Slots, attributes: readonly string[]): Sql {
  const complete = sql`((${raw(scope.cutoff)} - opening) / ${raw(WEEK_MS)})::integer`;
  const end = sql`opening + week * ${raw(WEEK_MS)}`;
  const own = more(slots.map(([key, slot]) => sql`${sumOf(slot)} as ${raw(`d_${key}`)}`));
  const sums = more(
    slots.map(
      ([key]) => sql`(sum(coalesce(${raw(`d_${key}`)}, 0)) over running)::bigint as ${raw(`n_${key}`)}`,
    ),
  );
  const before = more(
    slots.map(
      ([key]) => sql`lag(${raw(`n_${key}`)}) over (partition by unit order by weeks) as ${raw(`b_${key}`)}`,
    ),
  );
  return sql`
    with weekly as (
      select unit, day / 7 + 1 as week ${own} from ${unitDays(scope)} group by unit, day / 7
    ), running as (
      select unit, variant ${named(attributes)}, week as weeks, ${dayAtWhoseEnd(scope, end)} as day,
        week = ${complete} as last ${sums}
      from ${enrolledUnits(scope, attributes)} cross join generate_series(1, ${complete}) as week left join weekly using (unit, week)
      window running as (partition by unit order by week)
    )
    select unit, variant ${named(attributes)}, day, weeks, nullif(weeks - 1, 0) as weeks_before, last
      ${more(slots.map(([key]) => raw(`n_${key}`)))} ${before}
    from running`;
}

/** Further columns of a select list, each after a comma. */
function more(columns: readonly Sql[]): Sql {
  return columns.length === 0 ? sql`` : sql`, ${sql.join(columns)}`;
}
