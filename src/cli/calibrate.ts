import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { type CalibrationResult, calibrate, momentsTable } from '../calibrate.ts';
import { readDeclarations } from '../files/declarations.ts';
import { InvalidInput } from '../files/invalid-input.ts';
import { TITLES } from '../scene.ts';
import { CALIBRATED } from '../simulation/calibrated.ts';
import { FITTED } from '../simulation/calibration-plan.ts';
import { createProgressReporter } from './progress.ts';
import { whole } from './whole.ts';

interface CalibrateOptions {
  readonly seed: number;
  readonly rounds: number;
  readonly viewers: number;
  readonly oneIn: number;
  readonly trainedOn: number;
  readonly experiments: string;
  readonly cache: string;
  readonly write?: string;
  readonly json?: boolean;
}

/** Of those who come rarely this many times as many are lived through: their returns need numbers, and cost little. */
const RARELY = 8;

export function registerCalibrate(program: Command): void {
  program
    .command('calibrate')
    .description('fit the simulated world to the published test, from the committed parameters on')
    .option('--seed <n>', 'seed of the world', whole(0, 2 ** 31 - 1), 1)
    .option('--rounds <n>', 'turns of the parameters; 0 only measures', whole(0, 50), 4)
    .option('--viewers <n>', 'viewers whose figures are fitted', whole(1_000, 1_000_000), 20_000)
    .option('--one-in <n>', 'of those who come often one in so many is lived through', whole(1, 1_000), 16)
    .option('--trained-on <n>', 'viewers in whose past the models are trained', whole(100, 1_000_000), 10_000)
    .option('--experiments <folder>', 'declarations with the published test', 'experiments')
    .option('--cache <folder>', 'where models are kept meanwhile', '.screentest')
    .option('--write <folder>', 'the repository, to commit parameters and trace into')
    .option('--json', 'print parameters, figures and trace as JSON')
    .action(run);
}

async function run(options: CalibrateOptions): Promise<void> {
  const read = await readDeclarations(options.experiments);
  if (!read.ok)
    throw new InvalidInput(
      `${options.experiments} is not valid; \`npx screentest validate\` lists the errors`,
    );
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort(new Error('stopped')));
  process.once('SIGTERM', () => stop.abort(new Error('stopped')));
  const report = createProgressReporter(process.stderr);
  const { seed, rounds, viewers, oneIn, trainedOn, cache } = options;
  const often = (n: number): readonly [number, number] => [n, Math.max(1, Math.round(n / RARELY))];
  const result = await calibrate({
    declarations: read.declarations,
    seed,
    titles: TITLES,
    trainedOn,
    mostViewers: viewers,
    sample: { viewers, oneIn: often(4 * oneIn) },
    judged: { viewers, oneIn: often(oneIn) },
    rounds,
    start: CALIBRATED,
    folder: cache,
    note: (text) => report.note(text),
    signal: stop.signal,
  });
  if (options.write !== undefined) {
    await mkdir(join(options.write, 'docs'), { recursive: true });
    const facts = { seed, titles: TITLES, trainedOn, viewers, lived: result.lived };
    await writeFile(join(options.write, 'src/simulation/calibrated.ts'), parametersFile(result, facts));
    await writeFile(join(options.write, 'docs/calibration-trace.json'), traceFile(result));
    report.note('run `npm run format && npm run build && npx screentest schema` to renew the card');
  }
  process.stdout.write(
    options.json ? `${JSON.stringify(result, null, 2)}\n` : `${momentsTable(result.moments)}\n`,
  );
}

function parametersFile({ parameters, moments }: CalibrationResult, facts: object): string {
  const rounded = moments.map((value) => Number(value.toPrecision(5)));
  return [
    "import type { WorldParameters } from './parameters.ts';",
    '',
    '/** Written by `npx screentest calibrate`; docs/calibration.md says where each number comes from. */',
    `export const CALIBRATED: WorldParameters = ${JSON.stringify(parameters, roundedTo(6), 2)};`,
    '',
    '/** What the world showed when it was fitted; `moments` in the order of TARGETS. */',
    `export const CALIBRATION = ${JSON.stringify({ ...facts, moments: rounded }, null, 2)} as const;`,
    '',
  ].join('\n');
}

function traceFile({ trace }: CalibrationResult): string {
  const paths = FITTED.map(({ path }) => path);
  const lines = trace.map((point) => JSON.stringify(point, roundedTo(5)));
  return `{"fitted": ${JSON.stringify(paths)},\n"points": [\n${lines.join(',\n')}\n]}\n`;
}

const roundedTo = (digits: number) => (_key: string, value: unknown) =>
  typeof value === 'number' ? Number(value.toPrecision(digits)) : value;
