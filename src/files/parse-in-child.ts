import { fork } from 'node:child_process';
import type { ParseResult } from '../declaration/parse.ts';
import { parseDeclarations } from '../declaration/parse.ts';
import type { SourceFile } from '../declaration/source-file.ts';
import { stageDefinitions } from '../variants/registry.ts';

/** Longest time that reading declarations may take, ms. */
const LONGEST_MS = 20_000;

/**
 * `parseDeclarations` in a process of its own: a file that ends its reader does not end a server, and nobody waits for the event loop.
 * Run from TypeScript sources (tests), where no compiled file exists, it is done in this process.
 */
export function parseInChild(files: readonly SourceFile[]): Promise<ParseResult> {
  if (import.meta.url.endsWith('.ts')) return Promise.resolve(parseDeclarations(files, stageDefinitions));
  return new Promise((resolve) => {
    const child = fork(new URL('./parse-child.js', import.meta.url), {
      serialization: 'advanced',
      execArgv: ['--max-old-space-size=512'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      timeout: LONGEST_MS,
      killSignal: 'SIGKILL',
    });
    const failed = (how: string): void =>
      resolve({
        ok: false,
        errors: [
          {
            file: files[0]?.path ?? '',
            line: 1,
            column: 1,
            path: '',
            problem: `the declarations ended the process that read them (${how})`,
            mend: 'look for what changed last; `npx screentest validate FILE` reads one file',
          },
        ],
      });
    child.once('message', (result) => {
      resolve(result as ParseResult);
      child.kill();
    });
    child.once('error', (error) => failed(error.message));
    child.once('exit', (code, signal) => failed(signal ?? `exit code ${code}`));
    child.send(files);
  });
}
