import { mkdirSync, watch } from 'node:fs';
import { rm } from 'node:fs/promises';
import { copyFolder, copyModels, type KeptModels, keepModels, readKeptModels } from '../files/kept-models.ts';

export type Swap =
  | { readonly ok: true; readonly version: string; readonly changed: boolean }
  | { readonly ok: false; readonly reason: string };

/** The same of a server of several processes: how many of the others serve other models still. */
export type ServerSwap =
  | Extract<Swap, { ok: false }>
  | (Extract<Swap, { ok: true }> & { readonly behind: number });

export interface ModelsStats {
  /** Of the models served; grows with each swap, 0 for those of the start's own training. */
  readonly generation: number;
  readonly version: string;
  /** Swaps that were refused by this process. */
  readonly refusals: number;
  /** Another process took models that this one could not. */
  readonly behind: boolean;
}

/** The models in force, which change as a whole or not at all. */
export interface LiveModels {
  /** Takes the models of a folder, once they have shown that they can be served; else those before them stay. */
  swap(folder: string): Promise<Swap>;
  /** Takes now what another process took. @returns the version served */
  follow(): Promise<string>;
  stats(): ModelsStats;
  close(): void;
}

export interface LiveModelsOptions<Models extends { readonly version: string }> {
  /** Where swapped-in models are kept, shared by the processes of a machine. */
  readonly keptIn: string;
  /** Version of the models served at the start, and their generation. */
  readonly first: { readonly version: string; readonly kept: KeptModels | undefined };
  /** Models of a folder, ready to serve the next request. Rejects with the file and the mend where they cannot be served. */
  readonly load: (folder: string) => Promise<Models>;
  /** Serves these from the next request on. */
  readonly take: (models: Models) => void;
  readonly note: (text: string) => void;
  /** Longest pause between two looks at what another process took, ms. */
  readonly lookMs?: number;
}

/**
 * Swaps models while they serve. What is to be served is copied first: what was tried is what is kept, and what a restart begins
 * with. Every process that shares the disk follows.
 */
export function openLiveModels<Models extends { readonly version: string }>(
  options: LiveModelsOptions<Models>,
): LiveModels {
  const { keptIn, first, load, take, note, lookMs = 250 } = options;
  mkdirSync(keptIn, { recursive: true });
  let { version } = first;
  let served = first.kept ?? { generation: 0, folder: '' };
  let refusals = 0;
  /** What another process took and this one could not. */
  let failed: KeptModels | undefined;
  let closed = false;

  const isNew = (kept: KeptModels, than: KeptModels): boolean =>
    kept.generation > than.generation || (kept.generation === than.generation && kept.folder !== than.folder);

  function serve(kept: KeptModels, models: Models): void {
    take(models);
    [served, version, failed] = [kept, models.version, undefined];
    note(`Models ${version} are served from now on.`);
  }

  /** What another process took since. */
  async function look(): Promise<void> {
    if (closed) return;
    const kept = await readKeptModels(keptIn);
    if (kept === undefined || !isNew(kept, served) || (failed !== undefined && !isNew(kept, failed))) return;
    try {
      serve(kept, await load(kept.folder));
    } catch (error) {
      failed = kept;
      note(`models that another process took are refused, ${version} stays: ${(error as Error).message}`);
    }
  }

  async function swap(from: string): Promise<Swap> {
    await look();
    const generation = Math.max(served.generation, failed?.generation ?? 0) + 1;
    const kept = { generation, folder: copyFolder(keptIn, generation) };
    try {
      await copyModels(from, kept.folder);
      const models = await load(kept.folder);
      if (models.version === version) {
        await rm(kept.folder, { recursive: true, force: true });
        return { ok: true, version, changed: false };
      }
      await keepModels(keptIn, kept);
      serve(kept, models);
      return { ok: true, version, changed: true };
    } catch (error) {
      refusals++;
      await rm(kept.folder, { recursive: true, force: true }).catch(() => {});
      const reason = (error as Error).message.replaceAll(kept.folder, from);
      note(`models are refused, ${version} stays: ${reason}`);
      return { ok: false, reason };
    }
  }

  let work: Promise<unknown> = Promise.resolve();
  /** One after the other. */
  function next<T>(run: () => Promise<T>): Promise<T> {
    const result = work.then(run);
    work = result.catch(() => {});
    return result;
  }

  const quietly = (): void => void next(look).catch(() => {});
  const watcher = watch(keptIn, quietly);
  watcher.on('error', () => {});
  const timer = setInterval(quietly, lookMs);
  return {
    swap: (folder) => next(() => swap(folder)),
    follow: () => next(look).then(() => version),
    stats: () => ({ generation: served.generation, version, refusals, behind: failed !== undefined }),
    close() {
      closed = true;
      clearInterval(timer);
      watcher.close();
    },
  };
}
