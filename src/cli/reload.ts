import type { Command } from 'commander';
import { askServer, DEFAULT_SERVER, httpAddress, toldBy } from './server-address.ts';

/** Reading declarations happens in a process of its own, which takes its time on a busy machine. */
const TIMEOUT_MS = 30_000;

export function registerReload(program: Command): void {
  program
    .command('reload')
    .description(
      'let a running server read its declarations anew: it takes all of them, or nothing (exit code 2)',
    )
    .option('--url <url>', 'a running server', httpAddress, DEFAULT_SERVER)
    .option('--json', 'one JSON document on stdout')
    .action(async ({ url, json }: { readonly url: string; readonly json?: boolean }) => {
      const answer = await askServer(url, 'v1/configuration/reload', { body: {}, timeoutMs: TIMEOUT_MS });
      const { configuration, changed } = answer.body as { configuration: string; changed: boolean };
      if (json) process.stdout.write(`${JSON.stringify(answer.body, undefined, 2)}\n`);
      else if (answer.status === 200)
        process.stdout.write(`${configuration} is served${changed ? ' from now on' : ', as before'}\n`);
      if (answer.status === 200) return;
      process.stderr.write(`screentest: ${toldBy(answer)}\n`);
      process.exitCode = answer.status === 409 ? 2 : 1;
    });
}
