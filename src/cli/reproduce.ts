import { type Command, InvalidArgumentError, Option } from 'commander';
import { InvalidInput } from '../files/invalid-input.ts';
import { failureText } from '../reproduce/failure-text.ts';
import { FURTHER_TABLES } from '../reproduce/further-tables.ts';
import { reproductionMarkdown } from '../reproduce/markdown.ts';
import { reproduce } from '../reproduce/run.ts';
import { CLICK_MODELS, type ClickModelName } from '../simulation/click-model.ts';
import { createProgressReporter } from './progress.ts';
import { whole } from './whole.ts';

interface Options {
  readonly users: number;
  readonly seed: number;
  readonly clickModel: ClickModelName;
  readonly resume?: boolean;
  readonly json?: boolean;
  readonly experiments: string;
  readonly cache: string;
  readonly threads?: number;
  readonly truth?: number;
  readonly replications: number;
  readonly tables: ReadonlySet<number>;
  readonly planted?: number;
  readonly sensitivity?: number;
}

/**
 * Enough for errors of the truth far below those of the estimates: the same viewers are in both arms. Each costs as much as
 * two of the test, so that of a scaled run a tenth must do.
 */
const TRUTH_SHARE = 0.1;
const [LEAST_TRUTH, MOST_TRUTH] = [2_000, 20_000];

/** A share of the users of a run, within bounds. */
const shareOf = (users: number, share: number, least: number, most: number): number =>
  Math.min(users, most, Math.max(least, Math.round(share * users)));
/** Enough for effects that nobody would miss; each of their worlds is stored and analysed on its own. */
const MOST_PLANTED = 1_000;
/** Of the viewers of a run, for table 5: each lives nine weeks, three under every click model. */
const SENSITIVITY_SHARE = 0.01;
const [LEAST_SENSITIVITY, MOST_SENSITIVITY] = [500, 4_000];

/** `screentest reproduce`. */
export function registerReproduce(program: Command): void {
  program
    .command('reproduce')
    .description('run the published four-week test at its full size and set our estimates beside it')
    .option('--users <n>', 'simulated viewers', whole(100, 2_000_000), 800_000)
    .option('--seed <n>', 'seed of the world and of everything drawn in it', whole(0, 2 ** 31 - 1), 1)
    .addOption(
      new Option('--click-model <name>', 'how pages are looked at').choices(CLICK_MODELS).default('pbm'),
    )
    .option('--resume', 'go on where an earlier run of the same plan was cut off')
    .option('--json', 'one JSON document, schema screentest/reproduction/v1')
    .option('--experiments <folder>', 'declarations to load', 'experiments')
    .option('--cache <folder>', 'where the database and the trained models are kept', '.screentest')
    .option(
      '--truth <n>',
      `viewers who live through both arms, for the world's truth; default: ${100 * TRUTH_SHARE} % of those who take part, ${LEAST_TRUTH} to ${MOST_TRUTH}`,
      whole(10, 2_000_000),
    )
    .addOption(
      new Option(
        '--tables <numbers>',
        `which tables to make, of 1 to ${FURTHER_TABLES.at(-1)}; the first always is`,
      )
        .argParser(tables)
        .default(new Set<number>(FURTHER_TABLES), 'all'),
    )
    .option(
      '--replications <n>',
      'experiments on kept outcomes, for the coverage of intervals',
      whole(10, 100_000),
      2_000,
    )
    .option(
      '--planted <n>',
      `viewers of the worlds in which faults are planted; default: as many as take part, at most ${MOST_PLANTED}`,
      whole(20, 100_000),
    )
    .option(
      '--sensitivity <n>',
      `viewers whose clicks say how many users interleaving needs; default: ${100 * SENSITIVITY_SHARE} % of those who take part, ${LEAST_SENSITIVITY} to ${MOST_SENSITIVITY}`,
      whole(100, 100_000),
    )
    .option('--threads <n>', 'threads that simulate; default: as many as there are cores', whole(1, 64))
    .action(run);
}

function tables(text: string): ReadonlySet<number> {
  const numbers = text.split(',').map(Number);
  const known: readonly number[] = [1, ...FURTHER_TABLES];
  if (numbers.every((number) => known.includes(number))) return new Set(numbers);
  throw new InvalidArgumentError(`numbers of ${known.join(', ')} with commas between them, such as 1,4.`);
}

async function run(options: Options): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(130);
      stop.abort(signal);
    });
  const report = createProgressReporter(process.stderr);
  try {
    const document = await reproduce({
      users: options.users,
      seed: options.seed,
      clickModel: options.clickModel,
      resume: options.resume ?? false,
      databaseUrl: process.env.DATABASE_URL,
      redisUrl: process.env.REDIS_URL,
      cacheFolder: options.cache,
      experimentsFolder: options.experiments,
      ...(options.threads === undefined ? {} : { threads: options.threads }),
      truthUsers: options.truth ?? shareOf(options.users, TRUTH_SHARE, LEAST_TRUTH, MOST_TRUTH),
      replications: options.replications,
      tables: options.tables,
      sensitivityViewers:
        options.sensitivity ?? shareOf(options.users, SENSITIVITY_SHARE, LEAST_SENSITIVITY, MOST_SENSITIVITY),
      plantedViewers: options.planted ?? Math.min(options.users, MOST_PLANTED),
      report,
      signal: stop.signal,
    });
    process.stdout.write(
      options.json ? `${JSON.stringify(document, null, 2)}\n` : reproductionMarkdown(document),
    );
  } catch (error) {
    if (stop.signal.aborted) {
      report.note('Stopped. What was committed is kept: the same command with --resume goes on.');
      process.exit(130);
    }
    if (!(error instanceof InvalidInput)) {
      const why = failureText(error);
      report.note(
        `${why === undefined ? '' : `${why} `}What was committed is kept: the same command with --resume goes on.`,
      );
    }
    throw error;
  }
}
