import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readSealed, writeSealed } from './durable-file.ts';

/** One version of something that is kept whole on disk. */
export interface Generation {
  readonly number: number;
  readonly text: string;
}

export interface Generations {
  /** The newest whole one; undefined where there is none. */
  readonly newest: Generation | undefined;
  /** Files of newer ones that are damaged, newest first. */
  readonly damaged: readonly string[];
}

/** Kept beside each other, the newest included. */
const KEPT = 2;
/** A temporary file this old belongs to a process that was killed, ms. */
const LEFT_MS = 60_000;
const NAME = /^(\d{16})\.generation$/;
const TEMPORARY = /^\d{16}\.generation\.\d+\.tmp$/;

const fileOf = (folder: string, number: number): string =>
  join(folder, `${String(number).padStart(16, '0')}.generation`);

/**
 * Adds a generation and removes all but the one before it. Durable on resolve; a crash leaves the earlier ones. Numbers only grow: one
 * that is not above the newest changes nothing but that generation itself.
 */
export async function saveGeneration(folder: string, { number, text }: Generation): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeSealed(fileOf(folder, number), text);
  const { numbers, temporary } = await listed(folder);
  for (const earlier of numbers.slice(KEPT)) await rm(fileOf(folder, earlier), { force: true });
  for (const name of temporary) await removeIfLeft(join(folder, name));
}

/** Another process may be about to rename a young one. */
async function removeIfLeft(path: string): Promise<void> {
  const written = await stat(path).catch(() => undefined);
  if (written !== undefined && Date.now() - written.mtimeMs > LEFT_MS) await rm(path, { force: true });
}

/** The newest generation that is whole. A folder that is not there has none. */
export async function readGenerations(folder: string): Promise<Generations> {
  const damaged: string[] = [];
  for (const number of (await listed(folder)).numbers) {
    const text = await readSealed(fileOf(folder, number));
    if (text !== undefined) return { newest: { number, text }, damaged };
    damaged.push(fileOf(folder, number));
  }
  return { newest: undefined, damaged };
}

/** Numbers of generations, newest first. */
async function listed(folder: string): Promise<{ numbers: number[]; temporary: string[] }> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const numbers = names.flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number);
  return { numbers: numbers.sort((a, b) => b - a), temporary: names.filter((name) => TEMPORARY.test(name)) };
}
