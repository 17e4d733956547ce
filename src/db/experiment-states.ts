import { sql } from 'kysely';
import type { ExperimentState } from '../assignment/assign.ts';
import type { Database } from './connect.ts';

/** One decision about a running experiment; what is absent stays as it was. */
export interface StateChange {
  readonly environment: string;
  readonly experiment: string;
  readonly iteration: number;
  /** Epoch ms. */
  readonly at: number;
  /** Row of the ramp phase in force from now on. */
  readonly phase?: number;
  readonly stopped?: boolean;
  /** Stopped at once, for harm. */
  readonly killed?: boolean;
  readonly reason: string;
}

/**
 * Appends a change and tells every listener of `experiment_state`.
 *
 * @returns its version; versions only grow
 */
export async function changeExperimentState(db: Database, change: StateChange): Promise<number> {
  return await db.kysely.transaction().execute(async (trx) => {
    const { version } = await trx
      .insertInto('experiment_state')
      .values({
        environment: change.environment,
        experiment: change.experiment,
        iteration: change.iteration,
        at: change.at,
        phase: change.phase ?? null,
        stopped: change.stopped ?? null,
        killed: change.killed ?? null,
        reason: change.reason,
      })
      .returning('version')
      .executeTakeFirstOrThrow();
    await sql`select pg_notify('experiment_state', ${String(version)})`.execute(trx);
    return version;
  });
}

/**
 * The state in force, by experiment key: per column the newest value given. Of an experiment with several iterations,
 * that of the iteration named in `iterations`; of the newest one with a state where none is named.
 */
export async function loadExperimentStates(
  db: Database,
  environment: string,
  iterations: ReadonlyMap<string, number> = new Map(),
): Promise<Map<string, ExperimentState>> {
  const rows = await db.kysely
    .selectFrom('experiment_state')
    .select(['experiment', 'iteration', 'phase', 'stopped', 'killed'])
    .where('environment', '=', environment)
    .orderBy('iteration')
    .orderBy('version')
    .execute();
  const states = new Map<string, { iteration: number; phase?: number; stopped?: boolean }>();
  for (const row of rows) {
    if (row.iteration !== (iterations.get(row.experiment) ?? row.iteration)) continue;
    const before = states.get(row.experiment);
    const state = before?.iteration === row.iteration ? before : { iteration: row.iteration };
    if (row.phase !== null) state.phase = row.phase;
    const stopped = row.killed === true ? true : row.stopped;
    if (stopped !== null) state.stopped = stopped;
    states.set(row.experiment, state);
  }
  return new Map([...states].map(([key, { iteration: _, ...state }]) => [key, state]));
}
