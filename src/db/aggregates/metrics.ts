import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { ArmMoments, MetricAggregates } from '../../analysis/aggregates.ts';
import type { Measure, MetricDeclaration } from '../../declarations.ts';
import type { Database } from '../connect.ts';
import type { Tables } from '../tables.ts';
import { type CheckpointColumns, makeCheckpoints, type Progress, progressOf } from './checkpoints.ts';
import { isFromUnitDays, measureSet } from './measures.ts';
import { DAY_MS, type Scope, WEEK_MS } from './scope.ts';
import { analysisTransaction } from './session.ts';
import { add, moments, type Sums } from './sums.ts';

type Sql = RawBuilder<unknown>;

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
  await analysisTransaction(db, async (trx) => {
    for (const [progress, group] of byProgress) {
      const columns = await makeCheckpoints(trx, scope, set, progress, group);
      for (const result of await oneGroup(trx, scope, group, progress, columns))
        results.set(result.metric, result);
      await sql`drop table ${sql.raw(columns.table)}, ${sql.raw(columns.finalTable)}`.execute(trx);
    }
  });
  return metrics.map((metric) => results.get(metric.key) as MetricAggregates);
}

/** The sums of every metric of a group, some in each row: `sumsOf` takes one metric's out of it. */
type Row = Readonly<Record<string, number>> & { readonly variant: string; readonly weeks: number };

/** Metrics whose values change at the same moments: all of them in one pass over those moments. */
async function oneGroup(
  trx: Transaction<Tables>,
  scope: Scope,
  metrics: readonly MetricDeclaration[],
  progress: Progress,
  columns: CheckpointColumns,
): Promise<MetricAggregates[]> {
  const caps: (number | null)[] = [];
  for (const metric of metrics) caps.push(await capOf(trx, metric, columns));
  const sums = (side: Side) =>
    sql.join(metrics.flatMap((m, i) => sumColumns(m, i, caps[i] ?? null, columns, side)));
  const gained = await sql<Row & { day: number }>`
    select variant, day, weeks, ${sums('now')} from ${sql.raw(columns.table)} group by 1, 2, 3`.execute(trx);
  const lost = await sql<Row & { day: number }>`
    select variant, day, weeks_before as weeks, ${sums('before')} from ${sql.raw(columns.table)}
    where weeks_before is not null group by 1, 2, 3`.execute(trx);
  const segments = new Map<string, readonly (Row & { value: string })[]>();
  for (const attribute of scope.experiment.analysis.segments) {
    const { rows } = await sql<Row & { value: string }>`
      select variant, ${sql.raw(columns.attribute(attribute))} as value, weeks, ${sums('now')}
      from ${sql.raw(columns.finalTable)} group by 1, 2, 3 order by 2, 3`.execute(trx);
    segments.set(attribute, rows);
  }
  const exposed = await exposedUnits(trx, scope, metrics);
  const byDay = (rows: readonly (Row & { day: number })[]) => groupBy(rows, (row) => row.day);
  const [gainedOn, lostOn] = [byDay(gained.rows), byDay(lost.rows)];
  const lastDay = Math.ceil((scope.cutoff - scope.experiment.startMs) / DAY_MS);
  const variants = scope.experiment.variants.map((variant) => variant.key);

  return metrics.map((metric, i): MetricAggregates => {
    const arms = (rows: readonly (Sums & { variant: string })[]): ArmMoments[] =>
      variants.map((variant) => {
        const own = rows.filter((row) => row.variant === variant).sort((a, b) => a.weeks - b.weeks);
        return { variant, moments: moments(own, metric, caps[i] ?? null) };
      });
    const totals = new Map<string, Sums & { variant: string }>();
    const daily = Array.from({ length: lastDay }, (_, before) => {
      const day = before + 1;
      for (const [rows, sign] of [
        [gainedOn.get(day), 1],
        [lostOn.get(day), -1],
      ] as const) {
        for (const row of rows ?? []) {
          const key = `${row.variant}\n${row.weeks}`;
          totals.set(key, add(totals.get(key), sumsOf(row, i), sign));
        }
      }
      return { day, arms: arms([...totals.values()]) };
    });
    const final = daily.at(-1)?.arms ?? arms([]);
    const { units, newest } = exposed[i] as (typeof exposed)[number];
    return {
      metric: metric.key,
      arms: final,
      mature: final.reduce((n, arm) => n + arm.moments.n, 0),
      exposed: units,
      completeAt: completeAt(progress, newest, scope.cutoff),
      segments: [...segments].flatMap(([attribute, rows]) => {
        const counted = rows.map((row) => ({ ...sumsOf(row, i), value: row.value })).filter(({ n }) => n > 0);
        return [...groupBy(counted, (row) => row.value)]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([value, own]) => ({ attribute, value, arms: arms(own) }));
      }),
      daily,
    };
  });
}

function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

/** An open window is complete whenever it is read. */
function completeAt(progress: Progress, newest: number | null, cutoff: number): number {
  if (progress === 'open' || newest === null) return cutoff;
  return newest + (progress === 'weeks' ? WEEK_MS : progress);
}

async function exposedUnits(trx: Transaction<Tables>, scope: Scope, metrics: readonly MetricDeclaration[]) {
  const attribute = (name: string) => sql`coalesce(attributes->>${name}, '')`;
  const counts = metrics.map((metric, i) => {
    const only = filter(unitTest(metric, attribute));
    return sql`count(*) ${only} as ${raw(`units${i}`)}, max(opening) ${only} as ${raw(`newest${i}`)}`;
  });
  const { rows } = await sql<Record<string, number | null>>`
    select ${sql.join(counts)} from enrolled where environment = ${scope.environment}
      and experiment = ${scope.experiment.key} and iteration = ${scope.experiment.iteration}`.execute(trx);
  return metrics.map((_, i) => ({
    units: rows[0]?.[`units${i}`] ?? 0,
    newest: rows[0]?.[`newest${i}`] ?? null,
  }));
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
function unitTest(metric: MetricDeclaration, column: (attribute: string) => Sql): Sql | undefined {
  const measures = metric.denominator ? [metric.numerator, metric.denominator] : [metric.numerator];
  const tests = measures.map((measure) => attributeTest(measure, column));
  if (tests.some((test) => test === undefined)) return undefined;
  return sql`(${sql.join(tests as Sql[], sql` or `)})`;
}

const raw = (text: string) => sql.raw(text);
const filter = (...tests: readonly (Sql | undefined)[]) => {
  const known = tests.filter((test) => test !== undefined);
  return known.length === 0 ? sql`` : sql`filter (where ${sql.join(known, sql` and `)})`;
};

/** What holds from a checkpoint on, or what held up to it. */
type Side = 'now' | 'before';

/** Numerator and denominator of a unit at a checkpoint. */
function valuesOf(metric: MetricDeclaration, columns: CheckpointColumns, side: Side) {
  const { numerator, denominator, kind } = metric;
  const attribute = (name: string) => raw(columns.attribute(name));
  return {
    y: perUnit(numerator, columns[side](numerator), kind === 'proportion', attribute),
    x:
      kind === 'ratio' && denominator
        ? perUnit(denominator, columns[side](denominator), false, attribute)
        : undefined,
    weeks: raw(side === 'now' ? 'weeks' : 'weeks_before'),
    unit: unitTest(metric, attribute),
  };
}

/**
 * Columns with the sums of one metric, named by its place in the group. Where x is 1 it needs none of its own; the
 * server computes equal sums of several metrics once.
 */
function sumColumns(
  metric: MetricDeclaration,
  i: number,
  cap: number | null,
  columns: CheckpointColumns,
  side: Side,
): Sql[] {
  const { y: value, x, weeks, unit } = valuesOf(metric, columns, side);
  const over = cap === null ? undefined : sql`${value}::float8 / ${weeks} > ${cap}::float8`;
  const y = over ? sql`case when ${over} then 0 else ${value} end` : value;
  // Products beyond 64 bits: exact all the same, but several times slower.
  const wide = columns.large ? sql`::numeric` : sql``;
  const only = filter(unit);
  const sums = [
    sql`count(*) ${only} as ${raw(`n${i}`)}`,
    sql`sum(${y}) ${only} as ${raw(`y${i}`)}`,
    sql`sum((${y})${wide} * (${y})) ${only} as ${raw(`yy${i}`)}`,
  ];
  if (x) {
    sums.push(
      sql`sum(${x}) ${only} as ${raw(`x${i}`)}`,
      sql`sum(${x}${wide} * ${x}) ${only} as ${raw(`xx${i}`)}`,
      sql`sum(${x}${wide} * (${y})) ${only} as ${raw(`xy${i}`)}`,
    );
  }
  if (over) sums.push(sql`count(*) ${filter(over, unit)} as ${raw(`capped${i}`)}`);
  if (over && x) sums.push(sql`sum(${x}) ${filter(over, unit)} as ${raw(`cappedx${i}`)}`);
  return sums;
}

/** The sums of metric `i` in a row of `sumColumns`. */
function sumsOf(row: Row, i: number): Sums & { readonly variant: string } {
  const of = (column: string, absent = 0) => row[`${column}${i}`] ?? absent;
  const [n, y, capped] = [of('n'), of('y'), of('capped')];
  return {
    variant: row.variant,
    weeks: row.weeks,
    n,
    y,
    yy: of('yy'),
    x: of('x', n),
    xx: of('xx', n),
    xy: of('xy', y),
    capped,
    cappedX: of('cappedx', capped),
  };
}

/** A measure as one number per unit. */
function perUnit(measure: Measure, column: string, isShare: boolean, attribute: (name: string) => Sql): Sql {
  const test = attributeTest(measure, attribute);
  const counted = test ? sql`case when ${test} then ${raw(column)} else 0 end` : raw(column);
  if (measure.aggregate === 'absent') return sql`(${counted} = 0)::integer::bigint`;
  if (measure.aggregate === 'exists' || isShare) return sql`(${counted} > 0)::integer::bigint`;
  return sql`(${counted})::bigint`;
}

/** The pooled percentile of the per-unit value at the cut-off, before scaling; null where the metric has no cap. */
async function capOf(
  trx: Transaction<Tables>,
  metric: MetricDeclaration,
  columns: CheckpointColumns,
): Promise<number | null> {
  if (metric.cap === undefined) return null;
  // Percentages above 1 are read as such: 99 is 0.99.
  const q = metric.cap > 1 ? metric.cap / 100 : metric.cap;
  const { y, unit } = valuesOf(metric, columns, 'now');
  const { rows } = await sql<{ cap: number | null }>`
    select percentile_disc(${q}::float8) within group (order by ${y}::float8 / weeks) as cap
    from ${raw(columns.finalTable)} where ${unit ?? sql`true`}`.execute(trx);
  return rows[0]?.cap ?? null;
}
