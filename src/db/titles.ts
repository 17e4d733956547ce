import { sql } from 'kysely';
import type { Catalogue } from '../ranking/catalogue.ts';
import type { Database } from './connect.ts';

/** Replaces the titles and genres of an environment: what metrics filter by. One transaction. */
export async function saveTitles(db: Database, environment: string, catalogue: Catalogue): Promise<void> {
  await db.kysely.transaction().execute(async (trx) => {
    await trx.deleteFrom('title').where('environment', '=', environment).execute();
    await trx.deleteFrom('genre').where('environment', '=', environment).execute();
    await sql`insert into genre select ${environment}, place - 1, name
      from unnest(${[...catalogue.genres]}::text[]) with ordinality as genre(name, place)`.execute(trx);
    await sql`insert into title select ${environment}, place - 1, id, name, mask, primary_genre, tail = 1
      from unnest(${[...catalogue.ids]}::text[], ${[...catalogue.names]}::text[], ${Array.from(catalogue.genreMask)}::bigint[],
        ${Array.from(catalogue.primaryGenre)}::smallint[], ${Array.from(catalogue.longTail)}::smallint[])
        with ordinality as title(id, name, mask, primary_genre, tail, place)`.execute(trx);
  });
}
