import type { Command } from 'commander';
import { type DecideOptions, decide, decisionCommand } from './decide.ts';

export function registerStop(program: Command): void {
  decisionCommand(
    program,
    'stop',
    'stop an experiment on running servers: everyone gets the default pipeline',
  )
    .option('--harm', 'it is stopped for harm: a kill')
    .action((key: string, options: DecideOptions & { readonly harm?: boolean }) =>
      decide(key, options, { action: options.harm ? 'kill' : 'stop' }),
    );
}
