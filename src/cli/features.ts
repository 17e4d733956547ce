import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Command } from 'commander';
import { stringify } from 'csv-stringify';
import { readDeclarations } from '../files/declarations.ts';
import { InvalidInput } from '../files/invalid-input.ts';
import { FEATURE_SCHEMA } from '../ranking/features.ts';
import { labelledExamples } from '../ranking/labelled-examples.ts';
import { setScene, trainingInput } from '../scene.ts';
import { itemSourcesOf } from '../variants/item-sources.ts';
import { type DataOptions, detailsOf, withDataOptions } from './data-options.ts';
import { featureHeader, featureRows } from './feature-table.ts';
import { createProgressReporter } from './progress.ts';
import { whole } from './whole.ts';

interface FeaturesOptions extends DataOptions {
  readonly out: string;
  readonly users: number;
  readonly seed: number;
  readonly experiments: string;
  readonly json?: boolean;
}

export function registerFeatures(program: Command): void {
  withDataOptions(program.command('features'))
    .description('write what a re-ranker learns from, to train a model of your own: one row per title shown')
    .option('--out <file>', 'a CSV file; gzipped where its name ends in .gz', 'features.csv')
    .option('--users <n>', 'viewers of the invented world', whole(100, 1_000_000), 10_000)
    .option('--seed <n>', 'seed of the world and of training', whole(0, 2 ** 31 - 1), 1)
    .option(
      '--experiments <folder>',
      'declarations that say which sources and parameters count',
      'experiments',
    )
    .option('--json', 'print what was written as JSON')
    .action(features);
}

async function features(options: FeaturesOptions): Promise<void> {
  const read = await readDeclarations(options.experiments);
  if (!read.ok)
    throw new InvalidInput(
      `${options.experiments} is not valid; \`npx screentest validate\` lists the errors`,
    );
  const { declarations } = read;
  const reporter = createProgressReporter(process.stderr);
  const { scene, examples } = await reporter.phase('compute features', '%', async (progress) => {
    const scene = await setScene(
      {
        dataFolder: options.data,
        details: detailsOf(options),
        viewers: options.users,
        seed: options.seed,
      },
      { folder: undefined, made: false },
    );
    const input = trainingInput(scene, {
      seed: options.seed,
      itemSources: itemSourcesOf(declarations),
      ...(declarations.training && { training: declarations.training }),
    });
    return { scene, examples: labelledExamples(input, (_step, share) => progress(100 * share, 100)) };
  });
  const { train, judge } = examples;
  await reporter.phase('write', 'rows', (progress) =>
    write(options.out, function* () {
      yield featureHeader();
      let rows = 0;
      for (const row of featureRows(examples, scene.catalogue.ids)) {
        yield row;
        if (++rows % 1_000 === 0) progress(rows, train.count + judge.count);
      }
    }),
  );
  const summary = {
    file: options.out,
    featureSchema: FEATURE_SCHEMA,
    train: train.count,
    judge: judge.count,
    columns: featureHeader().length,
  };
  process.stdout.write(
    options.json
      ? `${JSON.stringify(summary, undefined, 2)}\n`
      : `${train.count + judge.count} rows of ${summary.columns} columns in ${options.out}: ` +
          `${train.count} to train on, ${judge.count} later ones to judge by\n`,
  );
}

async function write(path: string, rows: () => Generator<readonly (string | number)[]>): Promise<void> {
  const parts = [Readable.from(rows()), stringify(), ...(path.endsWith('.gz') ? [createGzip()] : [])];
  try {
    await pipeline([...parts, createWriteStream(path)]);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new InvalidInput(`${path}: cannot be written (${code}); give another --out`);
  }
}
