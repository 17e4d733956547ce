import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Decision } from '../db/experiment-states.ts';
import { readSealed, writeSealed } from '../files/durable-file.ts';

/** Stops that the database may not have yet, one file each, shared by the processes of a machine. */
export interface PendingStops {
  /** Durable on resolve. */
  add(stop: Decision): Promise<void>;
  /** Those of all processes. A damaged file is left out and told of in `damaged`. */
  read(): Promise<{ readonly stops: readonly Decision[]; readonly damaged: readonly string[] }>;
  /** For one that the database has. */
  remove(id: string): Promise<void>;
}

const SUFFIX = '.stop';

export async function openPendingStops(folder: string): Promise<PendingStops> {
  await mkdir(folder, { recursive: true });
  return {
    add: (stop) => writeSealed(join(folder, `${stop.id}${SUFFIX}`), JSON.stringify(stop)),
    async read() {
      const stops: Decision[] = [];
      const damaged: string[] = [];
      for (const name of (await readdir(folder)).filter((entry) => entry.endsWith(SUFFIX)).sort()) {
        const path = join(folder, name);
        const text = await readSealed(path);
        if (text !== undefined) stops.push(JSON.parse(text) as Decision);
        else damaged.push(path);
      }
      return { stops, damaged };
    },
    remove: (id) => rm(join(folder, `${id}${SUFFIX}`), { force: true }),
  };
}
