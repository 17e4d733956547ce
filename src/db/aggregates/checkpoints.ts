import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { Measure, MetricDeclaration } from '../../declarations.ts';
import type { Tables } from '../tables.ts';
import type { MeasureSet } from './measures.ts';
import { more } from './roll-up.ts';
import { DAY_MS, type Scope, WEEK_MS } from './scope.ts';
import type { UnitTables } from './units.ts';

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

/** Names of the columns of a checkpoint table: for each windowed measure its value from this checkpoint to the next. */
export interface CheckpointColumns {
  readonly table: string;
  /** The rows of `table` that hold at the cut-off, with all attributes and covariates: one per unit. */
  readonly finalTable: string;
  column(measure: Measure): string;
  /** Column of an attribute as it was frozen, '' where the unit has none. */
  attribute(name: string): string;
  /** The most that a measure of a unit can come to, whatever its sign. */
  most(measure: Measure): number;
}

interface Slot {
  readonly key: string;
  /** Of the measure in `UnitTables.lived`. */
  readonly column: string;
  /** Days since the opening, to the end where it has no `to`. */
  readonly from: number;
  readonly to: number | undefined;
}

export interface Checkpoints {
  readonly progress: Progress;
  readonly metrics: readonly MetricDeclaration[];
  /** Whether `finalTable` is made. */
  readonly isFinal: boolean;
}

/**
 * Makes a table of the moments at which the value of a unit changes: id, arm, the attributes that metrics are
 * filtered by, `day` (the first day of the experiment, from 1, at whose end the row holds), `until` (the first at whose
 * end it no longer does, null where it holds at the cut-off), `weeks` (completed blocks, 1 outside `weeks`), and the
 * columns of each windowed measure.
 */
export async function makeCheckpoints(
  trx: Transaction<Tables>,
  scope: Scope,
  units: UnitTables,
  set: MeasureSet,
  { progress, metrics, isFinal }: Checkpoints,
): Promise<CheckpointColumns> {
  const slots = new Map<string, Slot>();
  const slotOf = (measure: Measure): Slot => {
    const from = Math.round(measure.window.fromMs / DAY_MS);
    const { toMs } = measure.window;
    const to = progress === 'open' || toMs === undefined ? undefined : Math.round(toMs / DAY_MS);
    const position = set.position(measure);
    return { key: `${position}_${from}_${to ?? 'end'}`, column: `m${position}`, from, to };
  };
  const measures = metrics.flatMap((m) => (m.denominator ? [m.numerator, m.denominator] : [m.numerator]));
  for (const measure of measures) {
    const slot = slotOf(measure);
    if (measure.event !== 'unit') slots.set(slot.key, slot);
  }
  const filters = new Set(measures.flatMap(({ where }) => (where.attribute ? [where.attribute.name] : [])));
  const attributes = [...filters].map((name) => raw(units.attribute(name)));
  const table = units.table(`checkpoint_${progress}`);
  const list = [...slots.values()];
  const create = sql`create unlogged table ${raw(table)} as`;
  // The rows of the roll-up lie in the order of the window: sorting them takes little.
  if (progress === 'open') await sql`${create} ${openRows(units, list, attributes)}`.execute(trx);
  else if (progress === 'weeks')
    await sql`${create} ${weekRows(scope, units, list, attributes)}`.execute(trx);
  else await sql`${create} ${windowRows(scope, units, list, attributes, progress)}`.execute(trx);
  const finalTable = units.table(`checkpoint_${progress}_final`);
  if (isFinal) {
    const values = list.map(({ key }) => raw(`n_${key}`));
    await sql`create unlogged table ${raw(finalTable)} as
    select weeks, analysed.* ${more(values)} from ${raw(table)} join ${units.analysed} as analysed using (id) where until is null`.execute(
      trx,
    );
  }
  return {
    table,
    finalTable,
    column: (measure) => (measure.event === 'unit' ? '1' : `n_${slotOf(measure).key}`),
    attribute: units.attribute,
    most: (measure) => units.most(set.position(measure)),
  };
}

const raw = (text: string | number) => sql.raw(String(text));

/** A test on the days of a measure's window. */
function within({ from, to }: Slot, ...more: readonly Sql[]): Sql {
  const until = to === undefined ? [] : [sql`day < ${raw(to)}`];
  return sql.join([sql`day >= ${raw(from)}`, ...until, ...more], sql` and `);
}

/** Sum of a measure over the days of its window, of the rows of one unit in `UnitTables.lived`. */
function sumOf(slot: Slot, ...tests: readonly Sql[]): Sql {
  return sql`total(${raw(slot.column)}) filter (where ${within(slot, ...tests)})`;
}

/** The first day of the experiment, from 1, at whose end the time `t` is past. */
function dayAtWhoseEnd(scope: Scope, t: Sql): Sql {
  const sinceStart = sql`(${t} - ${raw(scope.experiment.startMs)})`;
  return sql`greatest(1, ((${sinceStart} + ${raw(DAY_MS - 1)}) / ${raw(DAY_MS)})::integer)`;
}

function openRows(units: UnitTables, slots: readonly Slot[], attributes: readonly Sql[]): Sql {
  const sums = slots.map((slot) => {
    const value =
      slot.from === 0 ? raw(slot.column) : sql`case when ${within(slot)} then ${raw(slot.column)} else 0 end`;
    return sql`total(${value}) over days as ${raw(`n_${slot.key}`)}`;
  });
  // A unit may have two rows on one day of the experiment: the one that comes last holds.
  return sql`
    with running as (
      select id, experiment_day + 1 as day, lead(experiment_day) over days + 1 as until ${more(sums)}
      from ${units.lived} window days as (partition by id order by experiment_day rows unbounded preceding)
    )
    select id, arm ${more(attributes)}, day, until, 1 as weeks ${more(slots.map(({ key }) => raw(`n_${key}`)))}
    from running join ${units.analysed} as analysed using (id) where until is null or until > day`;
}

function windowRows(
  scope: Scope,
  units: UnitTables,
  slots: readonly Slot[],
  attributes: readonly Sql[],
  lengthMs: number,
): Sql {
  const end = sql`opening + ${raw(lengthMs)}`;
  // An open measure beside a closed one ends with it.
  const days = raw(lengthMs / DAY_MS);
  const sums = slots.map((slot) => sql`${sumOf(slot)} as ${raw(`n_${slot.key}`)}`);
  const values = slots.map(({ key }) => sql`coalesce(${raw(`n_${key}`)}, 0) as ${raw(`n_${key}`)}`);
  return sql`
    select id, arm ${more(attributes)}, ${dayAtWhoseEnd(scope, end)} as day, null::integer as until, 1 as weeks
      ${more(values)}
    from ${units.analysed} as analysed left join (select id ${more(sums)} from ${units.lived} where day < ${days} group by id) as counted using (id)
    where ${end} <= ${scope.cutoff}`;
}

function weekRows(scope: Scope, units: UnitTables, slots: readonly Slot[], attributes: readonly Sql[]): Sql {
  const complete = sql`((${raw(scope.cutoff)} - opening) / ${raw(WEEK_MS)})::integer`;
  const end = sql`opening + week * ${raw(WEEK_MS)}`;
  const own = slots.map((slot) => sql`${sumOf(slot)} as ${raw(`d_${slot.key}`)}`);
  const active = slots.map(({ key }) => sql`coalesce(${raw(`d_${key}`)}, 0) as ${raw(`d_${key}`)}`);
  const sums = slots.map(({ key }) => raw(`total(d_${key}) over running as n_${key}`));
  return sql`
    with weekly as (
      select id, day / 7 + 1 as week ${more(own)} from ${units.lived} group by id, day / 7
    ), every as (
      select id, arm ${more(attributes)}, week as weeks, ${dayAtWhoseEnd(scope, end)} as day ${more(active)}
      from ${units.analysed} as analysed cross join generate_series(1, ${complete}) as week left join weekly using (id, week)
    )
    select id, arm ${more(attributes)}, day, lead(day) over running as until, weeks ${more(sums)}
    from every window running as (partition by id order by weeks rows unbounded preceding)`;
}
