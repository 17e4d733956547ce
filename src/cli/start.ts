import { once } from 'node:events';
import { type Command, InvalidArgumentError } from 'commander';
import { runDemo } from '../demo.ts';
import { workerPlace } from '../fleet/forks.ts';
import { openFleet, type WorkerFacts } from '../fleet.ts';
import { openPlatform, type Platform, type PlatformSettings } from '../platform.ts';
import { type DataOptions, detailsOf, withDataOptions } from './data-options.ts';
import { assertPortFree } from './free-port.ts';
import { createProgressReporter } from './progress.ts';
import { startWorker } from './start-worker.ts';
import { whole } from './whole.ts';

interface StartOptions extends DataOptions {
  readonly users: number;
  readonly port: number;
  readonly host: string;
  readonly seed: number;
  readonly experiments: string;
  readonly cache: string;
  readonly drain: number;
  readonly jobLock: number;
  readonly test: boolean;
  readonly workers: number;
  readonly environment?: string;
}

const SAME_PRESS_MS = 1_000;

export function registerStart(program: Command): void {
  withDataOptions(program.command('start'))
    .description(
      'run the published test on simulated viewers, print its table, and serve the API and the reports',
    )
    .option('--users <n>', 'simulated viewers', whole(100, 1_000_000), 10_000)
    .option('--port <n>', 'port of the API and the pages', whole(1, 65_535), 8080)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--seed <n>', 'seed of the world and of everything drawn in it', whole(0, 2 ** 31 - 1), 1)
    .option('--experiments <folder>', 'declarations to load', 'experiments')
    .option('--cache <folder>', 'where the database and the trained models are kept', '.screentest')
    .option(
      '--drain <s>',
      'seconds between being asked to stop and stopping: /readyz says so',
      whole(0, 600),
      0,
    )
    .option('--workers <n>', 'processes that serve', whole(1, 256), 1)
    .option(
      '--environment <name>',
      'serve in an environment of this name, whose declarations may change while it runs; without the simulated test',
      environmentName,
    )
    .option(
      '--job-lock <s>',
      'seconds after which another process takes the analysis of one that stopped answering',
      whole(1, 3_600),
      120,
    )
    .option('--no-test', 'serve without running the simulated test')
    .action(start);
}

async function start(options: StartOptions): Promise<void> {
  const settings = {
    databaseUrl: process.env.DATABASE_URL,
    redisUrl: process.env.REDIS_URL,
    cacheFolder: options.cache,
    experimentsFolder: options.experiments,
    ...(options.environment === undefined ? {} : { environment: options.environment }),
    dataFolder: options.data,
    details: detailsOf(options),
    viewers: options.users,
    seed: options.seed,
    host: options.host,
    port: options.port,
    drainMs: options.drain * 1000,
    jobLockMs: options.jobLock * 1000,
  };
  // Simulated viewers never mix with those of an environment that has a name.
  const test = options.test && options.environment === undefined;
  const place = workerPlace<WorkerFacts>();
  if (place !== undefined) return startWorker(place, settings);

  const stop = new AbortController();
  let asked = 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // One Ctrl-C may arrive twice: from the terminal, and passed on by npm. A later one means now.
      if (!stop.signal.aborted) asked = performance.now();
      else if (performance.now() - asked > SAME_PRESS_MS) process.exit(130);
      stop.abort(signal);
    });
  }
  const report = createProgressReporter(process.stderr);
  await assertPortFree(options.port, options.host);
  const opened = { ...settings, report, signal: stop.signal };
  try {
    if (options.workers === 1) await serveAlone(opened, test);
    else await serveWithWorkers(opened, { workers: options.workers, test });
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
  process.exit(stop.signal.reason === 'SIGINT' ? 130 : 0);
}

type Opened = PlatformSettings & { readonly signal: AbortSignal };

async function serveAlone(settings: Opened, test: boolean): Promise<void> {
  const { report, signal } = settings;
  const platform = await openPlatform(settings);
  try {
    report.note(`Ready: recommendations at ${platform.url}/v1/recommendations/${platform.exampleUser}`);
    if (test) await printTest(platform, settings);
    else await report.phase('read what viewers watched', '', () => platform.restoreWatches());
    if (signal.aborted) return;
    platform.followTrends();
    report.note(
      `Reports at ${platform.url}/ and the API's documentation at ${platform.url}/docs - Ctrl-C stops.`,
    );
    await stopped(signal, platform.reload);
  } finally {
    report.note('Stopping ...');
    await platform.close();
  }
}

/** The simulated test runs in one process; its clock goes on in the workers. */
async function serveWithWorkers(
  settings: Opened,
  { workers, test }: Pick<StartOptions, 'workers' | 'test'>,
): Promise<void> {
  const { report, signal } = settings;
  let clockOffsetMs = 0;
  if (test) {
    const platform = await openPlatform(settings);
    try {
      await printTest(platform, settings);
      clockOffsetMs = platform.clock.now() - Date.now();
    } finally {
      await platform.close();
    }
    signal.throwIfAborted();
  }
  const fleet = await openFleet({ ...settings, workers, clockOffsetMs });
  try {
    const url = `http://localhost:${settings.port}`;
    report.note(`Ready: recommendations at ${url}/v1/recommendations/${fleet.exampleUser}`);
    report.note(`Reports at ${url}/ and the API's documentation at ${url}/docs - Ctrl-C stops.`);
    await stopped(signal, fleet.reload);
  } finally {
    report.note('Stopping ...');
    await fleet.close();
  }
}

async function printTest(platform: Platform, { report, signal }: Opened): Promise<void> {
  const table = await runDemo(platform, { report, signal });
  if (table !== undefined) process.stdout.write(`${table}\n`);
}

/** Until then SIGHUP reads the declarations anew. */
async function stopped(signal: AbortSignal, reload: () => Promise<unknown>): Promise<void> {
  process.on('SIGHUP', () => void reload().catch(() => {}));
  if (!signal.aborted) await once(signal, 'abort');
}

function environmentName(text: string): string {
  if (/^[a-z][a-z0-9-]{0,39}$/.test(text) && !text.startsWith('demo')) return text;
  throw new InvalidArgumentError('give up to 40 of a-z, 0-9 and -, not beginning with demo.');
}
