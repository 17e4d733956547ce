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

  const units = await sql<{ variant: string; units: number; forced: number; crossed: number }>`
    select variant, count(*) filter (where not forced) as units, count(*) filter (where forced) as forced,
      count(*) filter (where crossed and not forced) as crossed
    from ${exposed} group by variant`.execute(trx);
  const byDay = await sql<{ day: number; variant: string; units: number }>`
    select at / ${DAY_MS}::bigint as day, variant, count(*) as units from ${exposed} where not forced
    group by 1, 2 order by 1, 2`.execute(trx);
  const outcomes = await sql<{ outcomes: number; late: number }>`
    select count(*) as outcomes, count(*) filter (where received_at - outcome.at > ${DAY_MS}) as late
    from ${exposed} join outcome on outcome.environment = ${environment} and outcome.unit = exposure.unit
    where not forced and outcome.day between ${from} and ${to}
      and outcome.at >= ${experiment.startMs} and outcome.at < ${cutoff}`.execute(trx);
  const surface = experiment.surface === undefined ? sql`true` : sql`surface = ${experiment.surface}`;
  const requests = await sql<{ variant: string; requests: number; errors: number; fallbacks: number }>`
    select variant, count(*) as requests, count(*) filter (where error) as errors,
      count(*) filter (where fallback > 0) as fallbacks
    from ${exposed} join request on request.environment = ${environment} and request.unit = exposure.unit
    where not forced and request.day between ${from} and ${to} and ${surface}
      and request.at >= exposure.at and request.at < ${cutoff}
    group by variant`.execute(trx);
  const letters = await sql<{ n: number }>`select count(*) as n from dead_letter
    where environment = ${environment} and received_at >= ${experiment.startMs}`.execute(trx);

  const variants = experiment.variants.map((variant) => variant.key);
  const cuts = await unitsByCut(trx, scope, exposed);
  return {
    arms: variants.map((variant) => {
      const row = units.rows.find((one) => one.variant === variant);
      return { variant, units: row?.units ?? 0, forced: row?.forced ?? 0 };
    }),
    crossed: units.rows.reduce((n, row) => n + row.crossed, 0),
    exposuresByDay: byDay.rows.map(({ day, variant, units: n }) => ({
      date: new Date(day * DAY_MS).toISOString().slice(0, 10),
      variant,
      units: n,
    })),
    cuts,
    lateOutcomes: outcomes.rows[0]?.late ?? 0,
    outcomes: outcomes.rows[0]?.outcomes ?? 0,
    requests: variants.map(
      (variant) =>
        requests.rows.find((row) => row.variant === variant) ?? {
          variant,
          requests: 0,
          errors: 0,
          fallbacks: 0,
        },
    ),
    deadLetters: letters.rows[0]?.n ?? 0,
  };
}

/** Units of each arm by ramp phase and by each attribute: absent attributes count as ''. One scan for all of them. */
async function unitsByCut(
  trx: Transaction<Tables>,
  { experiment }: Scope,
  exposed: RawBuilder<unknown>,
): Promise<NonNullable<HealthAggregates['cuts']>> {
  const attributes = cutAttributes(experiment);
  const column = (i: number) => sql.raw(`a_${i}`);
  const values = attributes.map((name, i) => sql`, coalesce(attributes->>${name}, '') as ${column(i)}`);
  const sets = attributes.map((_, i) => sql`, (variant, ${column(i)})`);
  const of = sql.join([sql`phase::text`, ...attributes.map((_, i) => column(i))]);
  const { rows } = await sql<{ variant: string; cut: number; value: string; units: number }>`
    select variant, ${cutNumber(attributes.length)} as cut, coalesce(${of}) as value, count(*) as units
    from (select variant, phase ${sql.join(values, sql``)} from ${exposed} where not forced) as exposed
    group by grouping sets ((variant, phase) ${sql.join(sets, sql``)})`.execute(trx);
  return ['phase', ...attributes].flatMap((by, cut) => {
    const own = rows.filter((row) => row.cut === cut);
    const order = (a: string, b: string) => (cut === 0 ? Number(a) - Number(b) : a < b ? -1 : 1);
    return [...new Set(own.map(({ value }) => value))].sort(order).map((value) => ({
      by,
      value,
      arms: experiment.variants.map(({ key: variant }) => {
        const row = own.find((one) => one.variant === variant && one.value === value);
        return { variant, units: row?.units ?? 0 };
      }),
    }));
  });
}

/** Which grouping set a row is of: 0 by phase, i + 1 by attribute i. */
function cutNumber(attributes: number): RawBuilder<unknown> {
  const cases = Array.from({ length: attributes }, (_, i) =>
    sql.raw(` when grouping(a_${i}) = 0 then ${i + 1}`),
  );
  return cases.length === 0 ? sql`0` : sql`case ${sql.join(cases, sql``)} else 0 end`;
}
