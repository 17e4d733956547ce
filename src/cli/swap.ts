import { resolve } from 'node:path';
import type { Command } from 'commander';
import { askServer, DEFAULT_SERVER, httpAddress, toldBy } from './server-address.ts';

/** Candidate lists of everyone may have to be made. */
const TIMEOUT_MS = 3_600_000;

export function registerSwap(program: Command): void {
  program
    .command('swap <folder>')
    .description(
      'let a running server serve the models of a folder: it takes them as a whole, or keeps its own (exit code 2)',
    )
    .option('--url <url>', 'a running server on this machine', httpAddress, DEFAULT_SERVER)
    .option('--json', 'one JSON document on stdout')
    .action(async (folder: string, { url, json }: { readonly url: string; readonly json?: boolean }) => {
      const body = { folder: resolve(folder) };
      const answer = await askServer(url, 'v1/models/swap', { body, timeoutMs: TIMEOUT_MS });
      const { models, changed, behind } = answer.body as {
        models: string;
        changed: boolean;
        behind: number;
      };
      if (json) process.stdout.write(`${JSON.stringify(answer.body, undefined, 2)}\n`);
      else if (answer.status === 200)
        process.stdout.write(`models ${models} are served${changed ? ' from now on' : ', as before'}\n`);
      if (answer.status === 200 && behind === 0) return;
      process.stderr.write(
        answer.status === 200
          ? `screentest: ${behind} processes of this server serve others still: its stderr says why\n`
          : `screentest: ${toldBy(answer)}\n`,
      );
      process.exitCode = answer.status === 409 ? 2 : 1;
    });
}
