import { sql, type Transaction } from 'kysely';
import type { ArmMoments, MetricAggregates } from '../../analysis/aggregates.ts';
import type { MetricDeclaration } from '../../declarations.ts';
import type { Database } from '../connect.ts';
import type { Tables } from '../tables.ts';
import { type Checkpoints, checkpointsOf } from './checkpoints.ts';
import { type Covariate, covariatesOf } from './covariates.ts';
import { dailySums } from './daily-sums.ts';
import { type CutRow, type FinalSums, finalSums } from './final-sums.ts';
import { type ImplausibleUnits, implausibleSums, implausibleUnits } from './implausible.ts';
import { inLanes } from './lanes.ts';
import { type OneDayValues, oneDayValues } from './one-day-values.ts';
import { type Progress, progressOf } from './progress.ts';
import { readUnitDays } from './read-unit-days.ts';
import { DAY_MS, type Scope, WEEK_MS } from './scope.ts';
import { filter, type Summed, sumsOf, unitTest, valuesOf } from './sum-columns.ts';
import { moments, type Sums } from './sums.ts';
import { thirdMoment } from './third-moment.ts';
import { readUnits, type UnitTables } from './units.ts';
import { outcomesOf, roleOf, type Wanted, wantedMetrics } from './wanted-metrics.ts';

/**
 * Mean, proportion and ratio metrics from unit-days (`rebuildUnitDays` with the same scope comes first); those measured
 * before first exposure are covariates of the others.
 *
 * Values are in display units: y is multiplied by the metric's `scale`, yy by its square, xy by it; x is the raw
 * denominator of a ratio and 1 otherwise. A unit that fails the attribute filter of every measure of a metric is left
 * out of it. Where the numerator is windowed, only units whose window is complete at the cut-off (at the end of the
 * day, in `daily`) are in; an open window reaches to the cut-off. Caps are pooled over the arms at the cut-off. A
 * covariate that a unit does not have is the mean of the units that do.
 */
export async function metricAggregates(db: Database, scope: Scope): Promise<MetricAggregates[]> {
  const outcomes = outcomesOf(scope);
  const covariates = covariatesOf(scope);
  const wanted = wantedMetrics(scope);
  const byProgress = groupBy(wanted, ({ metric }) => progressOf(metric));
  return await readUnitDays(db, scope, async (trx, tables, set) => {
    const results = new Map<Wanted, Result>();
    const success = outcomes.filter((metric) => roleOf(metric, scope.experiment) === 'success');
    let days: ReadonlyMap<string, OneDayValues> = new Map();
    const units = await readUnits(trx, scope, set, tables);
    const implausible = await implausibleUnits(trx, units, set, outcomes);
    // The longest first.
    const tasks = [...byProgress]
      .sort(([a], [b]) => Number(typeof a === 'number') - Number(typeof b === 'number'))
      .map(([progress, group]) => async (on: Transaction<Tables>) => {
        const metrics = group.map(({ metric }) => metric);
        const checkpoints = await checkpointsOf(on, scope, units, set, progress, metrics);
        const found = await oneGroup(on, scope, group, checkpoints, units, covariates, implausible);
        group.forEach((one, i) => {
          results.set(one, found[i] as Result);
        });
        await checkpoints.drop();
      });
    tasks.splice(1, 0, async (on) => {
      days = await oneDayValues(on, scope, units, set, success);
    });
    await inLanes(db, trx, tasks);
    const exposed = await exposedUnits(trx, units, outcomes);
    return outcomes.map((metric, i): MetricAggregates => {
      const of = (role: Wanted['role']) => wanted.find((one) => one.of === metric.key && one.role === role);
      const result = (one: Wanted | undefined) => (one ? results.get(one) : undefined);
      const { daily, full } = result(of('itself')) as Result;
      const { segments, strata, shape, cap, arms, implausible: odd } = full as NonNullable<Result['full']>;
      const [once, novelty] = [result(of('once')), result(of('novelty'))];
      const { n, newest } = exposed[i] as (typeof exposed)[number];
      return {
        metric: metric.key,
        arms,
        mature: arms.reduce((sum, arm) => sum + arm.moments.n, 0),
        exposed: n,
        completeAt: completeAt(progressOf(metric), newest, scope.cutoff),
        segments,
        daily,
        ...(covariates.length > 0 && { covariates: covariates.map(({ name }) => name) }),
        ...(strata && { strata }),
        ...(typeof progressOf(metric) !== 'number' && { grows: true }),
        ...(once && { once: { estimand: of('once')?.estimand ?? '', arms: once.arms, daily: once.daily } }),
        ...(novelty && { novelty: inDisplayUnits(novelty.arms, metric.scale) }),
        ...days.get(metric.key),
        ...(shape && { shape }),
        ...(odd && { implausible: odd }),
        ...(cap && { cap }),
      };
    });
  });
}

/** Of one metric of a group. */
interface Result extends Pick<MetricAggregates, 'arms' | 'daily'> {
  readonly full?: Pick<MetricAggregates, 'arms' | 'segments' | 'strata' | 'shape' | 'cap' | 'implausible'>;
}

/** Metrics whose values change at the same moments: all of them in one pass over those moments. */
async function oneGroup(
  trx: Transaction<Tables>,
  scope: Scope,
  wanted: readonly Wanted[],
  columns: Checkpoints,
  units: UnitTables,
  covariates: readonly Covariate[],
  implausible: ImplausibleUnits | undefined,
): Promise<Result[]> {
  const summed: Summed[] = [];
  for (const { metric } of wanted) summed.push({ metric, cap: await capOf(trx, metric, columns) });
  const changes = groupBy(await dailySums(trx, units, summed, columns), ({ day }) => day);
  const own = summed.filter((_, i) => wanted[i]?.role === 'itself');
  const sizes = { count: covariates.length, most: units.mostCovariate };
  const final = own.length > 0 ? await finalSums(trx, scope, own, columns, sizes) : undefined;
  const odd = implausible && final && (await implausibleSums(trx, implausible, own, columns));
  const lastDay = Math.ceil((scope.cutoff - scope.experiment.startMs) / DAY_MS);
  return summed.map((one, i) => {
    const holding = new Map<string, Sums & { arm: number }>();
    const daily = Array.from({ length: Math.max(0, lastDay) }, (_, before) => {
      const day = before + 1;
      for (const row of changes.get(day) ?? []) holding.set(`${row.arm} ${row.weeks}`, sumsOf(row, i));
      return { day, arms: armsOf(scope, [...holding.values()], one) };
    });
    const arms = daily.at(-1)?.arms ?? armsOf(scope, [], one);
    const place = own.indexOf(one);
    return {
      arms,
      daily,
      ...(final &&
        place >= 0 && {
          full: {
            ...fullOf(scope, one, place, final, covariates),
            ...(odd && {
              implausible: armsOf(
                scope,
                odd.map((row) => sumsOf(row, place)),
                one,
              ),
            }),
          },
        }),
    };
  });
}

function armsOf(
  { experiment }: Scope,
  rows: readonly (Sums & { readonly arm: number })[],
  { metric, cap }: Summed,
  scales?: readonly number[],
): ArmMoments[] {
  return experiment.variants.map(({ key: variant }, i) => {
    const own = rows.filter(({ arm }) => arm === i + 1).sort((a, b) => a.weeks - b.weeks);
    return { variant, moments: moments(own, metric, cap, scales) };
  });
}

function fullOf(
  scope: Scope,
  one: Summed,
  i: number,
  final: FinalSums,
  covariates: readonly Covariate[],
): NonNullable<Result['full']> {
  const { metric, cap } = one;
  const scales = covariates.map((covariate) => covariate.metric?.scale ?? 1);
  const places =
    covariates.length === 0 ? undefined : { count: covariates.length, alike: final.alike[i] ?? i };
  const cut = (rows: readonly CutRow[]) => {
    const counted = rows.map((row) => ({ ...sumsOf(row, i, places), value: row.value }));
    return [
      ...groupBy(
        counted.filter(({ n }) => n > 0),
        ({ value }) => value,
      ),
    ]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([value, rowsOf]) => ({ value, arms: armsOf(scope, rowsOf, one, scales) }));
  };
  const powers = final.powers[i] ?? [];
  const shape = scope.experiment.variants.map(({ key: variant }, v) => {
    const own = powers.filter(({ arm }) => arm === v + 1);
    const total = (of: 'zeros' | 'capped') => own.reduce((sum, row) => sum + row[of], 0);
    const zeros = total('zeros') + (cap === 0 ? total('capped') : 0);
    return { variant, zeros, cubed: thirdMoment(own, cap) * metric.scale ** 3, capped: total('capped') };
  });
  return {
    arms: armsOf(
      scope,
      final.arms.map((row) => sumsOf(row, i, places)),
      one,
      scales,
    ),
    segments: [...final.segments].flatMap(([attribute, rows]) =>
      cut(rows).map(({ value, arms }) => ({ attribute, value, arms })),
    ),
    ...(final.strata && { strata: cut(final.strata).map(({ value: key, arms }) => ({ key, arms })) }),
    ...(metric.kind === 'mean' && { shape }),
    ...(cap !== null && { cap: { quantile: shareOf(metric), value: cap * metric.scale } }),
  };
}

/** x, too, is a value of the metric. */
function inDisplayUnits(arms: readonly ArmMoments[], scale: number): ArmMoments[] {
  return arms.map(({ variant, moments: { x, xx, xy, ...rest } }) => ({
    variant,
    moments: { ...rest, x: x * scale, xx: xx * scale * scale, xy: xy * scale },
  }));
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

async function exposedUnits(
  trx: Transaction<Tables>,
  units: UnitTables,
  metrics: readonly MetricDeclaration[],
) {
  if (metrics.length === 0) return [];
  const counts = metrics.map((metric, i) => {
    const only = filter(unitTest(metric, units.attribute));
    return sql`count(*) ${only} as ${sql.raw(`units${i}`)}, max(opening) ${only} as ${sql.raw(`newest${i}`)}`;
  });
  const { rows } = await sql<Record<string, number | null>>`
    select ${sql.join(counts)} from ${units.analysed}`.execute(trx);
  return metrics.map((_, i) => ({
    n: rows[0]?.[`units${i}`] ?? 0,
    newest: rows[0]?.[`newest${i}`] ?? null,
  }));
}

/** Percentages above 1 are read as such: 99 is 0.99. */
const shareOf = ({ cap = 1 }: MetricDeclaration) => (cap > 1 ? cap / 100 : cap);

/** The pooled percentile of the per-unit value at the cut-off, before scaling; null where the metric has no cap. */
async function capOf(
  trx: Transaction<Tables>,
  metric: MetricDeclaration,
  columns: Checkpoints,
): Promise<number | null> {
  if (metric.cap === undefined) return null;
  const { y, unit } = valuesOf(metric, columns);
  const { rows } = await sql<{ cap: number | null }>`
    select percentile_disc(${shareOf(metric)}::float8) within group (order by ${y}::float8 / weeks) as cap
    from ${columns.finalRows} where ${unit ?? sql`true`}`.execute(trx);
  return rows[0]?.cap ?? null;
}
