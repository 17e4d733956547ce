import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { MetricDeclaration } from '../../declarations.ts';
import type { Tables } from '../tables.ts';
import { covariatesOf } from './covariates.ts';
import { isFromUnitDays, type MeasureSet } from './measures.ts';
import { progressOf } from './progress.ts';
import { column, more, type UnitDaySet } from './roll-up.ts';
import { cutAttributes, DAY_MS, type Scope } from './scope.ts';
import { configure } from './session.ts';
import { measuresOf, type Slot, slotsOf, sumOf } from './slots.ts';
import { perUnit } from './sum-columns.ts';
import { wantedMetrics } from './wanted-metrics.ts';

type Sql = RawBuilder<unknown>;

/** What the aggregates of one experiment read, under numbers instead of names: text is slow to join and to sort. */
export interface UnitTables {
  /**
   * The units of the declared variants: id, arm (place of the variant, from 1), opening, attributes, covariates
   * (`z_0` ...), and every slot of the metrics that are not per week.
   */
  readonly analysed: Sql;
  /** Their rows of the roll-up since the opening: id, arm, opening, day, experiment_day and the measures (`m1` ...). */
  readonly lived: Sql;
  /** Columns of `analysed` without the slots: id, arm, attributes, covariates. */
  readonly columns: Sql;
  /** For a join with `lived`: id and the attributes. */
  readonly frozen: Sql;
  /** Name for a table of this transaction. It is no temporary one: workers could not read that. */
  table(name: string): string;
  /** Column of an attribute as it was frozen, '' where the unit has none. */
  attribute(name: string): string;
  /** The most that the sums of one measure over all days of a unit can come to, whatever their signs. */
  most(position: number): number;
  /** Of the largest covariate, whatever its sign. */
  readonly mostCovariate: number;
}

const raw = (text: string | number) => sql.raw(String(text));

/** The tables of a roll-up of the same scope, as the aggregates of metrics read them. */
export async function readUnits(
  trx: Transaction<Tables>,
  scope: Scope,
  set: MeasureSet,
  tables: UnitDaySet,
): Promise<UnitTables> {
  const attributes = attributesOf(scope);
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx);
  const analysed = raw(tables.analysed);
  const frozen = attributes.map((_, i) => raw(`a_${i}`));
  const measures = more(set.measures.map((_, i) => column(i)));
  const lived = sql`(select number as id, arm, opening, day, experiment_day ${measures} from ${raw(tables.days)}
    where day >= 0 and arm is not null) as lived`;
  const bounds = await boundsOf(trx, set, lived);
  return {
    analysed,
    lived,
    columns: sql`id, arm ${more([...frozen, ...scope.experiment.analysis.covariates.map((_, i) => raw(`z_${i}`))])}`,
    frozen: sql`(select id ${more(frozen)} from ${analysed}) as frozen`,
    table: (name) => `${name}_${rows[0]?.pid}`,
    attribute: (of) => `a_${attributes.indexOf(of)}`,
    most: (position) => bounds[position - 1] ?? 1,
    mostCovariate: await largest(trx, analysed, scope.experiment.analysis.covariates.length),
  };
}

/** Names of the attributes by which metrics are filtered or anything is cut. */
function attributesOf({ experiment, metrics }: Scope): readonly string[] {
  const filters = measuresOf(metrics.filter(isFromUnitDays)).flatMap(
    ({ where }) => where.attribute?.name ?? [],
  );
  return [...new Set([...cutAttributes(experiment), ...filters])];
}

/** Slots whose days are the same for every unit: how many weeks are complete is not. */
function fixedSlots(scope: Scope, set: MeasureSet): readonly Slot[] {
  const slots = wantedMetrics(scope).flatMap(({ metric }) => {
    const progress = progressOf(metric);
    return progress === 'weeks' ? [] : slotsOf(set, [metric], progress);
  });
  return [...new Map(slots.map((slot) => [slot.name, slot])).values()];
}

/** Everything but events, cut-off and measures that the table of `makeAnalysed` depends on. */
export function analysedBy(scope: Scope, set: MeasureSet): unknown {
  const variants = scope.experiment.variants.map(({ key }) => key);
  return [variants, attributesOf(scope), fixedSlots(scope, set), covariatesOf(scope)];
}

/** Makes `UnitTables.analysed` of the units and their days. */
export async function makeAnalysed(
  trx: Transaction<Tables>,
  scope: Scope,
  set: MeasureSet,
  tables: UnitDaySet,
): Promise<void> {
  const attributes = attributesOf(scope);
  const covariates = covariatesOf(scope);
  const slots = fixedSlots(scope, set).map((slot) => ({ name: raw(slot.name), sum: sumOf(slot) }));
  const frozen = attributes.map((name, i) => sql`coalesce(attributes->>${name}, '') as ${raw(`a_${i}`)}`);
  const sums = covariates.flatMap(({ metric }, i) =>
    metric ? [sql`${before(set, metric)} as ${raw(`before_${i}`)}`] : [],
  );
  const own = covariates.map(({ name, metric }, i) => {
    const value = metric ? raw(`coalesce(before_${i}, 0)::bigint`) : numeric(name);
    return sql`${value} as ${raw(`own_${i}`)}`;
  });
  // What is missing is the mean of all: it then says nothing of its unit.
  const imputed = covariates.map(({ metric }, i) => {
    const value = metric
      ? perUnit(metric.numerator, `own_${i}`, false, (of) => raw(`a_${attributes.indexOf(of)}`))
      : raw(`coalesce(own_${i}, avg(own_${i}) over (), 0)`);
    return sql`${value} as ${raw(`z_${i}`)}`;
  });
  const names = slots.map(({ name }) => name);
  const totals = [...sums, ...slots.map(({ name, sum }) => sql`${sum} as ${name}`)];
  const counted = sql`(select number ${more(totals)} from ${raw(tables.days)} group by number) as counted`;
  // The days lie in the order of their units: sorting them takes little, and no memory for every unit.
  await configure(trx, { enable_hashagg: 'off' });
  await sql`create unlogged table ${raw(tables.analysed)} as
    select id, arm, opening ${more(attributes.map((_, i) => raw(`a_${i}`)))} ${more(imputed)} ${more(names)} from (
      select number as id, arm, opening ${more(frozen)} ${more(own)} ${more(names)}
      from ${raw(tables.units)} as enrolled join ${counted} using (number) where arm is not null
    ) as enrolled`.execute(trx);
  await configure(trx, { enable_hashagg: 'on' });
  // Without statistics the planner sorts where it could hash.
  await sql`analyze ${raw(tables.analysed)} (id, arm)`.execute(trx);
}

/** What a unit did in the days of a window before its opening. */
function before(set: MeasureSet, { numerator }: MetricDeclaration): Sql {
  const { fromMs, toMs = 0 } = numerator.window;
  return sql`total(${column(set.position(numerator) - 1)}) filter (
    where day >= ${raw(Math.round(fromMs / DAY_MS))} and day < ${raw(Math.round(toMs / DAY_MS))})`;
}

/** An attribute that reads as a number, null where it does not. */
function numeric(name: string): Sql {
  const text = sql`attributes->>${name}`;
  const pattern = '^ *[-+]?([0-9]{1,30}([.][0-9]{0,30})?|[.][0-9]{1,30})([eE][-+]?[0-9]{1,2})? *$';
  return sql`case when ${text} ~ ${pattern} then (${text})::numeric end`;
}

async function boundsOf(trx: Transaction<Tables>, set: MeasureSet, lived: Sql): Promise<readonly number[]> {
  if (set.measures.length === 0) return [];
  const columns = set.measures.map((_, i) => sql`max(abs(${column(i)}))::float8 as ${column(i)}`);
  const { rows } = await sql<Record<string, number | null>>`
    select 2 * (max(day) + 1) as days, ${sql.join(columns)} from ${lived}`.execute(trx);
  const row = rows[0] ?? {};
  return set.measures.map((_, i) => (row.days ?? 0) * (row[`m${i + 1}`] ?? 0));
}

async function largest(trx: Transaction<Tables>, analysed: Sql, covariates: number): Promise<number> {
  if (covariates === 0) return 0;
  const columns = Array.from({ length: covariates }, (_, i) => raw(`max(abs(z_${i}))::float8`));
  const { rows } = await sql<{ largest: number | null }>`
    select greatest(${sql.join(columns)}) as largest from ${analysed}`.execute(trx);
  return rows[0]?.largest ?? 0;
}
