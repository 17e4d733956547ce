import type { Transaction } from 'kysely';
import type { Database } from '../connect.ts';
import type { Tables } from '../tables.ts';
import { type MeasureSet, measureSet } from './measures.ts';
import type { UnitDaySet } from './roll-up.ts';
import type { Scope } from './scope.ts';
import { analysisTransaction } from './session.ts';
import { find, lockSet } from './unit-day-set.ts';
import { rebuildUnitDays } from './unit-days.ts';

const ATTEMPTS = 5;

/**
 * Work on the roll-up of a scope, in one transaction during which its tables stay. They are made anew where they are
 * missing: another cut-off came in between, or the server crashed.
 */
export async function readUnitDays<T>(
  db: Database,
  scope: Scope,
  work: (trx: Transaction<Tables>, tables: UnitDaySet, set: MeasureSet) => Promise<T>,
): Promise<T> {
  const set = measureSet(scope);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const result = await analysisTransaction(db, async (trx) => {
      await lockSet(trx, scope, 'read');
      const tables = await find(trx, scope, set);
      return tables && { value: await work(trx, tables, set) };
    });
    if (result) return result.value;
    await rebuildUnitDays(db, scope);
  }
  throw new Error(
    `the roll-up of ${scope.experiment.key} keeps being replaced by another one; analyse it again later`,
  );
}
