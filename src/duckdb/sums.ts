import type { ArmMoments, MetricAggregates, Moments } from '../analysis/aggregates.ts';
import type { Centred } from '../analysis/centred.ts';
import type { SpecMetric } from '../declaration/analysis-metric.ts';
import type { AnalysisSpec } from '../declaration/analysis-spec.ts';
import type { ColumnStatistics } from './column-statistics.ts';
import type { Layout } from './layout.ts';
import { double, type Engine, type Row } from './open.ts';
import { quantilesOf } from './quantiles.ts';
import { createSums, type Sums } from './sum-query.ts';

/** A column of a metric: what is added up of each unit, after the shift was taken off. */
interface Part {
  readonly sql: string;
  readonly shift: number;
}

interface Plan {
  readonly metric: SpecMetric;
  readonly cap?: number;
  /** y, x of a ratio, covariates. */
  readonly parts: readonly Part[];
  /** Column of the values before capping. */
  readonly raw: string;
}

/**
 * Sums of all means, proportions and ratios by arm, segment and stratum in one pass over `units`, and one before it for
 * the pooled caps. Values are shifted by about their mean before they are squared, so that nothing cancels; whole
 * numbers by a whole number, so that their sums are exact. A unit without the outcome is left out of its metric; a
 * missing covariate counts as the mean over all arms.
 */
export async function metricSums(
  engine: Engine,
  spec: AnalysisSpec,
  layout: Layout,
  statistics: readonly ColumnStatistics[],
  arms: readonly string[],
): Promise<readonly MetricAggregates[]> {
  const plans: Plan[] = [];
  for (const metric of spec.metrics.filter(({ metric }) => metric.kind !== 'quantile')) {
    const { cap } = metric.metric;
    const raw = layout.numbers.get(metric.y)!;
    const [value] = cap === undefined ? [] : await quantilesOf(engine, raw, [cap]);
    plans.push(planOf(metric, layout, statistics, value));
  }
  if (plans.length === 0) return [];
  const sums = createSums();
  for (const plan of plans) addMetric(sums, plan);
  const segments = spec.segments.map(({ attribute }) => layout.texts.get(attribute)!);
  const strata = spec.strata.map((name) => layout.texts.get(name)!);
  const cut = await sums.take(engine, [[], ...segments.map((column) => [column]), strata]);
  const whole = cut([]);
  const units = whole.reduce((sum, row) => sum + Number(row.rows), 0);
  return plans.map((plan) => {
    const armsIn = (found: readonly Row[]): readonly ArmMoments[] =>
      arms.flatMap((variant) => {
        const row = found.find(({ a }) => a === variant);
        return row && sums.of(row, countOf(sums, plan)) > 0
          ? [{ variant, moments: momentsIn(sums, plan, row) }]
          : [];
      });
    const all = armsIn(whole);
    const mature = all.reduce((sum, { moments }) => sum + moments.n, 0);
    const { covariates, metric } = plan.metric;
    return {
      metric: metric.key,
      arms: all,
      mature,
      exposed: units,
      completeAt: 0,
      segments: spec.segments.flatMap(({ attribute }, i) =>
        groups(cut([segments[i]!]), [segments[i]!]).map(({ key, rows: own }) => ({
          attribute,
          value: key,
          arms: armsIn(own),
        })),
      ),
      daily: [],
      ...(covariates.length > 0 && { covariates }),
      ...(strata.length > 0 && {
        strata: groups(cut(strata), strata).map(({ key, rows: own }) => ({ key, arms: armsIn(own) })),
      }),
      ...(metric.kind === 'mean' && { shape: shapeIn(sums, plan, whole, arms) }),
      ...(plan.cap !== undefined && { cap: { quantile: metric.cap!, value: plan.cap } }),
    };
  });
}

function groups(rows: readonly Row[], columns: readonly string[]): { key: string; rows: readonly Row[] }[] {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const key = columns.map((column) => String(row[column])).join(' / ');
    found.set(key, [...(found.get(key) ?? []), row]);
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, own]) => ({ key, rows: own }));
}

function planOf(
  metric: SpecMetric,
  layout: Layout,
  statistics: readonly ColumnStatistics[],
  cap?: number,
): Plan {
  const { y, x, covariates } = metric;
  const raw = layout.numbers.get(y)!;
  const gaps = (column: string) => statistics.some((entry) => entry.column === column && entry.missing > 0);
  const mask = [y, ...(x === undefined ? [] : [x])]
    .filter(gaps)
    .map((column) => `${layout.numbers.get(column)} is not null`);
  const masked = (sql: string) =>
    mask.length === 0 ? sql : `case when ${mask.join(' and ')} then ${sql} end`;
  const part = (value: string, column: string, most = Number.POSITIVE_INFINITY): Part => {
    const shift = shiftOf(statistics, column, most);
    return { sql: masked(`${value} - ${double(shift)}`), shift };
  };
  const covariate = (column: string): Part => {
    const v = layout.numbers.get(column)!;
    return part(gaps(column) ? `coalesce(${v}, ${double(pooledMean(statistics, column))})` : v, column);
  };
  return {
    metric,
    raw: masked(raw),
    ...(cap !== undefined && { cap }),
    parts: [
      part(cap === undefined ? raw : `least(${raw}, ${double(cap)})`, y, cap),
      ...(x === undefined ? [] : [part(layout.numbers.get(x)!, x)]),
      ...covariates.map(covariate),
    ],
  };
}

function pooledMean(statistics: readonly ColumnStatistics[], column: string): number {
  const own = statistics.filter((entry) => entry.column === column && entry.finite > 0);
  const n = own.reduce((sum, { finite }) => sum + finite, 0);
  return own.reduce((sum, { finite, mean }) => sum + (finite / n) * (mean ?? 0), 0);
}

/** A number near the mean: whole where the values are, by their ends, so that the sums of whole numbers are exact. */
function shiftOf(statistics: readonly ColumnStatistics[], column: string, most: number): number {
  const own = statistics.filter((entry) => entry.column === column && entry.finite > 0);
  const ends = own.flatMap(({ least, most: top }) => [least ?? 0, top ?? 0]);
  // Of a constant nothing remains.
  if (ends.length > 0 && ends.every((end) => end === ends[0])) return ends[0]!;
  const mean = Math.min(pooledMean(statistics, column), most);
  return ends.every(Number.isInteger) ? Math.round(mean) : mean;
}

const countOf = (sums: Sums, { parts }: Plan) => `count(${sums.column(parts[0]!.sql)})`;
const sumOf = (sums: Sums, part: Part) => `fsum(${sums.column(part.sql)})`;
const productOf = (sums: Sums, a: Part, b: Part) => `fsum(${sums.column(a.sql)} * ${sums.column(b.sql)})`;

const cubeOf = (sums: Sums, { parts }: Plan) => {
  const y = sums.column(parts[0]!.sql);
  return `fsum(${y} * ${y} * ${y})`;
};
const zerosOf = (sums: Sums, { raw }: Plan) => `count(*) filter (${sums.column(raw)} = 0)`;
const cappedOf = (sums: Sums, { raw, cap }: Plan) =>
  `count(*) filter (${sums.column(raw)} > ${double(cap ?? Number.MAX_VALUE)})`;

function addMetric(sums: Sums, plan: Plan): void {
  const { parts, metric, cap } = plan;
  sums.add(countOf(sums, plan));
  parts.forEach((a, i) => {
    sums.add(sumOf(sums, a));
    for (const b of parts.slice(i)) sums.add(productOf(sums, a, b));
  });
  if (metric.metric.kind !== 'mean') return;
  sums.add(cubeOf(sums, plan));
  sums.add(zerosOf(sums, plan));
  if (cap !== undefined) sums.add(cappedOf(sums, plan));
}

/** Sums about zero as all statistics know them, and, exact to the last digits, about the mean. */
function momentsIn(sums: Sums, plan: Plan, row: Row): Moments & { readonly centred: Omit<Centred, 'n'> } {
  const { parts, metric } = plan;
  const n = sums.of(row, countOf(sums, plan));
  const one = metric.x === undefined;
  const columns: readonly (Part | null)[] = one ? [parts[0]!, null, ...parts.slice(1)] : parts;
  const about = columns.map((part) => (part === null ? 0 : sums.of(row, sumOf(sums, part))));
  const shifts = columns.map((part) => part?.shift ?? 1);
  const order = (i: number, j: number): number => {
    const [a, b] = [columns[Math.min(i, j)], columns[Math.max(i, j)]];
    return a && b ? sums.of(row, productOf(sums, a, b)) : 0;
  };
  const total = (i: number) => shifts[i]! * n + about[i]!;
  const product = (i: number, j: number) =>
    order(i, j) + shifts[i]! * about[j]! + shifts[j]! * about[i]! + n * shifts[i]! * shifts[j]!;
  const covariates = columns.slice(2).map((_, i) => i + 2);
  return {
    n,
    y: total(0),
    yy: product(0, 0),
    x: total(1),
    xx: product(1, 1),
    xy: product(0, 1),
    ...(covariates.length > 0 && {
      z: {
        z: covariates.map(total),
        zz: covariates.map((i) => covariates.map((j) => product(i, j))),
        zy: covariates.map((i) => product(i, 0)),
        zx: covariates.map((i) => product(i, 1)),
      },
    }),
    centred: {
      mean: columns.map((_, i) => shifts[i]! + about[i]! / n),
      products: columns.map((_, i) =>
        columns.map((__, j) => remainder(order(i, j), (about[i]! * about[j]!) / n)),
      ),
    },
  };
}

/** a - b, where what is within rounding of either counts as nothing; NaN where either overflowed. */
function remainder(a: number, b: number): number {
  if (!Number.isFinite(a) || !Number.isFinite(b)) return Number.NaN;
  return Math.abs(a - b) <= Math.max(Math.abs(a), Math.abs(b)) * 2 ** -46 ? 0 : a - b;
}

function shapeIn(
  sums: Sums,
  plan: Plan,
  rows: readonly Row[],
  arms: readonly string[],
): NonNullable<MetricAggregates['shape']> {
  return arms.flatMap((variant) => {
    const row = rows.find(({ a }) => a === variant);
    const n = row ? sums.of(row, countOf(sums, plan)) : 0;
    if (!row || n === 0) return [];
    const [y] = plan.parts as [Part];
    const off = sums.of(row, sumOf(sums, y)) / n;
    const squares = sums.of(row, productOf(sums, y, y));
    // sum (c - off)^3 with sum c = n off.
    const cubed = sums.of(row, cubeOf(sums, plan)) - 3 * off * squares + 2 * n * off ** 3;
    const capped = plan.cap === undefined ? 0 : sums.of(row, cappedOf(sums, plan));
    return [{ variant, zeros: sums.of(row, zerosOf(sums, plan)), cubed, capped }];
  });
}
