import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { ArmMoments, MetricAggregates, Moments } from '../../analysis/aggregates.ts';
import type { Measure, MetricDeclaration } from '../../declarations.ts';
import type { Database } from '../connect.ts';
import type { Tables } from '../tables.ts';
import { type CheckpointColumns, makeCheckpoints, type Progress, progressOf } from './checkpoints.ts';
import { isFromUnitDays, measureSet } from './measures.ts';
import { DAY_MS, type Scope, WEEK_MS } from './scope.ts';

type Sql = RawBuilder<unknown>;

/** Exact sums over units with the same number of weeks: a mean per week divides them only afterwards. */
interface Sums {
  readonly weeks: number;
  readonly n: number;
  readonly y: number;
  readonly yy: number;
  readonly x: number;
  readonly xx: number;
  readonly xy: number;
  /** Units above the cap, and the sum of their x: their y is the cap. */
  readonly capped: number;
  readonly cappedX: number;
}

/**
 * Mean, proportion and ratio metrics from unit_day (`rebuildUnitDays` with the same scope comes first).
 *
 * Values are in display units: y is multiplied by the metric's `scale`, yy by its square, xy by it; x is the raw
 * denominator of a ratio and 1 otherwise. A unit that fails the attribute filter of every measure of a metric is left
 * out of it. Where the numerator is windowed, only units whose window is complete at the cut-off (at the end of the
 * day, in `daily`) are in; an open window reaches to the cut-off. Caps are pooled over the arms at the cut-off.
 */
export async function metricAggregates(db: Database, scope: Scope): Promise<MetricAggregates[]> {
  const metrics = scope.metrics.filter(isFromUnitDays);
  const set = measureSet(scope);
  const byProgress = new Map<Progress, MetricDeclaration[]>();
  for (const metric of metrics) {
    const progress = progressOf(metric);
    byProgress.set(progress, [...(byProgress.get(progress) ?? []), metric]);
  }
  const results = new Map<string, MetricAggregates>();
  await db.kysely.transaction().execute(async (trx) => {
    await sql`set local work_mem = '256MB'`.execute(trx);
    for (const [progress, group] of byProgress) {
      const columns = await makeCheckpoints(trx, scope, set, progress, group);
      for (const metric of group)
        results.set(metric.key, await oneMetric(trx, scope, metric, progress, columns));
      await sql`drop table ${sql.raw(columns.table)}, ${sql.raw(columns.finalTable)}`.execute(trx);
    }
  });
  return metrics.map((metric) => results.get(metric.key) as MetricAggregates);
}

async function oneMetric(
  trx: Transaction<Tables>,
  scope: Scope,
  metric: MetricDeclaration,
  progress: Progress,
  columns: CheckpointColumns,
): Promise<MetricAggregates> {
  const values = valueRows(metric, columns, columns.table);
  const finalValues = sql`select * from (${valueRows(metric, columns, columns.finalTable)}) as value where sign = 1`;
  const cap = metric.cap === undefined ? null : await capOf(trx, finalValues, metric.cap);
  const added = sums(cap, columns.large);
  const { exposed, newest } = await exposedUnits(trx, scope, metric);
  const variants = scope.experiment.variants.map((variant) => variant.key);
  const arms = (rows: readonly (Sums & { variant: string })[]): ArmMoments[] =>
    variants.map((variant) => ({
      variant,
      moments: moments(
        rows.filter((row) => row.variant === variant),
        metric,
        cap,
      ),
    }));

  const changes = await sql<Sums & { variant: string; day: number }>`
    select variant, day, ${added} from (${values}) as value group by variant, day, weeks`.execute(trx);
  const lastDay = Math.ceil((scope.cutoff - scope.experiment.startMs) / DAY_MS);
  const daily: { day: number; arms: ArmMoments[] }[] = [];
  const totals = new Map<string, Sums & { variant: string }>();
  const byDay = new Map<number, (Sums & { variant: string })[]>();
  for (const row of changes.rows) byDay.set(row.day, [...(byDay.get(row.day) ?? []), row]);
  for (let day = 1; day <= lastDay; day++) {
    for (const row of byDay.get(day) ?? []) {
      const key = `${row.variant}\n${row.weeks}`;
      totals.set(key, add(totals.get(key), row));
    }
    daily.push({ day, arms: arms([...totals.values()].sort((a, b) => a.weeks - b.weeks)) });
  }

  const segments: { attribute: string; value: string; arms: ArmMoments[] }[] = [];
  for (const attribute of scope.experiment.analysis.segments) {
    const { rows } = await sql<Sums & { variant: string; value: string }>`
      select variant, coalesce(attributes->>${attribute}, '') as value, ${added}
      from (${finalValues}) as value group by 1, 2, weeks`.execute(trx);
    const found = [...new Set(rows.map((row) => row.value))].sort();
    for (const value of found) {
      const own = rows.filter((row) => row.value === value).sort((a, b) => a.weeks - b.weeks);
      segments.push({ attribute, value, arms: arms(own) });
    }
  }
  const final = daily.at(-1)?.arms ?? arms([]);
  return {
    metric: metric.key,
    arms: final,
    mature: final.reduce((n, arm) => n + arm.moments.n, 0),
    exposed,
    completeAt: completeAt(progress, newest, scope.cutoff),
    segments,
    daily,
  };
}

/** An open window is complete whenever it is read. */
function completeAt(progress: Progress, newest: number | null, cutoff: number): number {
  if (progress === 'open' || newest === null) return cutoff;
  return newest + (progress === 'weeks' ? WEEK_MS : progress);
}

async function exposedUnits(trx: Transaction<Tables>, scope: Scope, metric: MetricDeclaration) {
  const { rows } = await sql<{ exposed: number; newest: number | null }>`
    select count(*) as exposed, max(opening) as newest from enrolled where environment = ${scope.environment}
      and experiment = ${scope.experiment.key} and iteration = ${scope.experiment.iteration}
      and ${unitFilter(metric)}`.execute(trx);
  return rows[0] as { exposed: number; newest: number | null };
}

function attributeTest({ where: { attribute } }: Measure): Sql | undefined {
  if (!attribute) return undefined;
  const value = sql`coalesce(attributes->>${attribute.name}, '')`;
  const tests: Sql[] = [];
  if (attribute.equals !== undefined) tests.push(sql`${value} = ${attribute.equals}`);
  if (attribute.not !== undefined) tests.push(sql`${value} <> ${attribute.not}`);
  return tests.length === 0 ? undefined : sql`(${sql.join(tests, sql` and `)})`;
}

/** Units that at least one measure of the metric can count. */
function unitFilter(metric: MetricDeclaration): Sql {
  const measures = metric.denominator ? [metric.numerator, metric.denominator] : [metric.numerator];
  const tests = measures.map(attributeTest);
  if (tests.some((test) => test === undefined)) return sql`true`;
  return sql`(${sql.join(tests as Sql[], sql` or `)})`;
}

/** Per checkpoint what a unit adds from then on (sign 1) and what it no longer adds (sign -1). */
function valueRows(metric: MetricDeclaration, columns: CheckpointColumns, table: string): Sql {
  const { numerator, denominator } = metric;
  const y = (side: 'now' | 'before') =>
    perUnit(numerator, columns[side](numerator), metric.kind === 'proportion');
  const x = (side: 'now' | 'before') =>
    metric.kind === 'ratio' && denominator
      ? perUnit(denominator, columns[side](denominator), false)
      : sql`1::bigint`;
  return sql`
    select variant, attributes, day, change.* from ${sql.raw(table)}
    cross join lateral (values (1, weeks, ${y('now')}, ${x('now')}), (-1, weeks_before, ${y('before')}, ${x('before')}))
      as change(sign, weeks, y, x)
    where change.weeks is not null and ${unitFilter(metric)}`;
}

/** A measure as one number per unit. */
function perUnit(measure: Measure, column: string, isShare: boolean): Sql {
  const value = sql`(${sql.raw(column)})`;
  const test = attributeTest(measure);
  const counted = test ? sql`case when ${test} then ${value} else 0 end` : value;
  if (measure.aggregate === 'absent') return sql`(${counted} = 0)::integer::bigint`;
  if (measure.aggregate === 'exists' || isShare) return sql`(${counted} > 0)::integer::bigint`;
  return sql`(${counted})::bigint`;
}

/** The pooled percentile of the per-unit value at the cut-off, before scaling. */
async function capOf(trx: Transaction<Tables>, values: Sql, share: number): Promise<number | null> {
  // Percentages above 1 are read as such: 99 is 0.99.
  const q = share > 1 ? share / 100 : share;
  const { rows } = await sql<{ cap: number | null }>`
    select percentile_disc(${q}::float8) within group (order by y::float8 / weeks) as cap
    from (${values}) as value`.execute(trx);
  return rows[0]?.cap ?? null;
}

/** @param large products need more than 64 bits: exact all the same, but several times slower */
function sums(cap: number | null, large: boolean): Sql {
  const wide = large ? sql`::numeric` : sql``;
  const over = cap === null ? sql`false` : sql`y::float8 / weeks > ${cap}::float8`;
  const y = cap === null ? sql`y` : sql`case when ${over} then 0 else y end`;
  return sql`weeks, sum(sign) as n, sum(sign * ${y}) as y, sum(sign * (${y})${wide} * (${y})) as yy, sum(sign * x) as x,
    sum(sign * x${wide} * x) as xx, sum(sign * x${wide} * (${y})) as xy,
    coalesce(sum(sign) filter (where ${over}), 0) as capped, coalesce(sum(sign * x) filter (where ${over}), 0) as "cappedX"`;
}

function add<Row extends Sums>(total: Row | undefined, row: Row): Row {
  if (!total) return row;
  return {
    ...total,
    n: total.n + row.n,
    y: total.y + row.y,
    yy: total.yy + row.yy,
    x: total.x + row.x,
    xx: total.xx + row.xx,
    xy: total.xy + row.xy,
    capped: total.capped + row.capped,
    cappedX: total.cappedX + row.cappedX,
  };
}

function moments(rows: readonly Sums[], metric: MetricDeclaration, cap: number | null): Moments {
  const c = (cap ?? 0) * metric.scale;
  let [n, y, yy, x, xx, xy] = [0, 0, 0, 0, 0, 0];
  for (const row of rows) {
    const unit = metric.scale / row.weeks;
    n += row.n;
    y += row.y * unit + row.capped * c;
    yy += row.yy * unit * unit + row.capped * c * c;
    x += row.x;
    xx += row.xx;
    xy += row.xy * unit + row.cappedX * c;
  }
  return { n, y, yy, x, xx, xy };
}
