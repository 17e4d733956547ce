import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { MetricDeclaration } from '../../declarations.ts';
import type { Tables } from '../tables.ts';
import type { Covariate } from './covariates.ts';
import type { MeasureSet } from './measures.ts';
import { cutAttributes, DAY_MS, type Scope } from './scope.ts';
import { perUnit } from './sum-columns.ts';

type Sql = RawBuilder<unknown>;

/** What the aggregates of one experiment read, under numbers instead of names: text is slow to join and to sort. */
export interface UnitTables {
  /** Column of an attribute as it was frozen, '' where the unit has none. */
  attribute(name: string): string;
  /** The most that the sums of one measure over all days of a unit can come to, whatever their signs. */
  most(position: number): number;
  /** Of the largest covariate, whatever its sign. */
  readonly mostCovariate: number;
}

const raw = (text: string | number) => sql.raw(String(text));

/**
 * Makes two temporary tables. `analysed`, a row per unit: id, arm (place of the variant, from 1), opening, its attributes
 * (`a_0` ...) and covariates (`z_0` ...). `lived`, the rows of the roll-up since the opening and an idle one for each
 * unit's first day, with an index by id and experiment_day: id, day, experiment_day, whole (the unit was in from the
 * beginning of that day of the experiment) and the measures (`m1` ...).
 */
export async function makeUnits(
  trx: Transaction<Tables>,
  scope: Scope,
  set: MeasureSet,
  metrics: readonly MetricDeclaration[],
  covariates: readonly Covariate[],
): Promise<UnitTables> {
  const attributes = attributesOf(scope, [
    ...metrics,
    ...covariates.flatMap(({ metric }) => (metric ? [metric] : [])),
  ]);
  const attribute = (of: string) => `a_${attributes.indexOf(of)}`;
  await makeAnalysed(trx, scope, set, attributes, covariates, attribute);
  await makeLived(trx, scope, set);
  const bounds = await boundsOf(trx, set);
  return {
    attribute,
    most: (position) => bounds[position - 1] ?? 1,
    mostCovariate: await largest(trx, covariates),
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
  attributes: readonly string[],
  covariates: readonly Covariate[],
  attribute: (name: string) => string,
): Promise<void> {
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
      : sql`left join (select number ${more(sums)} from ${activeDays(scope)} where day < 0 group by number) as before
          using (number)`;
  await sql`create temp table analysed on commit drop as
    select id, arm, opening ${more(attributes.map((_, i) => raw(`a_${i}`)))} ${more(imputed)} from (
      select number as id, opening, array_position(${variants}::text[], variant) as arm ${more(frozen)} ${more(own)}
      from enrolled ${join} where ${here(scope, 'enrolled')} and variant = any(${variants}::text[])
    ) as enrolled`.execute(trx);
}

/** Rows of the roll-up, by the number of the unit. */
function activeDays(scope: Scope): Sql {
  return sql`(select number, day, experiment_day, measures from active_day
    where set_id = (select id from unit_day_set where ${here(scope, 'unit_day_set')})) as active_day`;
}

function here({ environment, experiment }: Scope, table: string): Sql {
  const column = (name: string) => raw(`${table}.${name}`);
  return sql`${column('environment')} = ${environment} and ${column('experiment')} = ${experiment.key}
    and ${column('iteration')} = ${experiment.iteration}`;
}

/** What a unit did in the days of a window before its opening. */
function before(set: MeasureSet, { numerator }: MetricDeclaration): Sql {
  const { fromMs, toMs = 0 } = numerator.window;
  return sql`total(measures[${raw(set.position(numerator))}]) filter (
    where day >= ${raw(Math.round(fromMs / DAY_MS))} and day < ${raw(Math.round(toMs / DAY_MS))})`;
}

/** An attribute that reads as a number, null where it does not. */
function numeric(name: string): Sql {
  const text = sql`attributes->>${name}`;
  const pattern = '^ *[-+]?([0-9]{1,30}([.][0-9]{0,30})?|[.][0-9]{1,30})([eE][-+]?[0-9]{1,2})? *$';
  return sql`case when ${text} ~ ${pattern} then (${text})::numeric end`;
}

/** In the order of time within each unit; its first day is there even if nothing happened on it. */
async function makeLived(trx: Transaction<Tables>, scope: Scope, set: MeasureSet): Promise<void> {
  const { startMs } = scope.experiment;
  const columns = set.measures.map((_, i) => sql`measures[${raw(i + 1)}]::bigint as ${raw(`m${i + 1}`)}`);
  const none = set.measures.map(() => sql`0`);
  await sql`create temp table lived on commit drop as
    select id, day, experiment_day,
      opening <= ${raw(startMs)} + experiment_day * ${raw(DAY_MS)}::bigint as whole ${more(columns)}
    from ${activeDays(scope)} join analysed on id = number where day >= 0
    union all
    select id, 0, greatest(0, ((opening - ${raw(startMs)}) / ${raw(DAY_MS)})::integer), false ${more(none)} from analysed
    order by id, experiment_day`.execute(trx);
  await sql`create index on lived (id, experiment_day)`.execute(trx);
  // Without statistics the planner sorts where it could hash.
  await sql`analyze analysed (id, arm)`.execute(trx);
  await sql`analyze lived (id, day, experiment_day)`.execute(trx);
}

async function boundsOf(trx: Transaction<Tables>, set: MeasureSet): Promise<readonly number[]> {
  if (set.measures.length === 0) return [];
  const columns = set.measures.map(
    (_, i) => sql`max(abs(${raw(`m${i + 1}`)}))::float8 as ${raw(`m${i + 1}`)}`,
  );
  const { rows } = await sql<Record<string, number | null>>`
    select 2 * (max(day) + 1) as days, ${sql.join(columns)} from lived`.execute(trx);
  const row = rows[0] ?? {};
  return set.measures.map((_, i) => (row.days ?? 0) * (row[`m${i + 1}`] ?? 0));
}

async function largest(trx: Transaction<Tables>, covariates: readonly Covariate[]): Promise<number> {
  if (covariates.length === 0) return 0;
  const columns = covariates.map((_, i) => raw(`max(abs(z_${i}))::float8`));
  const { rows } = await sql<{ largest: number | null }>`
    select greatest(${sql.join(columns)}) as largest from analysed`.execute(trx);
  return rows[0]?.largest ?? 0;
}

/** Further columns of a select list, each after a comma. */
export function more(columns: readonly Sql[]): Sql {
  return columns.length === 0 ? sql`` : sql`, ${sql.join(columns)}`;
}
