import { createHash } from 'node:crypto';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { Tables } from '../tables.ts';
import type { MeasureSet } from './measures.ts';
import type { UnitDaySet } from './roll-up.ts';
import type { Scope } from './scope.ts';
import { analysedBy } from './units.ts';

type Sql = RawBuilder<unknown>;

const setOf = (id: number): UnitDaySet => ({
  units: `unit_${id}`,
  days: `unit_day_${id}`,
  analysed: `analysed_${id}`,
});

function here({ environment, experiment }: Scope): Sql {
  return sql`environment = ${environment} and experiment = ${experiment.key} and iteration = ${experiment.iteration}`;
}

/** Until the end of the transaction. Roll-ups of one experiment take turns, and wait for those who read the last one. */
export async function lockSet(
  trx: Transaction<Tables>,
  scope: Scope,
  purpose: 'read' | 'write',
): Promise<void> {
  const lock = `${scope.environment}/${scope.experiment.key}`;
  const take = sql.raw(purpose === 'read' ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock');
  await sql`select ${take}(hashtextextended(${lock}, 0))`.execute(trx);
}

/** Removes the last roll-up. */
export async function forget(trx: Transaction<Tables>, scope: Scope): Promise<void> {
  const old = await sql<{ id: number }>`delete from unit_day_set where ${here(scope)} returning id`.execute(
    trx,
  );
  for (const { units, days, analysed } of old.rows.map(({ id }) => setOf(id)))
    await sql`drop table if exists ${sql.raw(units)}, ${sql.raw(days)}, ${sql.raw(analysed)}`.execute(trx);
}

/** @returns the number and the tables, not made yet, of a new set */
export async function remember(
  trx: Transaction<Tables>,
  scope: Scope,
  set: MeasureSet,
): Promise<UnitDaySet & { readonly id: number }> {
  const { rows } = await sql<{ id: number }>`
    insert into unit_day_set (environment, experiment, iteration, measures, hash, cutoff, unit_days)
    values (${scope.environment}, ${scope.experiment.key}, ${scope.experiment.iteration},
      ${JSON.stringify(set.keys)}::jsonb, ${hashOf(scope, set)}, ${scope.cutoff}, 0) returning id`.execute(
    trx,
  );
  const { id } = rows[0] as { id: number };
  return { id, ...setOf(id) };
}

/** Tables of the last roll-up; undefined where that was of something else, or a crash emptied it. */
export async function find(
  trx: Transaction<Tables>,
  scope: Scope,
  set: MeasureSet,
): Promise<UnitDaySet | undefined> {
  const { rows } = await sql<{ id: number; unit_days: number }>`
    select id, unit_days from unit_day_set
    where ${here(scope)} and hash = ${hashOf(scope, set)} and cutoff = ${scope.cutoff}`.execute(trx);
  const known = rows[0];
  if (!known) return undefined;
  const tables = setOf(known.id);
  if (known.unit_days === 0) return tables;
  const some = await sql`select from ${sql.raw(tables.days)} limit 1`.execute(trx);
  return some.rows.length > 0 ? tables : undefined;
}

/** Of everything but events and cut-off that a roll-up depends on. */
function hashOf(scope: Scope, set: MeasureSet): string {
  const { startMs, durationMs, surface } = scope.experiment;
  const { keys, kept, daysBefore } = set;
  const text = JSON.stringify({
    keys,
    kept,
    daysBefore,
    startMs,
    durationMs,
    surface,
    analysed: analysedBy(scope, set),
  });
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
