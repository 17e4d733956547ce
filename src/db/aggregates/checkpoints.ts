import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { Measure, MetricDeclaration } from '../../declarations.ts';
import type { Tables } from '../tables.ts';
import type { MeasureSet } from './measures.ts';
import type { Progress } from './progress.ts';
import { more } from './roll-up.ts';
import { DAY_MS, type Scope, WEEK_MS } from './scope.ts';
import { measuresOf, type Slot, slotOf, slotsOf, sumOf } from './slots.ts';
import type { ValueColumns } from './sum-columns.ts';
import type { UnitTables } from './units.ts';

type Sql = RawBuilder<unknown>;

/** Where the values of metrics of one progress are found. */
export interface Checkpoints extends ValueColumns {
  /** All slots of the metrics. */
  readonly slots: readonly Slot[];
  /**
   * Rows of the moments at which the value of a unit changes: id, arm, attributes, `day` (the first day of the
   * experiment, from 1, at whose end the row holds), `until` (the first at whose end it no longer does, null where it
   * holds at the cut-off), `weeks` (completed blocks, 1 outside `weeks`), and the slots. Undefined for `open`, whose
   * values change with the rows of the roll-up.
   */
  readonly rows: Sql | undefined;
  /** The rows that hold at the cut-off, with all attributes and covariates: one per unit. */
  readonly finalRows: Sql;
  /** Removes what was made. */
  drop(): Promise<void>;
}

const raw = (text: string | number) => sql.raw(String(text));

/** Only completed weeks take tables of their own: the others are in the table of the units. */
export async function checkpointsOf(
  trx: Transaction<Tables>,
  scope: Scope,
  units: UnitTables,
  set: MeasureSet,
  progress: Progress,
  metrics: readonly MetricDeclaration[],
): Promise<Checkpoints> {
  const columns = {
    slots: slotsOf(set, metrics, progress),
    column: (measure: Measure) => (measure.event === 'unit' ? '1' : slotOf(set, measure, progress).name),
    attribute: units.attribute,
    most: (measure: Measure) => units.most(set.position(measure)),
  };
  if (progress === 'weeks')
    return { ...columns, ...(await weekTables(trx, scope, units, columns.slots, metrics)) };
  const drop = async () => {};
  if (progress === 'open') {
    const finalRows = sql`(select *, 1 as weeks from ${units.analysed}) as checkpoint`;
    return { ...columns, rows: undefined, finalRows, drop };
  }
  const end = sql`(opening + ${raw(progress)})`;
  const rows = sql`(select *, ${dayAtWhoseEnd(scope, end)} as day, null::integer as until, 1 as weeks
    from ${units.analysed} where ${end} <= ${scope.cutoff}) as checkpoint`;
  return { ...columns, rows, finalRows: rows, drop };
}

/** The first day of the experiment, from 1, at whose end the time `t` is past. */
function dayAtWhoseEnd(scope: Scope, t: Sql): Sql {
  const sinceStart = sql`(${t} - ${raw(scope.experiment.startMs)})`;
  return sql`greatest(1, ((${sinceStart} + ${raw(DAY_MS - 1)}) / ${raw(DAY_MS)})::integer)`;
}

async function weekTables(
  trx: Transaction<Tables>,
  scope: Scope,
  units: UnitTables,
  slots: readonly Slot[],
  metrics: readonly MetricDeclaration[],
): Promise<Pick<Checkpoints, 'rows' | 'finalRows' | 'drop'>> {
  const filters = measuresOf(metrics).flatMap(({ where }) => where.attribute?.name ?? []);
  const attributes = [...new Set(filters)].map((name) => raw(units.attribute(name)));
  const [rows, finalRows] = [
    raw(units.table('checkpoint_weeks')),
    raw(units.table('checkpoint_weeks_final')),
  ];
  await sql`create unlogged table ${rows} as ${weekRows(scope, units, slots, attributes)}`.execute(trx);
  // The units have slots of the same names, of other progress.
  await sql`create unlogged table ${finalRows} as
    select * from (select id, weeks ${more(slots.map(({ name }) => raw(name)))} from ${rows} where until is null) as held
      join (select ${units.columns} from ${units.analysed}) as analysed using (id)`.execute(trx);
  const drop = async () => void (await sql`drop table ${rows}, ${finalRows}`.execute(trx));
  return { rows, finalRows, drop };
}

function weekRows(scope: Scope, units: UnitTables, slots: readonly Slot[], attributes: readonly Sql[]): Sql {
  const complete = sql`((${raw(scope.cutoff)} - opening) / ${raw(WEEK_MS)})::integer`;
  const end = sql`opening + week * ${raw(WEEK_MS)}`;
  const own = slots.map((slot) => sql`${sumOf(slot)} as ${raw(`d_${slot.name}`)}`);
  const active = slots.map(({ name }) => sql`coalesce(${raw(`d_${name}`)}, 0) as ${raw(`d_${name}`)}`);
  const sums = slots.map(({ name }) => raw(`total(d_${name}) over running as ${name}`));
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
