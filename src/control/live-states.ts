import { watch } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExperimentState } from '../assignment/assign.ts';
import { inForce, type StateRow, statesOf } from '../assignment/states.ts';
import type { Decision } from '../db/experiment-states.ts';
import { readGenerations, saveGeneration } from '../files/generations.ts';
import type { Decisions } from './decisions.ts';
import { openPendingStops } from './pending-stops.ts';

/** Where a decision is kept once `decide` has resolved. */
export type Kept =
  | { readonly where: 'database'; readonly version: number }
  /** On this machine; handed on when the database is back. */
  | { readonly where: 'machine' };

export interface StatesStats {
  /** Of the newest decision in force that the database has told; 0 for none. */
  readonly version: number;
  /** Stops in force that the database does not have yet. */
  readonly pending: number;
  /** ms since the database last answered; undefined where it never did. */
  readonly silentMs: number | undefined;
  /** The database tells of fewer decisions than are in force: what it lost is not undone here. */
  readonly databaseBehind: boolean;
  readonly damagedFiles: number;
}

/** What operators decided about running experiments, in this process and at this moment. */
export interface LiveStates {
  /** By experiment key; the same map until something changed. */
  current(): ReadonlyMap<string, ExperimentState>;
  /**
   * Puts a decision in force. A stop is in force here at once, and durable on this machine, whether or not the database answers.
   * Anything else needs the database.
   *
   * @throws when it is not durable; a stop is in force in this process all the same
   */
  decide(decision: Decision): Promise<Kept>;
  stats(): StatesStats;
  close(): Promise<void>;
}

export interface LiveStatesOptions {
  /** Where the states are kept between starts, shared by the processes of a machine. */
  readonly folder: string;
  /** @param heard to be called whenever a decision came in */
  readonly decisions: (heard: () => void) => Decisions;
  /** Iterations now declared, by experiment key; the same map until they change. */
  readonly iterations: () => ReadonlyMap<string, number>;
  readonly note: (text: string) => void;
  /** Longest pause between two looks at the database, for what was not heard, ms. */
  readonly pollMs?: number;
  /** Longest pause between two looks at the folder, ms. */
  readonly lookMs?: number;
  /** Longest wait for the database at the start, ms. */
  readonly firstMs?: number;
}

const isStop = ({ stopped, killed }: Decision): boolean => stopped === true || killed === true;

/**
 * States that follow the database: it notifies, and is asked every `pollMs` for what was missed. What it told last lies on disk, so a
 * start without it goes on from there. Versions only grow: what an older one says changes nothing.
 *
 * @throws where neither the database nor the disk tells the states
 */
export async function openLiveStates(options: LiveStatesOptions): Promise<LiveStates> {
  const { folder, note, pollMs = 500, lookMs = 250, firstMs = 3_000 } = options;
  await mkdir(folder, { recursive: true });
  const pendingFolder = join(folder, 'pending');
  const files = await openPendingStops(pendingFolder);

  let version = -1;
  let rows: readonly StateRow[] = [];
  /** By id. Removed once the database tells them as well. */
  const pending = new Map<string, Decision>();
  let heardAt: number | undefined;
  let databaseBehind = false;
  let damagedFiles = 0;
  let map: ReadonlyMap<string, ExperimentState> | undefined;
  let mapFor: ReadonlyMap<string, number> | undefined;

  const kept = await readGenerations(folder);
  damagedFiles += kept.damaged.length;
  for (const path of kept.damaged) note(`${path} is damaged: the states of experiments before it are used`);
  if (kept.newest !== undefined) {
    version = kept.newest.number;
    rows = JSON.parse(kept.newest.text) as StateRow[];
  }

  async function look(): Promise<void> {
    const { stops, damaged } = await files.read();
    damagedFiles = kept.damaged.length + damaged.length;
    for (const stop of stops) {
      if (pending.has(stop.id)) continue;
      pending.set(stop.id, stop);
      map = undefined;
    }
  }

  async function ask(): Promise<void> {
    // The database has what is pending before it is read: it then tells all that is in force.
    const handedOn = [...pending.values()];
    for (const stop of handedOn) await decisions.save(stop);
    const told = await decisions.read();
    heardAt = performance.now();
    const newest = told.at(-1)?.version ?? 0;
    if (databaseBehind !== newest < version)
      note(
        newest < version
          ? `the database tells of decisions up to version ${newest}, ${version} is in force: what is in force stays`
          : 'the database has all decisions that are in force again',
      );
    databaseBehind = newest < version;
    if (newest > version) {
      const next = inForce(told);
      await saveGeneration(folder, { number: newest, text: JSON.stringify(next) }).catch((error: Error) =>
        note(`states of experiments are not kept on disk: ${error.message}`),
      );
      rows = next;
      version = newest;
      map = undefined;
    }
    if (databaseBehind) return;
    for (const { id } of handedOn) {
      await files.remove(id);
      if (pending.delete(id)) map = undefined;
    }
  }

  let asking: Promise<void> | undefined;
  let again = false;
  /** One at a time; a call meanwhile makes it ask once more. */
  function refresh(): Promise<void> {
    if (asking !== undefined) {
      again = true;
      return asking;
    }
    asking = (async () => {
      do {
        again = false;
        await ask();
      } while (again);
    })().finally(() => {
      asking = undefined;
    });
    return asking;
  }
  const quietly = (work: Promise<void>): void => void work.catch(() => {});

  const decisions = options.decisions(() => quietly(refresh()));
  await look();
  const first = refresh();
  let failure: unknown;
  await Promise.race([first, new Promise((resolve) => setTimeout(resolve, firstMs).unref())]).catch(
    (error) => {
      failure = error;
    },
  );
  if (heardAt === undefined && version < 0) {
    await decisions.close();
    throw new Error(
      `what operators decided about experiments is not known: the database does not tell (${failure instanceof Error ? failure.message : `no answer within ${firstMs} ms`}), and ${folder} holds nothing of an earlier start; start Postgres`,
    );
  }
  quietly(first);
  version = Math.max(version, 0);

  const watcher = watch(pendingFolder, () => quietly(look()));
  watcher.on('error', () => {});
  const timers = [setInterval(() => quietly(refresh()), pollMs), setInterval(() => quietly(look()), lookMs)];

  return {
    current() {
      const iterations = options.iterations();
      if (map === undefined || mapFor !== iterations) {
        mapFor = iterations;
        map = statesOf(inForce([...rows, ...pending.values()]), iterations);
      }
      return map;
    },
    async decide(decision) {
      if (!isStop(decision)) {
        // A stop that waits was decided before this.
        await refresh();
        if (databaseBehind)
          throw new Error(
            `the database has lost decisions that are in force here; stop the servers and remove ${folder} to go on from what the database tells`,
          );
        const saved = await decisions.save(decision);
        await refresh();
        return { where: 'database', version: saved };
      }
      pending.set(decision.id, decision);
      map = undefined;
      const onDisk = files.add(decision);
      try {
        const saved = await decisions.save(decision);
        await onDisk.catch(() => {});
        await refresh();
        return { where: 'database', version: saved };
      } catch {
        await onDisk;
        return { where: 'machine' };
      }
    },
    stats: () => ({
      version,
      pending: pending.size,
      silentMs: heardAt === undefined ? undefined : performance.now() - heardAt,
      databaseBehind,
      damagedFiles,
    }),
    async close() {
      for (const timer of timers) clearInterval(timer);
      watcher.close();
      await asking?.catch(() => {});
      await decisions.close();
    },
  };
}
