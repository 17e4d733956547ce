import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { Tables } from '../tables.ts';

const ROWS = 4_000;
/** They place the titles and the flags alike. */
const VERSIONS: readonly number[] = [1, 2];

/** Parts of a packed slate (`pack` in events), as SQL over the column `slate`. */
export const SLATE_VERSION = 'get_byte(slate, 0)';
export const SLATE_HAS_TEAMS = 'get_byte(slate, 1) = 1';
/** Little-endian int32, one per slot. */
export const SLATE_TITLES = 'substring(slate from 5 for 4 * get_byte(slate, 2))';

/** @throws when a slate was packed by another version of the format than these parts belong to */
export function demandVersion(...versions: readonly (number | null)[]): void {
  const unknown = versions.find((version) => version !== null && !VERSIONS.includes(version));
  if (unknown === undefined) return;
  throw new Error(`a slate has format version ${unknown}; this program reads ${VERSIONS.join(' and ')}`);
}

/** Rows of a query, a few thousand at a time: slates of a whole experiment do not fit in memory. */
export async function* streamRows<Row>(
  trx: Transaction<Tables>,
  query: RawBuilder<unknown>,
): AsyncGenerator<readonly Row[]> {
  // All rows are wanted, not the first few soon: a plan that suits those would take hours for the rest.
  await sql`set local cursor_tuple_fraction = 1`.execute(trx);
  await sql`declare slates no scroll cursor for ${query}`.execute(trx);
  while (true) {
    const { rows } = await sql<Row>`fetch ${sql.raw(String(ROWS))} from slates`.execute(trx);
    if (rows.length > 0) yield rows;
    if (rows.length < ROWS) break;
  }
  await sql`close slates`.execute(trx);
}
