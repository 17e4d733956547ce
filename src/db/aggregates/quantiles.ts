import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { QuantileAggregates } from '../../analysis/aggregates.ts';
import type { MetricDeclaration } from '../../declarations.ts';
import type { Database } from '../connect.ts';
import type { Tables } from '../tables.ts';
import { REQUEST_FIELDS } from './measures.ts';
import { partitionDays, type Scope, SESSION_MS } from './scope.ts';

type Sql = RawBuilder<unknown>;
type Arm = QuantileAggregates['arms'][number];

/** Latency keeps its microseconds here. */
const FIELDS: Readonly<Record<string, string>> = {
  ...REQUEST_FIELDS,
  latency_ms: 'total_micros / 1000.0::float8',
};

/**
 * Quantiles of a field over the requests of the enrolled units since their opening, in two passes: the quantile, then
 * per-unit counts at or under it and the density around it. The density is that of the requests between the quantiles
 * q - d and q + d, with d = n^(-1/3) x min(q, 1 - q): narrow enough to be local, wide enough to hold many requests.
 * `value` and `density` are in display units (times and divided by `scale`). `rebuildUnitDays` comes first.
 */
export async function quantileAggregates(db: Database, scope: Scope): Promise<QuantileAggregates[]> {
  const results: QuantileAggregates[] = [];
  const groups = new Map<string, MetricDeclaration[]>();
  for (const metric of scope.metrics.filter(({ kind }) => kind === 'quantile')) {
    const key = JSON.stringify([metric.numerator.field, metric.numerator.where]);
    groups.set(key, [...(groups.get(key) ?? []), metric]);
  }
  await db.kysely.transaction().execute(async (trx) => {
    await sql`set local work_mem = '256MB'`.execute(trx);
    for (const group of groups.values()) {
      const [first] = group as [MetricDeclaration, ...MetricDeclaration[]];
      await sql`create temp table measured on commit drop as ${requestValues(scope, first)}`.execute(trx);
      const sizes = await sql<{ variant: string; n: number }>`
        select variant, count(*) as n from measured group by variant`.execute(trx);
      const sizeOf = new Map(sizes.rows.map((row) => [row.variant, row.n]));
      for (const metric of group) {
        const arms: Arm[] = [];
        for (const { key } of scope.experiment.variants) {
          const size = sizeOf.get(key) ?? 0;
          if (size > 0) arms.push(await oneArm(trx, metric, key, size));
        }
        results.push({ metric: metric.key, q: metric.q ?? 0.5, arms });
      }
      await sql`drop table measured`.execute(trx);
    }
  });
  return results;
}

function requestValues(scope: Scope, metric: MetricDeclaration): Sql {
  const { environment, experiment, cutoff } = scope;
  const { where, field = 'latency_ms' } = metric.numerator;
  const column = FIELDS[field];
  if (column === undefined) {
    throw new Error(
      `metric ${metric.key}: a quantile of ${field} is unknown; it should be one of ${Object.keys(FIELDS).join(', ')}`,
    );
  }
  const surface = where.surface ?? experiment.surface;
  const tests: Sql[] = [surface === undefined ? sql`true` : sql`surface = ${surface}`];
  const attribute = sql`coalesce(attributes->>${where.attribute?.name ?? ''}, '')`;
  if (where.attribute?.equals !== undefined) tests.push(sql`${attribute} = ${where.attribute.equals}`);
  if (where.attribute?.not !== undefined) tests.push(sql`${attribute} <> ${where.attribute.not}`);
  const [from, to] = partitionDays(experiment.startMs - SESSION_MS, cutoff);
  return sql`
    select variant, enrolled.unit, (${sql.raw(column)})::float8 as value
    from enrolled join request on request.environment = ${environment} and request.unit = enrolled.unit
    where enrolled.environment = ${environment} and experiment = ${experiment.key} and iteration = ${experiment.iteration}
      and day between ${from} and ${to} and request.at >= opening and request.at < ${cutoff}
      and ${sql.join(tests, sql` and `)}`;
}

async function oneArm(
  trx: Transaction<Tables>,
  metric: MetricDeclaration,
  variant: string,
  size: number,
): Promise<Arm> {
  const q = metric.q ?? 0.5;
  const d = size ** (-1 / 3) * Math.min(q, 1 - q);
  const found = await sql<{ at: [number, number, number] }>`
    select percentile_disc(array[${q - d}, ${q}, ${q + d}]::float8[]) within group (order by value) as at
    from measured where variant = ${variant}`.execute(trx);
  const [below, value, above] = found.rows[0]?.at ?? [0, 0, 0];
  const { rows } = await sql<{
    n: number;
    y: number;
    yy: number;
    x: number;
    xx: number;
    xy: number;
    near: number;
  }>`
    select count(*) as n, sum(y) as y, sum(y * y) as yy, sum(x) as x, sum(x * x) as xx, sum(x * y) as xy, sum(near) as near
    from (
      select count(*) filter (where value <= ${value}) as y, count(*) as x,
        count(*) filter (where value > ${below} and value <= ${above}) as near
      from measured where variant = ${variant} group by unit
    ) as per_unit`.execute(trx);
  const { near, ...moments } = rows[0] as (typeof rows)[number];
  const density = above > below ? near / size / (above - below) : 0;
  return { variant, value: value * metric.scale, moments, density: density / metric.scale };
}
