import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProgressReporter } from '../cli/progress.ts';
import { prepareChunks } from '../db/chunk-log.ts';
import { attachLoadTables } from '../db/load-tables.ts';
import {
  beginReproduction,
  claimEnvironment,
  endReproduction,
  readReproduction,
  removeReproduction,
} from '../db/reproductions.ts';
import { saveTitles } from '../db/titles.ts';
import type { Declarations, Experiment } from '../declarations.ts';
import { InvalidInput } from '../files/invalid-input.ts';
import { TITLES } from '../scene.ts';
import type { ClickModelName } from '../simulation/click-model.ts';
import { unitTerms } from '../simulation/population.ts';
import { PUBLISHED_EXPERIMENT } from '../simulation/published.ts';
import { trueEffects } from '../simulation/true-effects.ts';
import { openStores, type Stores } from '../stores.ts';
import { type AnalysisParts, analyseTest, analyseWindows } from './analyse.ts';
import { checkOverHttp } from './check-http.ts';
import type { ChunkFigures } from './chunk-figures.ts';
import type { ChunkThreadSettings } from './chunk-runner.ts';
import { runInThreads } from './chunk-threads.ts';
import type { PhaseTime, ReproductionDocument } from './document.ts';
import { type FurtherOptions, furtherTables, type RunPhase } from './further-tables.ts';
import { liveTruth } from './known-truth.ts';
import { documentOf, totalOf } from './make-document.ts';
import { chunksOf, observationEnd, type Plan, planOf, testEnd } from './plan.ts';
import { declarationsOf, openPopulation } from './population.ts';
import { publishedRows } from './published-rows.ts';
import { segmentTruths } from './segment-truths.ts';

export interface ReproduceOptions extends FurtherOptions {
  readonly users: number;
  readonly seed: number;
  readonly clickModel: ClickModelName;
  /** Go on with what an earlier run of the same plan has committed; else that is removed. */
  readonly resume: boolean;
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly cacheFolder: string;
  readonly experimentsFolder: string;
  readonly titles?: number;
  readonly report: ProgressReporter;
}

const DAY = 86_400_000;
const HYBRID = 'hybrid';

/**
 * Runs the published test at the given size through the path that serves, analyses it, and sets our estimates beside what
 * was published. What is committed stays: a run that was cut off anywhere goes on with `resume`.
 *
 * @throws InvalidInput about options, declarations and runs that do not fit
 */
export async function reproduce(options: ReproduceOptions): Promise<ReproductionDocument> {
  const declarations = await declarationsOf(options.experimentsFolder);
  const experiment = publishedExperiment(declarations);
  const plan = planOf(experiment, {
    ...options,
    titles: options.titles ?? TITLES,
    configuration: declarations.version,
  });
  const phases: PhaseTime[] = [];
  const phase: RunPhase = async (name, unit, run) => {
    options.signal.throwIfAborted();
    const start = performance.now();
    const before = process.cpuUsage();
    const result = await options.report.phase(name, unit, run);
    const { user, system } = process.cpuUsage(before);
    const seconds = Math.round(performance.now() - start) / 1000;
    phases.push({ name, seconds, coreSeconds: Math.round((user + system) / 1000) / 1000 });
    return result;
  };

  const stores = await phase('open the database', '', () =>
    openStores({ ...options, keyPrefix: 'screentest' }),
  );
  try {
    const release = await claimEnvironment(stores.db, plan.environment);
    try {
      const done = await begin(stores, plan, options);
      const population = await phase('world, pre-period and training', '%', (progress) =>
        openPopulation(plan, options, (_step, share) => progress(100 * share, 100)),
      );
      await saveTitles(stores.db, plan.environment, population.models.catalogue);
      const arms = { experiment: experiment.key, control: experiment.control, treatment: HYBRID };
      const version = `${plan.configuration.slice(0, 8)}-${population.models.version}`;
      const keptFolder = join(options.cacheFolder, 'kept', `${plan.environment}-${version}`);
      const threads = { ...settingsOf(options), plan, databaseUrl: stores.db.url, keptFolder, arms };
      if (!options.resume) await rm(keptFolder, { recursive: true, force: true });
      await phase('test', 'viewers', (progress) => runTest(threads, options, done, progress));
      await phase('indexes', 'tables', (progress) =>
        attachLoadTables(stores.db, plan.environment, daysOf(plan), progress),
      );
      const http = await phase('the same requests over HTTP', 'sessions', (progress) =>
        checkOverHttp(plan, population, stores.db, progress),
      );
      const parts: AnalysisParts = {
        plan,
        stores,
        declarations,
        experiment: experiment.key,
        catalogueSize: population.models.catalogue.size,
      };
      const report = await phase('analysis of day 28', '', () => analyseTest(parts));
      const windows = await phase('analysis of complete windows', '', () => analyseWindows(parts));
      const units = await phase('known truth', 'viewers', (progress) =>
        liveTruth(threads, options, progress),
      );
      const truth = trueEffects(
        unitTerms(units.control, testEnd(plan)),
        unitTerms(units.treatment, testEnd(plan)),
        // Of the world, of which the run's viewers are a sample, too: as the intervals are.
        { population: Number.POSITIVE_INFINITY },
      );
      const published = publishedRows(report, windows, HYBRID, truth);
      const further = await furtherTables(
        {
          plan,
          population,
          stores,
          declarations,
          experiment,
          variant: HYBRID,
          report,
          published,
          units,
        },
        options,
        phase,
      );
      const segments = segmentTruths(report, units, plan, HYBRID);
      const measured = { test: totalOf(done), http, published, segments, ...further };
      const document = documentOf(plan, phases, measured, report, units.watchesBefore.length, HYBRID);
      await endReproduction(stores.db, plan.environment, document);
      return document;
    } finally {
      await release();
    }
  } finally {
    await stores.close();
  }
}

function publishedExperiment({ experiments }: Declarations): Experiment {
  const found = experiments.find(({ key }) => key === PUBLISHED_EXPERIMENT);
  if (found === undefined) {
    const known = experiments.map(({ key }) => key).join(', ') || 'none';
    throw new InvalidInput(
      `no experiment ${PUBLISHED_EXPERIMENT} is declared, which the published test is (declared: ${known}); add it as experiments/${PUBLISHED_EXPERIMENT}.yaml`,
    );
  }
  const { control, variants } = found;
  if (!variants.some(({ key }) => key === HYBRID) || control === HYBRID) {
    const known = variants.map(({ key }) => key).join(', ');
    throw new InvalidInput(
      `${PUBLISHED_EXPERIMENT} needs a control and a variant ${HYBRID} beside it; it has ${known} with ${control} as control`,
    );
  }
  return found;
}

/** UTC days, counted from 1970-01-01, that rows may fall on. */
function daysOf(plan: Plan): number[] {
  const first = Math.floor(plan.startMs / DAY);
  return Array.from({ length: Math.floor(observationEnd(plan) / DAY) - first + 1 }, (_, day) => first + day);
}

/** @returns what is committed already, by chunk */
async function begin(
  { db }: Stores,
  plan: Plan,
  { resume }: ReproduceOptions,
): Promise<Map<number, ChunkFigures>> {
  const known = await readReproduction(db, plan.environment);
  const same = known !== undefined && JSON.stringify(sorted(known.plan)) === JSON.stringify(sorted(plan));
  if (resume && known !== undefined && !same) {
    throw new InvalidInput(
      `${plan.environment} was begun with another plan (declarations, titles or window): run it without --resume to begin anew`,
    );
  }
  if (known !== undefined && !resume) await removeReproduction(db, plan.environment);
  if (known === undefined || !resume) await beginReproduction(db, plan.environment, plan);
  await prepareChunks(db, plan.environment, daysOf(plan));
  return resume && known ? new Map(known.chunks as ReadonlyMap<number, ChunkFigures>) : new Map();
}

const sorted = (plan: unknown) => Object.entries(plan as object).sort(([a], [b]) => (a < b ? -1 : 1));

async function runTest(
  settings: ChunkThreadSettings,
  options: ReproduceOptions,
  done: Map<number, ChunkFigures>,
  progress: (done: number, total: number) => void,
): Promise<void> {
  const { plan } = settings;
  const chunks = Array.from({ length: chunksOf(plan) }, (_, chunk) => chunk).filter(
    (chunk) => !done.has(chunk),
  );
  const before = done.size;
  await runInThreads(settings, 'test', chunks, {
    ...(options.threads === undefined ? {} : { threads: options.threads }),
    signal: options.signal,
    onChunk: (chunk, figures) => done.set(chunk, figures),
    progress: (share) => progress(Math.min(plan.users, (before + share) * plan.chunkUsers), plan.users),
  });
}

const settingsOf = ({ cacheFolder, experimentsFolder }: ReproduceOptions) => ({
  cacheFolder,
  experimentsFolder,
});
