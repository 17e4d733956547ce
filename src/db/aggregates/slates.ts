import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { Tables } from '../tables.ts';

const ROWS = 4_000;

/** Rows of a query, a few thousand at a time: slates of a whole experiment do not fit in memory. */
export async function* streamRows<Row>(
  trx: Transaction<Tables>,
  query: RawBuilder<unknown>,
): AsyncGenerator<readonly Row[]> {
  await sql`declare slates no scroll cursor for ${query}`.execute(trx);
  while (true) {
    const { rows } = await sql<Row>`fetch ${sql.raw(String(ROWS))} from slates`.execute(trx);
    if (rows.length > 0) yield rows;
    if (rows.length < ROWS) break;
  }
  await sql`close slates`.execute(trx);
}
