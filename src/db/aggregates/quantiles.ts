import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { QuantileAggregates } from '../../analysis/aggregates.ts';
import { densityWindow } from '../../analysis/estimate/quantile.ts';
import type { MetricDeclaration } from '../../declarations.ts';
import type { Database } from '../connect.ts';
import type { Tables } from '../tables.ts';
import { REQUEST_FIELDS } from './measures.ts';
import { readUnitDays } from './read-unit-days.ts';
import { partitionDays, type Scope, SESSION_MS } from './scope.ts';

/** The widest window is 2^7 times the first. */
const DOUBLINGS = 8;

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
 * q - d and q + d, with d from `densityWindow`; d doubles until the quantile lies strictly between both, since many
 * requests may share a value.
 * `value` and `density` are in display units (times and divided by `scale`). `rebuildUnitDays` comes first.
 */
export async function quantileAggregates(db: Database, scope: Scope): Promise<QuantileAggregates[]> {
  const groups = new Map<string, MetricDeclaration[]>();
  for (const metric of scope.metrics.filter(({ kind }) => kind === 'quantile')) {
    const key = JSON.stringify([metric.numerator.field, metric.numerator.where]);
    groups.set(key, [...(groups.get(key) ?? []), metric]);
  }
  return await readUnitDays(db, scope, async (trx, { units }) => {
    const results: QuantileAggregates[] = [];
    for (const group of groups.values()) {
      const [first] = group as [MetricDeclaration, ...MetricDeclaration[]];
      await sql`create temp table measured on commit drop as ${requestValues(scope, units, first)}`.execute(
        trx,
      );
      const arms: (readonly Arm[])[] = [];
      for (const { key } of scope.experiment.variants) arms.push(await oneArm(trx, group, key));
      group.forEach((metric, i) => {
        const own = arms.flatMap((results) => results[i] ?? []);
        results.push({ metric: metric.key, q: metric.q ?? 0.5, arms: own });
      });
      await sql`drop table measured`.execute(trx);
    }
    return results;
  });
}

function requestValues(scope: Scope, units: string, metric: MetricDeclaration): Sql {
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
    from ${raw(units)} as enrolled join request on request.environment = ${environment} and request.unit = enrolled.unit
    where day between ${from} and ${to} and request.at >= opening and request.at < ${cutoff}
      and ${sql.join(tests, sql` and `)}`;
}

/** One arm's results for each metric, none where it has no requests: one sort and one pass serve them all. */
async function oneArm(
  trx: Transaction<Tables>,
  metrics: readonly MetricDeclaration[],
  variant: string,
): Promise<readonly Arm[]> {
  const counted = await sql<{ size: number }>`
    select count(*) as size from measured where variant = ${variant}`.execute(trx);
  const size = counted.rows[0]?.size ?? 0;
  if (size === 0) return [];
  const asked = metrics.flatMap(({ q = 0.5 }) => [q, ...windows(q, size).flat()]);
  const found = await sql<{ at: number[] }>`
    select percentile_disc(${asked}::float8[]) within group (order by value) as at
    from measured where variant = ${variant}`.execute(trx);
  const at = found.rows[0]?.at ?? [];
  const own = asked.length / metrics.length;
  const bounds = metrics.map((_, i) => boundsOf(at.slice(own * i, own * (i + 1))));
  const counts = bounds.map(
    ([below, value, above], i) => sql`count(*) filter (where value <= ${value}) as ${raw(`y${i}`)},
      count(*) filter (where value > ${below} and value <= ${above}) as ${raw(`near${i}`)}`,
  );
  const sums = bounds.map(
    (_, i) => sql`sum(${raw(`y${i}`)}) as ${raw(`y${i}`)}, sum(${raw(`y${i} * y${i}`)}) as ${raw(`yy${i}`)},
      sum(${raw(`x * y${i}`)}) as ${raw(`xy${i}`)}, sum(${raw(`near${i}`)}) as ${raw(`near${i}`)}`,
  );
  const { rows } = await sql<Record<string, number>>`
    select count(*) as n, sum(x) as x, sum(x * x) as xx, ${sql.join(sums)}
    from (select count(*) as x, ${sql.join(counts)} from measured where variant = ${variant} group by unit) as per_unit`.execute(
    trx,
  );
  const of = (column: string) => rows[0]?.[column] ?? 0;
  return metrics.map(({ scale }, i) => {
    const [below, value, above] = bounds[i]!;
    const density = above > below ? of(`near${i}`) / size / (above - below) : 0;
    const moments = {
      n: of('n'),
      y: of(`y${i}`),
      yy: of(`yy${i}`),
      x: of('x'),
      xx: of('xx'),
      xy: of(`xy${i}`),
    };
    return { variant, value: value * scale, moments, density: density / scale };
  });
}

/** Shares around q between which the density is taken: the window, and wider ones in case many requests share a value. */
function windows(q: number, rows: number): (readonly [number, number])[] {
  return Array.from({ length: DOUBLINGS }, (_, k) => {
    const half = densityWindow(q, rows) * 2 ** k;
    return [Math.max(0, q - half), Math.min(1, q + half)];
  });
}

/** The quantile between the ends of the first window that holds it strictly inside; of the widest where none does. */
function boundsOf([value = 0, ...ends]: readonly number[]): readonly [number, number, number] {
  for (let i = 0; i + 1 < ends.length; i += 2) {
    const [below, above] = [ends[i] as number, ends[i + 1] as number];
    if ((below < value && value < above) || i + 2 >= ends.length) return [below, value, above];
  }
  return [value, value, value];
}

const raw = (text: string) => sql.raw(text);
