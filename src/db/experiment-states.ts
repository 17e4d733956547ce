import { sql } from 'kysely';
import type { StateChange } from '../assignment/states.ts';
import type { Database } from './connect.ts';

/** A decision about a running experiment: who, when and why beside what. */
export interface Decision extends StateChange {
  /** UUID: handed on twice, it is one decision. */
  readonly id: string;
  readonly environment: string;
  /** Epoch ms. */
  readonly at: number;
  readonly by: string;
  readonly reason: string;
}

/** A decision the database holds. Versions only grow. */
export interface StoredDecision extends Decision {
  readonly version: number;
}

/** Where listeners hear that a decision came in. */
export const CHANNEL = 'experiment_state';
/** Any constant: decisions come in one after the other, so that a version is never seen before one below it. */
const LOCK = 7_265_412_391;

/**
 * Appends a decision and tells every listener. One that came in before changes nothing.
 *
 * @returns its version
 */
export async function saveDecision(db: Database, decision: Decision): Promise<number> {
  return await db.kysely.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${LOCK})`.execute(trx);
    const added = await trx
      .insertInto('experiment_state')
      .values({
        id: decision.id,
        environment: decision.environment,
        experiment: decision.experiment,
        iteration: decision.iteration,
        at: decision.at,
        phase: decision.phase ?? null,
        stopped: decision.stopped ?? null,
        killed: decision.killed ?? null,
        reason: decision.reason,
        decided_by: decision.by,
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('version')
      .executeTakeFirst();
    if (added === undefined) {
      const { version } = await trx
        .selectFrom('experiment_state')
        .select('version')
        .where('id', '=', decision.id)
        .executeTakeFirstOrThrow();
      return version;
    }
    await sql`select pg_notify(${CHANNEL}, ${String(added.version)})`.execute(trx);
    return added.version;
  });
}

/** All decisions of an environment, in the order of their versions. */
export async function readDecisions(db: Database, environment: string): Promise<StoredDecision[]> {
  const rows = await db.kysely
    .selectFrom('experiment_state')
    .selectAll()
    .where('environment', '=', environment)
    .orderBy('version')
    .execute();
  return rows.map(({ phase, stopped, killed, decided_by, ...row }) => ({
    ...row,
    by: decided_by,
    ...(phase === null ? {} : { phase }),
    ...(stopped === null ? {} : { stopped }),
    ...(killed === null ? {} : { killed }),
  }));
}
