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

/** What is added up over the rows that pass all tests. Without a value they are counted. */
interface Term {
  readonly name: string;
  readonly value: Sql | undefined;
  readonly tests: readonly Sql[];
}

/**
 * Columns with the sums of metrics, named by their place in the group. Those of the covariates alone are named by the
 * first metric of the same units (`firstAlike`): a row has at most 1,664 columns.
 */
export function sumColumns(
  summed: readonly Summed[],
  columns: ValueColumns,
  covariates?: CovariateColumns,
): readonly Column[] {
  const terms = summed.flatMap((one, i) => [
    ...metricTerms(one, i, columns, covariates),
    ...(covariates && firstAlike(summed, i) === i ? covariateTerms(one, i, columns, covariates) : []),
  ]);
  return terms.map(({ name, value, tests }) => [
    name,
    sql`${value ? sql`sum(${value})` : sql`count(*)`} ${filter(...tests)}`,
  ]);
}

/** The same columns with the sums of how much every row is above an earlier one of its unit, which some have. */
export function changeColumns(
  summed: readonly Summed[],
  columns: ValueColumns,
  earlier: { readonly columns: ValueColumns; readonly exists: Sql },
): readonly Column[] {
  const amount = ({ value = sql`1` }: Term, tests: readonly Sql[]) =>
    tests.length === 0 ? value : sql`case when ${sql.join(tests, sql` and `)} then ${value} else 0 end`;
  return summed.flatMap((one, i) => {
    const before = metricTerms(one, i, earlier.columns);
    return metricTerms(one, i, columns).map((now, at): Column => {
      const then = before[at] as Term;
      return [
        now.name,
        sql`sum(${amount(now, now.tests)} - ${amount(then, [earlier.exists, ...then.tests])})`,
      ];
    });
  });
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

function covariateTerms(
  { metric }: Summed,
  i: number,
  columns: ValueColumns,
  { count, most }: CovariateColumns,
): Term[] {
  const unit = unitTest(metric, columns.attribute);
  const tests = unit ? [unit] : [];
  const wide = most > WIDE ? sql`::numeric` : sql``;
  const all = Array.from({ length: count }, (_, k) => k);
  return all.flatMap((k): Term[] => [
    { name: `z${i}_${k}`, value: raw(`z_${k}`), tests },
    ...all.slice(0, k + 1).map(
      (j): Term => ({
        name: `zz${i}_${k}_${j}`,
        value: sql`${raw(`z_${k}`)}${wide} * ${raw(`z_${j}`)}`,
        tests,
      }),
    ),
  ]);
}

/** Where x is 1 it needs no columns of its own; the server computes equal sums of several metrics once. */
function metricTerms(
  { metric, cap }: Summed,
  i: number,
  columns: ValueColumns,
  covariates?: CovariateColumns,
): Term[] {
  const { y: value, x, unit } = valuesOf(metric, columns);
  const over = cap === null ? undefined : sql`${value}::float8 / weeks > ${cap}::float8`;
  const y = over ? sql`case when ${over} then 0 else ${value} end` : value;
  const measures = x && metric.denominator ? [metric.numerator, metric.denominator] : [metric.numerator];
  const most = Math.max(...measures.map((measure) => columns.most(measure)));
  // Products beyond 64 bits: exact all the same, but several times slower.
  const wide = most > WIDE ? sql`::numeric` : sql``;
  const ofUnit = unit ? [unit] : [];
  const term = (name: string, value: Sql | undefined, tests = ofUnit): Term => ({
    name: `${name}${i}`,
    value,
    tests,
  });
  const terms = [
    term('n', undefined),
    term('y', y),
    term('yy', sql`(${y})${wide} * (${y})`),
    ...(x ? [term('x', x), term('xx', sql`${x}${wide} * ${x}`), term('xy', sql`${x}${wide} * (${y})`)] : []),
    ...(over ? [term('capped', undefined, [over, ...ofUnit])] : []),
    ...(over && x ? [term('cappedx', x, [over, ...ofUnit])] : []),
  ];
  if (!covariates) return terms;
  if (metric.kind === 'mean') {
    const cubed = most > WIDE_CUBE ? sql`::numeric` : sql``;
    terms.push(
      term('yyy', sql`(${y})${cubed} * (${y}) * (${y})`),
      term('zeros', undefined, [sql`(${value}) = 0`, ...ofUnit]),
    );
  }
  const wideZ = most > WIDE || covariates.most > WIDE ? sql`::numeric` : sql``;
  for (let k = 0; k < covariates.count; k++) {
    const z = raw(`z_${k}`);
    const ofCovariate = (name: string, value: Sql, tests = ofUnit): Term => ({
      name: `${name}${i}_${k}`,
      value,
      tests,
    });
    terms.push(ofCovariate('zy', sql`${z}${wideZ} * (${y})`));
    if (x) terms.push(ofCovariate('zx', sql`${z}${wideZ} * ${x}`));
    if (over) terms.push(ofCovariate('cappedz', z, [over, ...ofUnit]));
  }
  return terms;
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
