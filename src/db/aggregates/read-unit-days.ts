import type { Transaction } from 'kysely';
import type { Database } from '../connect.ts';
import type { Tables } from '../tables.ts';
import { type MeasureSet, measureSet } from './measures.ts';
import type { Scope } from './scope.ts';
import { analysisTransaction } from './session.ts';
import { find, lockSet } from './unit-day-set.ts';
import { rebuildUnitDays } from './unit-days.ts';

const ATTEMPTS = 5;

/**
 * Work on the table of unit-days of a scope, in one transaction during which it stays. It is rolled up anew where it is
 * missing: another cut-off came in between, or the server crashed.
 */
export async function readUnitDays<T>(
  db: Database,
  scope: Scope,
  work: (trx: Transaction<Tables>, set: MeasureSet, table: string) => Promise<T>,
): Promise<T> {
  const set = measureSet(scope);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const result = await analysisTransaction(db, async (trx) => {
      await lockSet(trx, scope, 'read');
      const table = await find(trx, scope, set);
      return table === undefined ? undefined : { value: await work(trx, set, table) };
    });
    if (result) return result.value;
    await rebuildUnitDays(db, scope);
  }
  throw new Error(
    `the roll-up of ${scope.experiment.key} keeps being replaced by another one; analyse it again later`,
  );
}
