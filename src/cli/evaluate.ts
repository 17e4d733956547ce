import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { formatDeclarationError } from '../declaration/errors.ts';
import { TRAINED_SCORER } from '../declaration/models.ts';
import { type LadderStep, parseLadder } from '../declaration/parse-ladder.ts';
import type { Declarations } from '../declarations.ts';
import { readDeclarations } from '../files/declarations.ts';
import { InvalidInput } from '../files/invalid-input.ts';
import { withDeclaredScorers } from '../onnx/with-declared-scorers.ts';
import { prepare } from '../prepare.ts';
import { itemSourcesIn } from '../ranking/item-models.ts';
import { PROTOCOLS, type Protocol } from '../ranking/protocols.ts';
import { itemSourcesOf, itemSourcesOfPipelines } from '../variants/item-sources.ts';
import { stageDefinitions } from '../variants/registry.ts';
import { coldStartTable } from './cold-start-table.ts';
import { type DataOptions, detailsOf, withDataOptions } from './data-options.ts';
import { evaluateAll } from './evaluate-all.ts';
import { evaluateColdStart } from './evaluate-cold-start.ts';
import { EVALUATED_SOURCES, type EvaluatedSource, modelsToMeasure } from './evaluate-sources.ts';
import { evaluationTable } from './evaluation-table.ts';
import { grantedSources } from './granted-sources.ts';
import { createProgressReporter } from './progress.ts';
import { formatTraining } from './training-figures.ts';
import { whole } from './whole.ts';

interface EvaluateOptions extends DataOptions {
  readonly protocol?: Protocol;
  readonly day?: number;
  readonly days?: number;
  readonly sources?: readonly EvaluatedSource[];
  readonly users: number;
  readonly sample: number;
  readonly resamples: number;
  readonly seed: number;
  readonly experiments: string;
  readonly cache: string;
  readonly pipelines?: string;
  readonly coldStart?: boolean;
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
      '--day <date>',
      'first day that temporal judges, YYYY-MM-DD in UTC; default: that of the 80 % rating',
      day,
    )
    .option('--days <n>', 'days that temporal judges; default: all that follow', whole(1, 100_000))
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
    .option(
      '--pipelines <file>',
      'pipelines to measure instead of the declared ones; with --data a ladder is measured beside those',
    )
    .option(
      '--cold-start',
      'measure users with a history cut short, new titles and unknown countries instead',
    )
    .option('--json', 'print JSON')
    .action(evaluate);
}

/** Epoch ms of the midnight that opens it. */
function day(text: string): number {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new InvalidArgumentError('not a day; write 2018-05-01, say.');
  return at;
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
  const judged = {
    ...(options.day === undefined ? {} : { from: options.day }),
    ...(options.days === undefined ? {} : { days: options.days }),
  };
  const limited = Object.keys(judged).length > 0;
  if (limited && protocol !== 'temporal')
    throw new InvalidInput('--day and --days say what --protocol temporal judges: give that too');
  const read = await readDeclarations(options.experiments);
  if (!read.ok) {
    process.stderr.write(
      `${options.experiments} is not valid; \`npx screentest validate\` lists the errors\n`,
    );
    process.exitCode = 2;
    return;
  }
  const ladder = await readLadder(options, read.declarations);
  const declarations =
    options.pipelines === undefined ? read.declarations : { surfaces: [], experiments: [] };
  const reporter = createProgressReporter(process.stderr);
  const declared = itemSourcesOf(declarations);
  const wished = itemSourcesOfPipelines(ladder.map(({ pipeline }) => pipeline));
  // A file that is named says what is wanted, the shipped ladder only what would be welcome.
  const trained =
    data === undefined || options.pipelines !== undefined
      ? wished
      : await grantedSources(data, protocol, wished);
  const made = await reporter.phase('train or load the models', '%', (progress) =>
    prepare({
      dataFolder: data,
      details: detailsOf(options),
      cacheFolder: options.cache,
      viewers: options.users,
      seed,
      sources: [...declared, ...trained],
      training: read.declarations.training,
      ...(protocol === undefined ? {} : { protocol }),
      ...(limited ? { judged } : {}),
      progress: (_step, share) => progress(100 * share, 100),
    }),
  );
  const prepared = {
    ...made,
    models: await withDeclaredScorers(made.models, read.declarations.scorers),
  };
  for (const note of prepared.notes) reporter.note(`  ${note}`);
  const measured = await reporter.phase('train or load item-kNN and EASE', '%', (progress) =>
    modelsToMeasure(prepared, itemSourcesIn(prepared.models), sources, (_step, share) =>
      progress(100 * share, 100),
    ),
  );
  const settings = {
    sample,
    resamples,
    seed,
    ladder,
    protocol: data === undefined ? undefined : (protocol ?? 'leave-last'),
  };
  const text = options.coldStart
    ? await reporter.phase('evaluate', 'rankers', async (progress) => {
        const report = await evaluateColdStart(prepared, measured, declarations, settings, progress);
        return options.json ? JSON.stringify(report, undefined, 2) : coldStartTable(report);
      })
    : await reporter.phase('evaluate', 'rankers', async (progress) => {
        const report = await evaluateAll(prepared, measured, declarations, settings, progress);
        return options.json
          ? JSON.stringify(report, undefined, 2)
          : [evaluationTable(report), '', ...prepared.notes, formatTraining(prepared.report)].join('\n');
      });
  process.stdout.write(`${text}\n`);
}

/** The pipelines of the file that is named, or, for real ratings, of the ladder that is shipped. */
async function readLadder(
  { pipelines, data }: EvaluateOptions,
  { scorers = [] }: Declarations,
): Promise<readonly LadderStep[]> {
  if (pipelines === undefined && data === undefined) return [];
  const path = pipelines ?? fileURLToPath(new URL('../../evaluation/ladder.yaml', import.meta.url));
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new InvalidInput(`${path}: cannot be read (${error.code}); name a file of pipelines`);
  });
  const names = [TRAINED_SCORER, ...scorers.map(({ name }) => name)];
  const parsed = parseLadder({ path, text }, stageDefinitions, names);
  if (!parsed.ok) throw new InvalidInput(parsed.errors.map(formatDeclarationError).join('\n'));
  return parsed.steps;
}
