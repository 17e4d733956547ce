import type { Command } from 'commander';
import { readDeclarations } from '../files/declarations.ts';
import { InvalidInput } from '../files/invalid-input.ts';
import { prepare } from '../prepare.ts';
import { itemSourcesOf } from '../variants/item-sources.ts';
import { type DataOptions, detailsOf, withDataOptions } from './data-options.ts';
import { createProgressReporter } from './progress.ts';
import { formatTraining } from './training-figures.ts';
import { whole } from './whole.ts';

interface TrainOptions extends DataOptions {
  readonly out?: string;
  readonly users: number;
  readonly seed: number;
  readonly experiments: string;
  readonly cache: string;
  readonly json?: boolean;
}

export function registerTrain(program: Command): void {
  withDataOptions(program.command('train'))
    .description('train the models anew and say how well the re-ranker tells watched from unwatched titles')
    .option('--out <folder>', 'where the models go; default: where start looks for them')
    .option('--users <n>', 'viewers of the invented world', whole(100, 1_000_000), 10_000)
    .option('--seed <n>', 'seed of the world and of training', whole(0, 2 ** 31 - 1), 1)
    .option('--experiments <folder>', 'declarations that say which sources to train', 'experiments')
    .option('--cache <folder>', 'where the trained models are kept', '.screentest')
    .option('--json', 'print the figures as JSON')
    .action(train);
}

async function train(options: TrainOptions): Promise<void> {
  const read = await readDeclarations(options.experiments);
  if (!read.ok)
    throw new InvalidInput(
      `${options.experiments} is not valid; \`npx screentest validate\` lists the errors`,
    );
  const report = createProgressReporter(process.stderr);
  const prepared = await report.phase('train the models', '%', (progress) =>
    prepare({
      dataFolder: options.data,
      details: detailsOf(options),
      cacheFolder: options.cache,
      ...(options.out === undefined ? {} : { modelsFolder: options.out }),
      viewers: options.users,
      seed: options.seed,
      sources: itemSourcesOf(read.declarations),
      training: read.declarations.training,
      retrain: true,
      progress: (_step, share) => progress(100 * share, 100),
    }),
  );
  for (const note of prepared.notes) report.note(`  ${note}`);
  const { folder, models, report: figures } = prepared;
  const text = options.json
    ? JSON.stringify({ folder, version: models.version, ...figures }, undefined, 2)
    : `Models ${models.version} in ${folder}\n${formatTraining(figures)}`;
  process.stdout.write(`${text}\n`);
}
