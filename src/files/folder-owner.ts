import { readFile, rm, writeFile } from 'node:fs/promises';

/** The process that a data folder belongs to while it runs. */
interface Owner {
  readonly pid: number;
  /** Start of that process in the system's own terms, '' where the system does not tell: guards against a reused pid. */
  readonly started: string;
}

/**
 * Takes a folder for this process; a dead owner is replaced.
 *
 * @returns a function that gives the folder back
 * @throws when a live process owns it
 */
export async function takeFolder(file: string, folder: string): Promise<() => Promise<void>> {
  for (let attempt = 0; attempt < 3; attempt++) {
    const mine: Owner = { pid: process.pid, started: await startOf(process.pid) };
    try {
      await writeFile(file, JSON.stringify(mine), { flag: 'wx' });
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = await readOwner(file);
    if (owner && (await isAlive(owner))) {
      throw new Error(
        `the folder ${folder} is in use by process ${owner.pid}; stop that process, or give another folder`,
      );
    }
    await rm(file, { force: true });
  }
  throw new Error(`the folder ${folder} is being taken by another process; give another folder`);
}

async function readOwner(file: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}

async function isAlive(owner: Owner): Promise<boolean> {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return owner.started === (await startOf(owner.pid));
}

async function startOf(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything; field 22, the start in ticks since boot, is the 20th after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
