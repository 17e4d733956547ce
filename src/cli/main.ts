import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { InvalidInput } from '../files/invalid-input.ts';

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

/** In the order of the help. Only the command that is asked for is loaded: some bring a server along. */
const commands: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  start: async () => (await import('./start.ts')).registerStart,
  validate: async () => (await import('./validate.ts')).registerValidate,
  stop: async () => (await import('./stop.ts')).registerStop,
  resume: async () => (await import('./resume.ts')).registerResume,
  ramp: async () => (await import('./ramp.ts')).registerRamp,
  reload: async () => (await import('./reload.ts')).registerReload,
  swap: async () => (await import('./swap.ts')).registerSwap,
  report: async () => (await import('./report.ts')).registerReport,
  events: async () => (await import('./events.ts')).registerEvents,
  reproduce: async () => (await import('./reproduce.ts')).registerReproduce,
  calibrate: async () => (await import('./calibrate.ts')).registerCalibrate,
  train: async () => (await import('./train.ts')).registerTrain,
  features: async () => (await import('./features.ts')).registerFeatures,
  precompute: async () => (await import('./precompute.ts')).registerPrecompute,
  evaluate: async () => (await import('./evaluate.ts')).registerEvaluate,
  stats: async () => (await import('./stats.ts')).registerStats,
  analyze: async () => (await import('./analyze.ts')).registerAnalyze,
  plan: async () => (await import('./plan.ts')).registerPlan,
  schema: async () => (await import('./schema.ts')).registerSchema,
};
const asked = commands[process.argv[2] ?? ''];
for (const load of asked ? [asked] : Object.values(commands)) (await load())(program);

try {
  await program.parseAsync();
  // Left to itself, Node would take DuckDB and its tables down piece by piece first.
  if (process.argv[2] === 'analyze') process.stdout.write('', () => process.exit());
} catch (error) {
  process.stderr.write(`screentest: ${error instanceof Error ? error.message : String(error)}\n`);
  if (process.env.SCREENTEST_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exit(error instanceof InvalidInput ? 2 : 1);
}
