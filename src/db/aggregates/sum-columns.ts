import { type RawBuilder, sql } from 'kysely';
import type { Measure, MetricDeclaration } from '../../declarations.ts';
import type { CovariateTotals, Sums } from './sums.ts';

type Sql = RawBuilder<unknown>;

/** A metric of a group, its cap at the cut-off, and where its values are found. */
export interface Summed {
  readonly metric: MetricDeclaration;
  readonly cap: number | null;
}

/** Names of the columns that hold the values of the units; a mean per week is divided by `weeks`. */
export interface ValueColumns {
  column(measure: Measure): string;
  attribute(name: string): string;
  /** The most that a measure of a unit can come to, whatever its sign. */
  most(measure: Measure): number;
}

/** The covariates `z_0` ... of the rows that are summed. */
export interface CovariateColumns {
  readonly count: number;
  readonly most: number;
}

/** The sums of every metric of a group, some in each row: `sumsOf` takes one metric's out of it. */
export type Row = Readonly<Record<string, number>> & { readonly arm: number; readonly weeks: number };

/** Products of factors up to this fit 64 bits, and so do sums of a few. */
const WIDE = 1e9;
/** Cubes of values up to this fit 64 bits. */
const WIDE_CUBE = 2e6;

const raw = (text: string) => sql.raw(text);

export function filter(...tests: readonly (Sql | undefined)[]): Sql {
  const known = tests.filter((test) => test !== undefined);
  return known.length === 0 ? sql`` : sql`filter (where ${sql.join(known, sql` and `)})`;
}

function attributeTest(
  { where: { attribute } }: Measure,
  column: (attribute: string) => Sql,
): Sql | undefined {
  if (!attribute) return undefined;
  const tests: Sql[] = [];
  if (attribute.equals !== undefined) tests.push(sql`${column(attribute.name)} = ${attribute.equals}`);
  if (attribute.not !== undefined) tests.push(sql`${column(attribute.name)} <> ${attribute.not}`);
  return tests.length === 0 ? undefined : sql`(${sql.join(tests, sql` and `)})`;
}

/** Of units that at least one measure of the metric can count; undefined: of all. */
export function unitTest(metric: MetricDeclaration, attribute: (name: string) => string): Sql | undefined {
  const measures = metric.denominator ? [metric.numerator, metric.denominator] : [metric.numerator];
  const tests = measures.map((measure) => attributeTest(measure, (name) => raw(attribute(name))));
  if (tests.some((test) => test === undefined)) return undefined;
  return sql`(${sql.join(tests as Sql[], sql` or `)})`;
}

/** A measure as one number per unit. */
export function perUnit(
  measure: Measure,
  column: string,
  isShare: boolean,
  attribute: (name: string) => Sql,
): Sql {
  const test = attributeTest(measure, attribute);
  const counted = test ? sql`case when ${test} then ${raw(column)} else 0 end` : raw(column);
  if (measure.aggregate === 'absent') return sql`(${counted} = 0)::integer::bigint`;
  if (measure.aggregate === 'exists' || isShare) return sql`(${counted} > 0)::integer::bigint`;
  return sql`(${counted})::bigint`;
}

/** Numerator and denominator of a unit, and whether the unit is in the metric. */
export function valuesOf(metric: MetricDeclaration, columns: ValueColumns) {
  const { numerator, denominator, kind } = metric;
  const attribute = (name: string) => raw(columns.attribute(name));
  return {
    y: perUnit(numerator, columns.column(numerator), kind === 'proportion', attribute),
    x:
      kind === 'ratio' && denominator
        ? perUnit(denominator, columns.column(denominator), false, attribute)
        : undefined,
    unit: unitTest(metric, columns.attribute),
  };
}

type Column = readonly [name: string, sum: Sql];

/**
 * Columns with the sums of metrics, named by their place in the group. Those of the covariates alone are named by the
 * first metric of the same units (`firstAlike`): a row has at most 1,664 columns.
 */
export function sumColumns(
  summed: readonly Summed[],
  columns: ValueColumns,
  covariates?: CovariateColumns,
): readonly Column[] {
  return summed.flatMap((one, i) => [
    ...metricColumns(one, i, columns, covariates),
    ...(covariates && firstAlike(summed, i) === i ? covariateColumns(one, i, columns, covariates) : []),
  ]);
}

/** Place of the first metric that the same units are in. */
export function firstAlike(summed: readonly Summed[], i: number): number {
  const unitsOf = ({ metric: { numerator, denominator } }: Summed) => {
    const tests = (denominator ? [numerator, denominator] : [numerator]).map(({ where }) => where.attribute);
    return tests.includes(undefined) ? '' : JSON.stringify(tests);
  };
  const own = unitsOf(summed[i] as Summed);
  return summed.findIndex((one) => unitsOf(one) === own);
}

function covariateColumns(
  { metric }: Summed,
  i: number,
  columns: ValueColumns,
  { count, most }: CovariateColumns,
): Column[] {
  const only = filter(unitTest(metric, columns.attribute));
  const wide = most > WIDE ? sql`::numeric` : sql``;
  const all = Array.from({ length: count }, (_, k) => k);
  return all.flatMap((k): Column[] => [
    [`z${i}_${k}`, sql`sum(${raw(`z_${k}`)}) ${only}`],
    ...all
      .slice(0, k + 1)
      .map((j): Column => [`zz${i}_${k}_${j}`, sql`sum(${raw(`z_${k}`)}${wide} * ${raw(`z_${j}`)}) ${only}`]),
  ]);
}

/** Where x is 1 it needs no columns of its own; the server computes equal sums of several metrics once. */
function metricColumns(
  { metric, cap }: Summed,
  i: number,
  columns: ValueColumns,
  covariates?: CovariateColumns,
): Column[] {
  const { y: value, x, unit } = valuesOf(metric, columns);
  const over = cap === null ? undefined : sql`${value}::float8 / weeks > ${cap}::float8`;
  const y = over ? sql`case when ${over} then 0 else ${value} end` : value;
  const measures = x && metric.denominator ? [metric.numerator, metric.denominator] : [metric.numerator];
  const most = Math.max(...measures.map((measure) => columns.most(measure)));
  // Products beyond 64 bits: exact all the same, but several times slower.
  const wide = most > WIDE ? sql`::numeric` : sql``;
  const only = filter(unit);
  const sums: Column[] = [
    [`n${i}`, sql`count(*) ${only}`],
    [`y${i}`, sql`sum(${y}) ${only}`],
    [`yy${i}`, sql`sum((${y})${wide} * (${y})) ${only}`],
  ];
  if (x) {
    sums.push(
      [`x${i}`, sql`sum(${x}) ${only}`],
      [`xx${i}`, sql`sum(${x}${wide} * ${x}) ${only}`],
      [`xy${i}`, sql`sum(${x}${wide} * (${y})) ${only}`],
    );
  }
  if (over) sums.push([`capped${i}`, sql`count(*) ${filter(over, unit)}`]);
  if (over && x) sums.push([`cappedx${i}`, sql`sum(${x}) ${filter(over, unit)}`]);
  if (!covariates) return sums;
  if (metric.kind === 'mean') {
    const cubed = most > WIDE_CUBE ? sql`::numeric` : sql``;
    sums.push(
      [`yyy${i}`, sql`sum((${y})${cubed} * (${y}) * (${y})) ${only}`],
      [`zeros${i}`, sql`count(*) ${filter(sql`(${value}) = 0`, unit)}`],
    );
  }
  const wideZ = most > WIDE || covariates.most > WIDE ? sql`::numeric` : sql``;
  for (let k = 0; k < covariates.count; k++) {
    const z = raw(`z_${k}`);
    sums.push([`zy${i}_${k}`, sql`sum(${z}${wideZ} * (${y})) ${only}`]);
    if (x) sums.push([`zx${i}_${k}`, sql`sum(${z}${wideZ} * ${x}) ${only}`]);
    if (over) sums.push([`cappedz${i}_${k}`, sql`sum(${z}) ${filter(over, unit)}`]);
  }
  return sums;
}

/** Where the sums of covariates are in a row: how many there are, and `firstAlike`. */
export interface CovariatePlaces {
  readonly count: number;
  readonly alike: number;
}

/** The sums of metric `i` in a row of `sumColumns`. */
export function sumsOf(row: Row, i: number, covariates?: CovariatePlaces): Sums & { readonly arm: number } {
  const of = (column: string, absent = 0) => row[column] ?? absent;
  const [n, y, capped] = [of(`n${i}`), of(`y${i}`), of(`capped${i}`)];
  return {
    arm: row.arm,
    weeks: row.weeks,
    n,
    y,
    yy: of(`yy${i}`),
    x: of(`x${i}`, n),
    xx: of(`xx${i}`, n),
    xy: of(`xy${i}`, y),
    capped,
    cappedX: of(`cappedx${i}`, capped),
    ...(covariates && { covariates: covariateTotals(of, i, covariates) }),
  };
}

function covariateTotals(
  of: (column: string, absent?: number) => number,
  i: number,
  { count, alike }: CovariatePlaces,
): CovariateTotals {
  const all = Array.from({ length: count }, (_, k) => k);
  const z = all.map((k) => of(`z${alike}_${k}`));
  return {
    z,
    zz: all.map((k) => all.map((j) => of(`zz${alike}_${Math.max(j, k)}_${Math.min(j, k)}`))),
    zy: all.map((k) => of(`zy${i}_${k}`)),
    zx: all.map((k) => of(`zx${i}_${k}`, z[k])),
    cappedZ: all.map((k) => of(`cappedz${i}_${k}`)),
  };
}
