import { sql, type Transaction } from 'kysely';
import type { HealthAggregates } from '../../analysis/aggregates.ts';
import type { Database } from '../connect.ts';
import type { Tables } from '../tables.ts';
import { DAY_MS, partitionDays, type Scope } from './scope.ts';
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
