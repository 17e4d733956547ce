import { sql } from 'kysely';
import type { Database } from './connect.ts';

/** What one unit watched, oldest first: parallel arrays. */
export interface UnitWatches {
  readonly unit: string;
  /** Catalogue rows. */
  readonly titles: readonly number[];
  readonly seconds: readonly number[];
  /** Epoch ms. */
  readonly at: readonly number[];
}

/** Watches logged in an environment, by unit: what the directory of viewers is rebuilt from after a restart. */
export async function readWatches(db: Database, environment: string): Promise<readonly UnitWatches[]> {
  const { rows } = await sql<UnitWatches>`
    with watch as (
      select o.unit, item.title, item.value, o.at + item.after_ms as at
      from outcome o
      cross join lateral unnest(o.name_id, o.value, o.title, o.after_ms) as item (name_id, value, title, after_ms)
      where o.environment = ${environment} and item.title >= 0
        and item.name_id = (select id from outcome_name where name = 'watch')
    )
    select unit,
      array_agg(title::bigint order by at, title) as titles,
      array_agg(value order by at, title) as seconds,
      array_agg(at order by at, title) as at
    from watch group by unit`.execute(db.kysely);
  return rows;
}
