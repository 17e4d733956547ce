import { access, cp, mkdir, open, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { ITEM_SOURCES } from '../ranking/item-models.ts';
import { syncFolder } from './durable-file.ts';
import { FileSetError } from './file-set.ts';
import { readGenerations, saveGeneration } from './generations.ts';

/** Models that were swapped in: a copy of its own, so that what is served does not change with the folder it came from. */
export interface KeptModels {
  /** Grows with each swap; 0: none was kept yet. */
  readonly generation: number;
  readonly folder: string;
}

const COPY = /^(\d+)-\d+$/;

/** Where a process may put the copy of a generation. */
export const copyFolder = (keptIn: string, generation: number): string =>
  join(keptIn, `${generation}-${process.pid}`);

/** The models kept last; undefined where there are none. Files that are damaged are told of. */
export async function readKeptModels(
  keptIn: string,
  onDamage: (path: string) => void = () => {},
): Promise<KeptModels | undefined> {
  const { newest, damaged } = await readGenerations(keptIn);
  for (const path of damaged) onDamage(path);
  return newest === undefined ? undefined : { generation: newest.number, folder: join(keptIn, newest.text) };
}

/** Copies what is served of a folder of models, item models and candidate lists included. Durable on resolve. */
export async function copyModels(from: string, to: string): Promise<void> {
  const manifest = join(from, 'manifest.json');
  await access(manifest).catch((cause) => {
    throw new FileSetError(`${manifest}: is missing; name a folder that \`npx screentest train\` wrote`, {
      cause,
    });
  });
  await rm(to, { recursive: true, force: true });
  await mkdir(to, { recursive: true });
  const served = (path: string): boolean => {
    if (path.endsWith('.tmp') || path.endsWith('.part')) return false;
    const top = relative(from, path).split(sep)[0]!;
    return top === '' || top.includes('.') || ITEM_SOURCES.some((source) => source === top);
  };
  await cp(from, to, { recursive: true, filter: served });
  for (const entry of await readdir(to, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = await open(join(entry.parentPath, entry.name), 'r');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }
  await syncFolder(to);
  await syncFolder(dirname(to));
}

/** From now on a start takes this copy. Copies older than the one before it are removed. */
export async function keepModels(keptIn: string, { generation, folder }: KeptModels): Promise<void> {
  await saveGeneration(keptIn, { number: generation, text: basename(folder) });
  for (const name of await readdir(keptIn)) {
    const number = Number(COPY.exec(name)?.[1] ?? Number.NaN);
    if (number < generation - 1) await rm(join(keptIn, name), { recursive: true, force: true });
  }
}
