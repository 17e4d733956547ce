import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The folder of the built pages; builds them where they are absent or older than their sources. */
export async function builtPages(): Promise<string> {
  const folder = join(root, 'dist/web');
  const index = join(folder, 'index.html');
  const sources = [join(root, 'web'), join(root, 'src/analysis')];
  if (!existsSync(index) || sources.some((source) => newest(source) > statSync(index).mtimeMs)) {
    const vite = join(root, 'node_modules/vite/bin/vite.js');
    const args = [vite, 'build', '--config', 'web/vite.config.ts', '--logLevel', 'warn'];
    await promisify(execFile)(process.execPath, args, { cwd: root });
  }
  return folder;
}

function newest(folder: string): number {
  return Math.max(
    0,
    ...readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
  );
}
