import { type Command, InvalidArgumentError, Option } from 'commander';
import { readDeclarations } from '../files/declarations.ts';
import { InvalidInput } from '../files/invalid-input.ts';
import { prepare } from '../prepare.ts';
import { PROTOCOLS, type Protocol } from '../ranking/protocols.ts';
import { itemSourcesOf } from '../variants/item-sources.ts';
import { evaluateAll } from './evaluate-all.ts';
import { EVALUATED_SOURCES, type EvaluatedSource, modelsToMeasure } from './evaluate-sources.ts';
import { evaluationTable } from './evaluation-table.ts';
import { type DataOptions, detailsOf, withDataOptions } from './data-options.ts';
import { createProgressReporter } from './progress.ts';
import { formatTraining } from './training-figures.ts';
import { whole } from './whole.ts';

interface EvaluateOptions extends DataOptions {
  readonly protocol?: Protocol;
  readonly sources?: readonly EvaluatedSource[];
  readonly users: number;
  readonly sample: number;
  readonly resamples: number;
  readonly seed: number;
  readonly experiments: string;
  readonly cache: string;
  readonly json?: boolean;
}

export function registerEvaluate(program: Command): void {
  withDataOptions(program.command('evaluate'))
    .description('measure every candidate source and every declared pipeline on held-out interactions')
    .addOption(
      new Option('--protocol <name>', 'how real ratings are held out; default: leave-last').choices(
        PROTOCOLS,
      ),
    )
    .option(
      '--sources <list>',
      `candidate sources to measure, of ${EVALUATED_SOURCES.join(',')}; default: all that are quick`,
      sourceList,
    )
    .option('--users <n>', 'viewers of the invented world', whole(100, 1_000_000), 10_000)
    .option('--sample <n>', 'users that are evaluated at most', whole(2, 1_000_000), 2_000)
    .option('--resamples <n>', 'resamples of users behind each interval', whole(200, 100_000), 1_000)
    .option('--seed <n>', 'seed of the world, of training and of resampling', whole(0, 2 ** 31 - 1), 1)
    .option('--experiments <folder>', 'declarations to load', 'experiments')
    .option('--cache <folder>', 'where the trained models are kept', '.screentest')
    .option('--json', 'print JSON')
    .action(evaluate);
}

function sourceList(text: string): EvaluatedSource[] {
  const known: readonly string[] = EVALUATED_SOURCES;
  const unknown = text.split(',').filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new InvalidArgumentError(`${unknown.join(', ')} is none of ${EVALUATED_SOURCES.join(', ')}.`);
  return EVALUATED_SOURCES.filter((name) => text.split(',').includes(name));
}

async function evaluate(options: EvaluateOptions): Promise<void> {
  const { data, protocol, sources, seed, resamples, sample } = options;
  if (protocol !== undefined && data === undefined)
    throw new InvalidInput(
      `--protocol ${protocol} is a way to hold out real ratings: give --data <folder> too`,
    );
  const read = await readDeclarations(options.experiments);
  if (!read.ok) {
    process.stderr.write(
      `${options.experiments} is not valid; \`npx screentest validate\` lists the errors\n`,
    );
    process.exitCode = 2;
    return;
  }
  const reporter = createProgressReporter(process.stderr);
  const prepared = await reporter.phase('train or load the models', '%', (progress) =>
    prepare({
      dataFolder: data,
      details: detailsOf(options),
      cacheFolder: options.cache,
      viewers: options.users,
      seed,
      ...(protocol === undefined ? {} : { protocol }),
      progress: (_step, share) => progress(100 * share, 100),
    }),
  );
  for (const note of prepared.notes) reporter.note(`  ${note}`);
  const measured = await reporter.phase('train or load item-kNN and EASE', '%', (progress) =>
    modelsToMeasure(prepared, itemSourcesOf(read.declarations), sources, (_step, share) =>
      progress(100 * share, 100),
    ),
  );
  const report = await reporter.phase('evaluate', 'rankers', (progress) =>
    evaluateAll(
      prepared,
      measured,
      read.declarations,
      {
        sample,
        resamples,
        seed,
        protocol: data === undefined ? undefined : (protocol ?? 'leave-last'),
      },
      progress,
    ),
  );
  process.stdout.write(
    options.json
      ? `${JSON.stringify(report, undefined, 2)}\n`
      : `${evaluationTable(report)}\n\n${formatTraining(prepared.report)}\n`,
  );
}
