import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { ArmMoments, MetricAggregates } from '../../analysis/aggregates.ts';
import type { Measure, MetricDeclaration } from '../../declarations.ts';
import type { Tables } from '../tables.ts';
import type { MeasureSet } from './measures.ts';
import { progressOf } from './progress.ts';
import { more } from './roll-up.ts';
import { DAY_MS, type Scope } from './scope.ts';
import { configure } from './session.ts';
import { filter, perUnit, unitTest } from './sum-columns.ts';
import { moments, type Sums } from './sums.ts';
import type { UnitTables } from './units.ts';

type Sql = RawBuilder<unknown>;

/** Days since the opening that are looked at. */
const DAYS = 28;

const raw = (text: string | number) => sql.raw(String(text));

export type OneDayValues = Pick<MetricAggregates, 'sinceExposure' | 'weekdays'>;

/**
 * Values of one day, uncapped, by metric key: by days since the opening, of the units whose day is complete at the
 * cut-off; and by weekday (of the UTC day in which the experiment's 24 h block begins), of the units that lived through a
 * block of it: the mean of their values on those, or for a ratio their sums. Idle days are zeros. A metric whose windows
 * are closed has only the days in them, and no weekdays. A denominator that counts units with an attribute has neither.
 */
export async function oneDayValues(
  trx: Transaction<Tables>,
  scope: Scope,
  units: UnitTables,
  set: MeasureSet,
  metrics: readonly MetricDeclaration[],
): Promise<ReadonlyMap<string, OneDayValues>> {
  const able = metrics.filter(({ denominator: m }) => m?.event !== 'unit' || !m.where.attribute);
  if (able.length === 0) return new Map();
  const lifetimes = await lifetimesOf(trx, scope, units, able);
  const since = await sumsBy(trx, able, units, set, daysSinceOpening(scope, units, set, able));
  const open = able.filter(isOpen);
  const weekly = await sumsBy(trx, open, units, set, weekdays(scope, units, set, open));
  const variants = scope.experiment.variants.map(({ key }) => key);
  return new Map(
    able.map((metric, i) => {
      const arms = (sums: (arm: number) => readonly Sums[]): ArmMoments[] =>
        variants.map((variant, v) => ({ variant, moments: moments(sums(v + 1), metric, null) }));
      const [first, end] = daysOf(metric);
      const days = Array.from({ length: Math.max(0, end - first) }, (_, d) => first + d);
      const sinceExposure = days.map((day) => ({
        day,
        arms: arms((arm) => {
          const n = count(lifetimes, i, (life) => life.arm === arm && life.complete > day);
          const rows = since.filter((row) => row.arm === arm && row.bucket === day);
          return [withIdle(rows, i, n, 1, metric)];
        }),
      }));
      const byWeekday = [1, 2, 3, 4, 5, 6, 7].map((day) => ({
        day,
        arms: arms((arm) => {
          const times = (from: number) => blocksOf(scope, day, from);
          const lived = [...new Set(lifetimes.map((life) => times(life.first)))].filter((k) => k > 0);
          return lived
            .sort((a, b) => a - b)
            .map((k) => {
              const n = count(lifetimes, i, (life) => life.arm === arm && times(life.first) === k);
              const rows = weekly.filter(
                (row) => row.arm === arm && row.bucket === day && times(row.first) === k,
              );
              return withIdle(rows, open.indexOf(metric), n, k, metric);
            });
        }),
      }));
      const known = (list: typeof sinceExposure) =>
        list.filter((one) => one.arms.some((arm) => arm.moments.n > 0));
      return [
        metric.key,
        { sinceExposure: known(sinceExposure), ...(open.includes(metric) && { weekdays: known(byWeekday) }) },
      ];
    }),
  );
}

const windowed = ({ numerator, denominator }: MetricDeclaration) =>
  [numerator, denominator].filter((m) => m !== undefined).filter(({ event }) => event !== 'unit');

const isOpen = (metric: MetricDeclaration) =>
  typeof progressOf(metric) !== 'number' && windowed(metric).every(({ window }) => window.fromMs === 0);

/** Days since the opening that lie in all windows of a metric: from the first up to, not including, the second. */
function daysOf(metric: MetricDeclaration): readonly [number, number] {
  const inDays = (ms: number) => Math.round(ms / DAY_MS);
  const ends = windowed(metric).flatMap(({ window }) => window.toMs ?? []);
  return [
    Math.max(0, ...windowed(metric).map(({ window }) => inDays(window.fromMs))),
    Math.min(DAYS, ...ends.map(inDays)),
  ];
}

/** Units by their arm, their complete days and the first block of the experiment they lived through from its beginning. */
type Lifetime = Readonly<Record<string, number>> & {
  readonly arm: number;
  readonly complete: number;
  readonly first: number;
};

const firstBlock = ({ experiment }: Scope) =>
  sql`greatest(0, ((opening - ${raw(experiment.startMs)} + ${raw(DAY_MS - 1)}) / ${raw(DAY_MS)})::integer)`;

async function lifetimesOf(
  trx: Transaction<Tables>,
  scope: Scope,
  units: UnitTables,
  metrics: readonly MetricDeclaration[],
): Promise<readonly Lifetime[]> {
  const counts = metrics.map(
    (metric, i) => sql`count(*) ${filter(unitTest(metric, units.attribute))} as ${raw(`n${i}`)}`,
  );
  const { rows } = await sql<Lifetime>`
    select arm, ((${scope.cutoff} - opening) / ${raw(DAY_MS)})::integer as complete,
      ${firstBlock(scope)} as first ${more(counts)}
    from ${units.analysed} group by 1, 2, 3`.execute(trx);
  return rows;
}

function count(lifetimes: readonly Lifetime[], i: number, test: (life: Lifetime) => boolean): number {
  return lifetimes.reduce((n, life) => (test(life) ? n + (life[`n${i}`] ?? 0) : n), 0);
}

/** How many whole 24 h blocks of the experiment, from block `first` to the cut-off, begin on an ISO weekday. */
function blocksOf({ experiment, cutoff }: Scope, weekday: number, first: number): number {
  const whole = Math.floor((cutoff - experiment.startMs) / DAY_MS);
  let blocks = 0;
  for (let block = first; block < whole; block++) {
    // 1970-01-01 was a Thursday.
    if (((Math.floor(experiment.startMs / DAY_MS) + block + 3) % 7) + 1 === weekday) blocks++;
  }
  return blocks;
}

/** Values of the metrics, `y0`, `x0` ..., 0 for a unit without activity: what is 1 then, its complement is. */
function values(
  units: UnitTables,
  metrics: readonly MetricDeclaration[],
  column: (measure: Measure, share: boolean) => string,
): Sql {
  const value = (measure: Measure, share: boolean) =>
    perUnit({ ...measure, aggregate: 'count' }, column(measure, share), false, (name) =>
      raw(units.attribute(name)),
    );
  return more(
    metrics.flatMap((metric, i) => [
      sql`${value(metric.numerator, isShare(metric.numerator, metric))} as ${raw(`y${i}`)}`,
      ...(divides(metric)
        ? [sql`${value(metric.denominator, isShare(metric.denominator))} as ${raw(`x${i}`)}`]
        : []),
    ]),
  );
}

/** Whether a measure is 1 or 0 on each day. */
function isShare(measure: Measure, metric?: MetricDeclaration): boolean {
  return measure.aggregate === 'exists' || measure.aggregate === 'absent' || metric?.kind === 'proportion';
}

/** Whether x is not 1 for every unit. */
function divides(metric: MetricDeclaration): metric is MetricDeclaration & { readonly denominator: Measure } {
  return metric.kind === 'ratio' && metric.denominator !== undefined && metric.denominator.event !== 'unit';
}

/** Measures of the metrics, summed over the rows of `UnitTables.lived` that are one. */
function measures(set: MeasureSet, metrics: readonly MetricDeclaration[]): Sql {
  const positions = new Set(metrics.flatMap(windowed).map((measure) => set.position(measure)));
  return more([...positions].map((at) => raw(`total(m${at}) as m${at}`)));
}

/** The attributes, where a metric is filtered by them. */
function attributesOf(units: UnitTables, metrics: readonly MetricDeclaration[]): Sql {
  const isFiltered = metrics.flatMap(windowed).some(({ where }) => where.attribute !== undefined);
  return isFiltered ? sql`join ${units.frozen} using (id)` : sql``;
}

type Source = (
  scope: Scope,
  units: UnitTables,
  set: MeasureSet,
  metrics: readonly MetricDeclaration[],
) => Sql;

const daysSinceOpening: Source = ({ cutoff }, units, set, metrics) => {
  const column = (measure: Measure, share: boolean) => {
    const at = set.position(measure);
    if (at === 0) return '1';
    return share ? `(m${at} > 0)::integer` : `m${at}`;
  };
  return sql`
    select arm, day as bucket, 0 as first ${values(units, metrics, column)}
    from (
      select id, arm, day ${measures(set, metrics)} from ${units.lived}
      where day < ${raw(DAYS)} and opening + (day + 1) * ${raw(DAY_MS)}::bigint <= ${cutoff} group by id, arm, day
    ) as one_day ${attributesOf(units, metrics)}`;
};

const weekdays: Source = (scope, units, set, metrics) => {
  const { startMs } = scope.experiment;
  const whole = Math.floor((scope.cutoff - startMs) / DAY_MS);
  const weekday = raw(`(experiment_day + ${(Math.floor(startMs / DAY_MS) + 3) % 7}) % 7 + 1`);
  const blocks = sql`from ${units.lived}
    where experiment_day >= ${firstBlock(scope)} and experiment_day < ${raw(whole)}`;
  const shares = metrics.flatMap((metric) =>
    [metric.numerator, ...(divides(metric) ? [metric.denominator] : [])].filter((m) => isShare(m, metric)),
  );
  // A block has two days of a unit: what is counted can do without joining them, what is a share cannot.
  const joined = sql`from (
    select id, arm, opening, experiment_day ${measures(set, metrics)} ${blocks} group by 1, 2, 3, 4) as block`;
  const counts = [...new Set(shares.map((measure) => set.position(measure)))]
    .filter((at) => at > 0)
    .map((at) => raw(`count(*) filter (where m${at} > 0) as s${at}`));
  const column = (measure: Measure, share: boolean) => `${share ? 's' : 'm'}${set.position(measure)}`;
  return sql`
    select arm, bucket, first ${values(units, metrics, column)}
    from (
      select id, arm, ${firstBlock(scope)} as first, ${weekday} as bucket ${measures(set, metrics)} ${more(counts)}
      ${counts.length > 0 ? joined : blocks} group by 1, 2, 3, 4
    ) as one_weekday ${attributesOf(units, metrics)}`;
};

type Row = Readonly<Record<string, number>> & {
  readonly arm: number;
  readonly bucket: number;
  readonly first: number;
};

async function sumsBy(
  trx: Transaction<Tables>,
  metrics: readonly MetricDeclaration[],
  units: UnitTables,
  set: MeasureSet,
  source: Sql,
): Promise<readonly Row[]> {
  if (metrics.length === 0) return [];
  const sums = metrics.flatMap((metric, i) => {
    const [y, x] = [raw(`y${i}`), raw(`x${i}`)];
    const wide = windowed(metric).some((m) => units.most(set.position(m)) > 1e9) ? sql`::numeric` : sql``;
    const own = [sql`sum(${y}) as ${y}`, sql`sum(${y}${wide} * ${y}) as ${raw(`yy${i}`)}`];
    if (!divides(metric)) return own;
    return [
      ...own,
      sql`sum(${x}) as ${x}`,
      sql`sum(${x}${wide} * ${x}) as ${raw(`xx${i}`)}`,
      sql`sum(${x}${wide} * ${y}) as ${raw(`xy${i}`)}`,
    ];
  });
  // Few groups come out of many rows, of nearly as many groups: workers would add up next to nothing.
  await configure(trx, { enable_sort: 'off', max_parallel_workers_per_gather: '0' });
  const { rows } = await sql<Row>`
    select arm, bucket, first ${more(sums)} from (${source}) as one group by 1, 2, 3`.execute(trx);
  await configure(trx, { enable_sort: 'on' });
  await sql`set local max_parallel_workers_per_gather to default`.execute(trx);
  return [...rows].sort((a, b) => a.arm - b.arm || a.bucket - b.bucket || a.first - b.first);
}

/** The sums of `n` units, `k` days of each, of which the rows hold those that were active. */
function withIdle(rows: readonly Row[], i: number, n: number, k: number, metric: MetricDeclaration): Sums {
  const total = (column: string) => rows.reduce((sum, row) => sum + (row[`${column}${i}`] ?? 0), 0);
  const active = { y: total('y'), yy: total('yy'), x: total('x'), xx: total('xx'), xy: total('xy') };
  let { y, yy, x, xx, xy } = divides(metric) ? active : { ...active, x: n, xx: n, xy: active.y };
  if (divides(metric) && metric.denominator.aggregate === 'absent')
    [x, xx, xy] = [n * k - x, n * k * k - 2 * k * x + xx, k * y - xy];
  if (metric.numerator.aggregate === 'absent')
    [y, yy, xy] = [n * k - y, n * k * k - 2 * k * y + yy, k * x - xy];
  // A ratio keeps the sums over its days.
  return { weeks: divides(metric) ? 1 : k, n, y, yy, x, xx, xy, capped: 0, cappedX: 0 };
}
