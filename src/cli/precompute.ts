import { type Command, InvalidArgumentError } from 'commander';
import { createCandidateFile } from '../files/candidate-file.ts';
import { readDeclarations } from '../files/declarations.ts';
import { InvalidInput } from '../files/invalid-input.ts';
import { withDeclaredScorers } from '../onnx/with-declared-scorers.ts';
import { precompute } from '../precompute.ts';
import { prepare } from '../prepare.ts';
import type { CandidateTarget } from '../ranking/candidate-plan.ts';
import { LISTED_SOURCES, type ListedSource } from '../ranking/viewer.ts';
import { createRedisCandidateTarget } from '../redis/candidate-target.ts';
import { connectRedis } from '../redis/connect.ts';
import { itemSourcesOf } from '../variants/item-sources.ts';
import { type DataOptions, detailsOf, withDataOptions } from './data-options.ts';
import { createProgressReporter } from './progress.ts';
import { whole } from './whole.ts';

interface PrecomputeCommandOptions extends DataOptions {
  readonly users: number;
  readonly sources?: readonly ListedSource[];
  readonly length: number;
  readonly seed: number;
  readonly experiments: string;
  readonly cache: string;
  readonly prefix: string;
  readonly resume?: boolean;
  readonly json?: boolean;
}

export function registerPrecompute(program: Command): void {
  withDataOptions(program.command('precompute'))
    .description(
      'make the candidate lists of every user: in Redis where REDIS_URL is set, else in a file that start reads',
    )
    .option('--users <n>', 'viewers of the invented world', whole(100, 1_000_000), 10_000)
    .option(
      '--sources <list>',
      `lists to make, of ${LISTED_SOURCES.join(',')}; those left out are stored empty; default: ials,content and what declared pipelines use`,
      sourceList,
    )
    .option('--length <n>', 'titles per list', whole(1, 10_000), 200)
    .option('--resume', 'go on where an earlier run was cut off')
    .option('--seed <n>', 'seed of the world and of training', whole(0, 2 ** 31 - 1), 1)
    .option('--experiments <folder>', 'declarations to load', 'experiments')
    .option('--cache <folder>', 'where the trained models are kept', '.screentest')
    .option('--prefix <text>', 'prefix of the keys in Redis', 'screentest')
    .option('--json', 'print the figures as JSON')
    .action(run);
}

function sourceList(text: string): ListedSource[] {
  const known: readonly string[] = LISTED_SOURCES;
  const unknown = text.split(',').filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new InvalidArgumentError(`${unknown.join(', ')} is none of ${LISTED_SOURCES.join(', ')}.`);
  return LISTED_SOURCES.filter((name) => text.split(',').includes(name));
}

async function run(options: PrecomputeCommandOptions): Promise<void> {
  const read = await readDeclarations(options.experiments);
  if (!read.ok)
    throw new InvalidInput(
      `${options.experiments} is not valid; \`npx screentest validate\` lists the errors`,
    );
  const used = itemSourcesOf(read.declarations);
  const offered: readonly ListedSource[] = ['ials', 'content', ...used];
  const missing = options.sources?.filter((source) => !offered.includes(source)) ?? [];
  if (missing.length > 0)
    throw new InvalidInput(
      `no pipeline in ${options.experiments} takes candidates from ${missing.join(', ')}, so there is no model of it: declare it, or leave it out of --sources`,
    );
  // Before the models, which take minutes: a Redis that is not there is found out at once.
  const redis = process.env.REDIS_URL === undefined ? undefined : await connectRedis(process.env.REDIS_URL);
  try {
    const reporter = createProgressReporter(process.stderr);
    const prepared = await reporter.phase('train or load the models', '%', (progress) =>
      prepare({
        dataFolder: options.data,
        details: detailsOf(options),
        cacheFolder: options.cache,
        viewers: options.users,
        seed: options.seed,
        sources: used,
        training: read.declarations.training,
        progress: (_step, share) => progress(100 * share, 100),
      }),
    );
    for (const note of prepared.notes) reporter.note(`  ${note}`);
    const { ids, history, folder } = prepared;
    // Of the version that a server with these declarations has.
    const models = await withDeclaredScorers(prepared.models, read.declarations.scorers);
    const target: CandidateTarget =
      redis === undefined ? createCandidateFile(folder) : createRedisCandidateTarget(redis, options.prefix);
    const started = performance.now();
    const done = await reporter
      .phase('precompute candidates', 'users', (progress) =>
        precompute({
          models,
          ids,
          history,
          sources: options.sources ?? LISTED_SOURCES.filter((source) => offered.includes(source)),
          length: options.length,
          target,
          resume: options.resume ?? false,
          progress,
        }),
      )
      .finally(() => target.close());
    const figures = {
      ...done,
      models: models.version,
      store: target.name,
      seconds: (performance.now() - started) / 1000,
      bytesPerUser: done.users === 0 ? 0 : done.bytes / done.users,
      peakBytes: 1024 * process.resourceUsage().maxRSS,
    };
    process.stdout.write(
      options.json ? `${JSON.stringify(figures, undefined, 2)}\n` : `${textOf(figures)}\n`,
    );
  } finally {
    redis?.disconnect();
  }
}

type Figures = Awaited<ReturnType<typeof precompute>> & {
  readonly models: string;
  readonly store: string;
  readonly seconds: number;
  readonly bytesPerUser: number;
  readonly peakBytes: number;
};

function textOf(figures: Figures): string {
  const { users, resumedAt, seconds, store, models } = figures;
  const made = users - resumedAt;
  const count = (value: number): string => Math.round(value).toLocaleString('en');
  return [
    `Candidates of ${count(users)} users for models ${models} in ${store}`,
    ...(resumedAt > 0 ? [`  resumed after ${count(resumedAt)} users`] : []),
    `  ${count(made)} users in ${seconds.toFixed(1)} s, ${count(made / Math.max(seconds, 0.001))}/s`,
    `  ${count(figures.bytesPerUser)} bytes a user packed, ${count(figures.bytesPerUserInStore)} in the store`,
    `  ${(figures.peakBytes / 2 ** 30).toFixed(2)} GiB resident at most`,
  ].join('\n');
}
