import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { MetricDeclaration } from '../../declarations.ts';
import type { Tables } from '../tables.ts';
import type { Covariate } from './covariates.ts';
import type { MeasureSet } from './measures.ts';
import { column, more } from './roll-up.ts';
import { cutAttributes, DAY_MS, type Scope } from './scope.ts';
import { perUnit } from './sum-columns.ts';
import type { UnitDaySet } from './unit-day-set.ts';

type Sql = RawBuilder<unknown>;

/** What the aggregates of one experiment read, under numbers instead of names: text is slow to join and to sort. */
export interface UnitTables {
  /** Table of the units: id, arm (place of the variant, from 1), opening, attributes and covariates (`z_0` ...). */
  readonly analysed: Sql;
  /** Rows of the roll-up since the opening: id, day, experiment_day and the measures (`m1` ...). */
  readonly lived: Sql;
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

/** Makes the table of the units. */
export async function makeUnits(
  trx: Transaction<Tables>,
  scope: Scope,
  set: MeasureSet,
  tables: UnitDaySet,
  metrics: readonly MetricDeclaration[],
  covariates: readonly Covariate[],
): Promise<UnitTables> {
  const attributes = attributesOf(scope, [
    ...metrics,
    ...covariates.flatMap(({ metric }) => (metric ? [metric] : [])),
  ]);
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx);
  const table = (name: string) => `${name}_${rows[0]?.pid}`;
  const attribute = (of: string) => `a_${attributes.indexOf(of)}`;
  const analysed = raw(table('analysed'));
  await makeAnalysed(trx, scope, set, { analysed, tables, attributes, attribute, covariates });
  const measures = more(set.measures.map((_, i) => column(i)));
  const lived = sql`(select number as id, day, experiment_day ${measures} from ${raw(tables.days)} where day >= 0) as lived`;
  const bounds = await boundsOf(trx, set, lived);
  return {
    analysed,
    lived,
    table,
    attribute,
    most: (position) => bounds[position - 1] ?? 1,
    mostCovariate: await largest(trx, analysed, covariates),
  };
}

/** Names of the attributes by which the metrics are filtered or anything is cut. */
function attributesOf({ experiment }: Scope, metrics: readonly MetricDeclaration[]): readonly string[] {
  const filters = metrics.flatMap(({ numerator, denominator }) => [
    numerator.where.attribute?.name ?? [],
    denominator?.where.attribute?.name ?? [],
  ]);
  return [...new Set([...cutAttributes(experiment), ...filters.flat()])];
}

async function makeAnalysed(
  trx: Transaction<Tables>,
  scope: Scope,
  set: MeasureSet,
  made: {
    readonly analysed: Sql;
    readonly tables: UnitDaySet;
    readonly attributes: readonly string[];
    readonly covariates: readonly Covariate[];
    attribute(name: string): string;
  },
): Promise<void> {
  const { analysed, tables, attributes, covariates, attribute } = made;
  const { experiment } = scope;
  const variants = experiment.variants.map(({ key }) => key);
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
      ? perUnit(metric.numerator, `own_${i}`, false, (of) => raw(attribute(of)))
      : raw(`coalesce(own_${i}, avg(own_${i}) over (), 0)`);
    return sql`${value} as ${raw(`z_${i}`)}`;
  });
  const join =
    sums.length === 0
      ? sql``
      : sql`left join (select number ${more(sums)} from ${raw(tables.days)} where day < 0 group by number) as before
          using (number)`;
  await sql`create unlogged table ${analysed} as
    select id, arm, opening ${more(attributes.map((_, i) => raw(`a_${i}`)))} ${more(imputed)} from (
      select number as id, opening, array_position(${variants}::text[], variant) as arm ${more(frozen)} ${more(own)}
      from ${raw(tables.units)} as enrolled ${join} where variant = any(${variants}::text[])
    ) as enrolled`.execute(trx);
  // Without statistics the planner sorts where it could hash.
  await sql`analyze ${analysed} (id, arm)`.execute(trx);
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

async function largest(
  trx: Transaction<Tables>,
  analysed: Sql,
  covariates: readonly Covariate[],
): Promise<number> {
  if (covariates.length === 0) return 0;
  const columns = covariates.map((_, i) => raw(`max(abs(z_${i}))::float8`));
  const { rows } = await sql<{ largest: number | null }>`
    select greatest(${sql.join(columns)}) as largest from ${analysed}`.execute(trx);
  return rows[0]?.largest ?? 0;
}
