import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The operating-system account that the server runs as; empty for the current one. */
export interface Account {
  readonly uid?: number;
  readonly gid?: number;
  /** The account may not walk to the files it needs: its programs get the capability to, and no other. */
  readonly mayNotWalk?: boolean;
}

/** A program as the account runs it: file, arguments and the options of `spawn`. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly options: { readonly uid?: number; readonly gid?: number };
}

/**
 * Runs a program as the account. Root's own folders are often closed to others (0700), and so are a checkout and its
 * node_modules in them; there `setpriv` (util-linux) changes the account and lets it walk and read, as root may.
 */
export function as({ uid, gid, mayNotWalk }: Account, file: string, args: readonly string[]): Command {
  if (uid === undefined || gid === undefined) return { file, args, options: {} };
  if (!mayNotWalk) return { file, args, options: { uid, gid } };
  // Without that bit, access(2), by which Postgres looks for its programs, would not count the capability.
  const identity = ['--securebits=+no_setuid_fixup', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
  const walk = ['--inh-caps=+dac_read_search', '--ambient-caps=+dac_read_search'];
  return { file: 'setpriv', args: [...identity, ...walk, '--', file, ...args], options: {} };
}

/**
 * Postgres refuses to run as root, so root hands the server to the user `postgres`, made when it is missing.
 *
 * @param places  folders that the account must be able to walk to
 * @throws when there is no such user and none can be made
 */
export async function postgresAccount(places: readonly string[]): Promise<Account> {
  if (process.getuid?.() !== 0) return {};
  const account = await findOrMake();
  for (const place of places) if (!(await walkable(place))) return { ...account, mayNotWalk: true };
  return account;
}

async function findOrMake(): Promise<Account> {
  const existing = await lookUp();
  if (existing) return existing;
  try {
    await run('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']);
  } catch (cause) {
    throw new Error(
      'Postgres does not run as root and no user "postgres" exists or could be made; run as an ordinary user, make that user, or set DATABASE_URL',
      { cause },
    );
  }
  return (await lookUp()) ?? {};
}

async function lookUp(): Promise<Account | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', 'postgres']), run('id', ['-g', 'postgres'])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

/** Whether anyone may walk from the root of the file system to this folder's parent. */
async function walkable(place: string): Promise<boolean> {
  for (let folder = dirname(place); ; folder = dirname(folder)) {
    const { mode } = await stat(folder);
    if ((mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}
