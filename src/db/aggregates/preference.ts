import { sql } from 'kysely';
import type { PreferenceAggregates } from '../../analysis/aggregates.ts';
import { unpack } from '../../events/pack.ts';
import { teamCredit } from '../../variants/team-credit.ts';
import type { Database } from '../connect.ts';
import { readUnitDays } from './read-unit-days.ts';
import { partitionDays, type Scope, SESSION_MS } from './scope.ts';
import { SLATE_HAS_TEAMS, streamRows } from './slates.ts';

/**
 * Team-draft credit: a click on a title of an interleaved slate goes to the variant that placed it; several clicks on
 * one slot count once. Joined by the request id of the outcome. `rebuildUnitDays` comes first.
 */
export async function preferenceAggregates(db: Database, scope: Scope): Promise<PreferenceAggregates> {
  const { environment, experiment, cutoff } = scope;
  const [first, second] = experiment.variants.map((variant) => variant.key);
  if (first === undefined || second === undefined) {
    throw new Error(`experiment ${experiment.key} has one variant; interleaving compares two`);
  }
  const [from, to] = partitionDays(experiment.startMs - SESSION_MS, cutoff);
  const credit = new Map<string, number>();
  let impressions = 0;
  await readUnitDays(db, scope, async (trx, { units }) => {
    const query = sql`
      with shown as materialized (
        select request.id, enrolled.unit, slate
        from ${sql.raw(units)} as enrolled
          join request on request.environment = ${environment} and request.unit = enrolled.unit
        where request.day between ${from} and ${to}
          and request.at >= opening and request.at < ${cutoff} and ${sql.raw(SLATE_HAS_TEAMS)}
          and ${experiment.surface === undefined ? sql`true` : sql`request.surface = ${experiment.surface}`}
      ), item as (
        select request_id, outcome.at + unnest(after_ms) as t, unnest(name_id) as name_id, unnest(title) as title
        from outcome join shown on shown.id = request_id
        where environment = ${environment} and day between ${from} and ${to}
      ), click as (
        select request_id, array_agg(distinct title) as titles from item
        where name_id = (select id from outcome_name where name = 'click') and t < ${cutoff}
        group by request_id
      )
      select unit, slate, coalesce(titles, '{}') as titles from shown left join click on request_id = shown.id`;
    for await (const rows of streamRows<{ unit: string; slate: Buffer; titles: number[] }>(trx, query)) {
      impressions += rows.length;
      for (const { unit, slate, titles } of rows) {
        credit.set(
          unit,
          (credit.get(unit) ?? 0) + (titles.length === 0 ? 0 : teamCredit(unpack(slate).slate, titles)),
        );
      }
    }
  });
  let [d, dd, firstWins, ties, secondWins] = [0, 0, 0, 0, 0];
  const unitsWith = new Map<number, number>();
  for (const difference of credit.values()) {
    unitsWith.set(difference, (unitsWith.get(difference) ?? 0) + 1);
    d += difference;
    dd += difference * difference;
    if (difference < 0) firstWins++;
    else if (difference > 0) secondWins++;
    else ties++;
  }
  const histogram = [...unitsWith]
    .sort(([a], [b]) => a - b)
    .map(([difference, units]) => ({ difference, units }));
  const variants = [first, second] as const;
  return { variants, n: credit.size, d, dd, firstWins, ties, secondWins, impressions, histogram };
}
