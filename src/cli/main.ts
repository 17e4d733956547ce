import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { InvalidInput } from '../files/invalid-input.ts';
import { registerEvaluate } from './evaluate.ts';
import { registerReport } from './report.ts';
import { registerSchema } from './schema.ts';
import { registerStart } from './start.ts';
import { registerTrain } from './train.ts';
import { registerValidate } from './validate.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const program = new Command('screentest')
  .description('Experimentation for recommender teams: from a YAML declaration to a verdict with reasons.')
  .version(version)
  .showHelpAfterError('(screentest --help lists the commands)')
  .configureHelp({ sortSubcommands: false });

program.exitOverride((error) => {
  // Commander's own usage errors are invalid input; help and version are not errors.
  process.exit(error.exitCode === 0 ? 0 : 2);
});

registerStart(program);
registerValidate(program);
registerReport(program);
registerTrain(program);
registerEvaluate(program);
registerSchema(program);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`screentest: ${error instanceof Error ? error.message : String(error)}\n`);
  if (process.env.SCREENTEST_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exit(error instanceof InvalidInput ? 2 : 1);
}
