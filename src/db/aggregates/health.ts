import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { HealthAggregates } from '../../analysis/aggregates.ts';
import type { Database } from '../connect.ts';
import type { Tables } from '../tables.ts';
import { cutAttributes, DAY_MS, partitionDays, type Scope } from './scope.ts';
import { analysisTransaction } from './session.ts';
import { refreshStatistics } from './statistics.ts';

/** Counts for the health checks, straight from the stored events: independent of `rebuildUnitDays`. */
export async function healthAggregates(db: Database, scope: Scope): Promise<HealthAggregates> {
  await refreshStatistics(db);
  return await analysisTransaction(db, (trx) => count(trx, scope));
}

async function count(trx: Transaction<Tables>, scope: Scope): Promise<HealthAggregates> {
  const { environment, experiment, cutoff } = scope;
  const until = Math.min(experiment.startMs + experiment.durationMs, cutoff);
  const [from, to] = partitionDays(experiment.startMs, cutoff);
  const exposed = sql`(select * from exposure where environment = ${environment} and experiment = ${experiment.key}
    and iteration = ${experiment.iteration} and at >= ${experiment.startMs} and at < ${until}) as exposure`;

  const { units, byDay, cuts } = await countUnits(trx, scope, exposed);
  const surface = experiment.surface === undefined ? sql`true` : sql`surface = ${experiment.surface}`;
  // Outcomes and requests meet the exposures in one join.
  const events = await sql<{ variant: string } & Events>`
    select variant, count(*) filter (where late is not null) as outcomes, count(*) filter (where late) as late,
      count(*) filter (where late is null) as requests, count(*) filter (where error) as errors,
      count(*) filter (where is_fallback) as fallbacks
    from ${exposed} join (
      select unit, null::bigint as since, received_at - at > ${DAY_MS} as late, false as error, false as is_fallback
      from outcome where environment = ${environment} and day between ${from} and ${to}
        and at >= ${experiment.startMs} and at < ${cutoff}
      union all
      select unit, at, null, error, fallback > 0
      from request where environment = ${environment} and day between ${from} and ${to} and ${surface}
        and at < ${cutoff}
    ) as event using (unit)
    where not forced and (since is null or since >= exposure.at)
    group by variant`.execute(trx);
  const letters = await sql<{ n: number }>`select count(*) as n from dead_letter
    where environment = ${environment} and received_at >= ${experiment.startMs} and replayed_at is null`.execute(
    trx,
  );

  const variants = experiment.variants.map((variant) => variant.key);
  const total = (of: keyof Events) => events.rows.reduce((n, row) => n + row[of], 0);
  return {
    arms: variants.map((variant) => {
      const row = units.find((one) => one.variant === variant);
      return { variant, units: row?.units ?? 0, forced: row?.forced ?? 0 };
    }),
    crossed: units.reduce((n, row) => n + row.crossed, 0),
    exposuresByDay: byDay.map(({ day, variant, units: n }) => ({
      date: new Date(day * DAY_MS).toISOString().slice(0, 10),
      variant,
      units: n,
    })),
    cuts,
    lateOutcomes: total('late'),
    outcomes: total('outcomes'),
    requests: variants.map((variant) => {
      const row = events.rows.find((one) => one.variant === variant);
      const { requests = 0, errors = 0, fallbacks = 0 } = row ?? {};
      return { variant, requests, errors, fallbacks };
    }),
    deadLetters: letters.rows[0]?.n ?? 0,
  };
}

interface Events {
  readonly outcomes: number;
  readonly late: number;
  readonly requests: number;
  readonly errors: number;
  readonly fallbacks: number;
}

/** Of one variant and one value of what is counted by: `value` of a variant alone is null. */
interface Counted {
  readonly variant: string;
  readonly value: string | null;
  readonly units: number;
  readonly forced: number;
  readonly crossed: number;
}

/**
 * Units of each variant, by UTC day of their exposure, by ramp phase and by each attribute, where absent attributes
 * count as ''. One scan for all of them.
 */
async function countUnits(
  trx: Transaction<Tables>,
  { experiment }: Scope,
  exposed: RawBuilder<unknown>,
): Promise<{
  readonly units: readonly Counted[];
  readonly byDay: readonly { readonly day: number; readonly variant: string; readonly units: number }[];
  readonly cuts: NonNullable<HealthAggregates['cuts']>;
}> {
  const attributes = cutAttributes(experiment);
  const columns = ['day', 'phase', ...attributes.map((_, i) => `a_${i}`)];
  const values = attributes.map(
    (name, i) => sql`, coalesce(attributes->>${name}, '') as ${sql.raw(`a_${i}`)}`,
  );
  const value = columns.map((column, i) => sql.raw(`when ${i + 1} then ${column}::text`));
  const grouped = sql.raw(columns.map((column, i) => `when grouping(${column}) = 0 then ${i + 1}`).join(' '));
  const { rows } = await sql<Counted & { cut: number }>`
    select *, case cut ${sql.join(value, sql` `)} end as value from (
      select variant, ${sql.raw(columns.join(', '))}, case ${grouped} else 0 end as cut,
        count(*) filter (where not forced) as units, count(*) filter (where forced) as forced,
        count(*) filter (where crossed and not forced) as crossed
      from (select variant, forced, crossed, at / ${DAY_MS}::bigint as day, phase ${sql.join(values, sql``)}
        from ${exposed}) as exposed
      group by grouping sets ((variant), ${sql.raw(columns.map((column) => `(variant, ${column})`).join(', '))})
    ) as counted order by cut, variant`.execute(trx);
  const by = (cut: number) => rows.filter((row) => row.cut === cut);
  const analysed = (cut: number) => by(cut).filter(({ units }) => units > 0);
  const cuts = ['phase', ...attributes].flatMap((name, at) => {
    const own = analysed(at + 2);
    const order = (a: string, b: string) => (at === 0 ? Number(a) - Number(b) : a < b ? -1 : 1);
    return [...new Set(own.map((row) => row.value ?? ''))].sort(order).map((known) => ({
      by: name,
      value: known,
      arms: experiment.variants.map(({ key: variant }) => {
        const row = own.find((one) => one.variant === variant && one.value === known);
        return { variant, units: row?.units ?? 0 };
      }),
    }));
  });
  const byDay = analysed(1)
    .map((row) => ({ day: Number(row.value), variant: row.variant, units: row.units }))
    .sort((a, b) => a.day - b.day || (a.variant < b.variant ? -1 : 1));
  return { units: by(0), byDay, cuts };
}
