import type { Command } from 'commander';
import { type DecideOptions, decide, decisionCommand } from './decide.ts';

export function registerResume(program: Command): void {
  decisionCommand(program, 'resume', 'let a stopped experiment go on').action(
    (key: string, options: DecideOptions) => decide(key, options, { action: 'resume' }),
  );
}
