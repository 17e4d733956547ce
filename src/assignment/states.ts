import type { ExperimentState } from './assign.ts';

/** What is in force of one iteration of an experiment. */
export interface StateRow extends ExperimentState {
  readonly experiment: string;
  readonly iteration: number;
}

/** One decision of operators; what is absent stays as it was. */
export interface StateChange extends StateRow {
  /** Stopped at once, for harm. */
  readonly killed?: boolean;
}

/**
 * What is in force after decisions made one after the other: per iteration and column the newest value given. A kill stops, and
 * so does `stopped: true`; only a later `stopped: false` lets an experiment go on.
 */
export function inForce(changes: Iterable<StateChange>): StateRow[] {
  const rows = new Map<
    string,
    { experiment: string; iteration: number; phase?: number; stopped?: boolean }
  >();
  for (const { experiment, iteration, phase, stopped, killed } of changes) {
    const name = JSON.stringify([experiment, iteration]);
    const row = rows.get(name) ?? { experiment, iteration };
    if (phase !== undefined) row.phase = phase;
    const ends = killed === true ? true : stopped;
    if (ends !== undefined) row.stopped = ends;
    rows.set(name, row);
  }
  return [...rows.values()];
}

/**
 * State by experiment key. Of an experiment with several iterations, that of the iteration named in `iterations`; of the newest one
 * with a state where none is named.
 */
export function statesOf(
  rows: readonly StateRow[],
  iterations: ReadonlyMap<string, number> = new Map(),
): Map<string, ExperimentState> {
  const states = new Map<string, ExperimentState>();
  for (const { experiment, iteration, ...state } of [...rows].sort((a, b) => a.iteration - b.iteration)) {
    if (iteration === (iterations.get(experiment) ?? iteration)) states.set(experiment, state);
  }
  return states;
}
