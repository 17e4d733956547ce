import type { Command } from 'commander';
import { type DecideOptions, decide, decisionCommand } from './decide.ts';
import { whole } from './whole.ts';

export function registerRamp(program: Command): void {
  decisionCommand(program, 'ramp', 'put a phase of the declared ramp in force, whatever the clock says')
    .argument('<phase>', 'row of the ramp, from 0', whole(0, 1_000))
    .action((key: string, phase: number, options: DecideOptions) =>
      decide(key, options, { action: 'ramp', phase }),
    );
}
