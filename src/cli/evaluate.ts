import type { Command } from 'commander';
import type { Declarations, StageDeclaration } from '../declarations.ts';
import { readDeclarations } from '../files/declarations.ts';
import { retrieveMany } from '../onnx/retrieve.ts';
import { type Prepared, prepare } from '../prepare.ts';
import { DEVICES } from '../ranking/catalogue.ts';
import { type Evaluation, evaluateSlates, relevantTitles } from '../ranking/evaluate.ts';
import { historyReader } from '../ranking/history.ts';
import type { CandidateLists, Viewer } from '../ranking/viewer.ts';
import { createPipeline } from '../variants/pipeline.ts';
import type { RankingRequest } from '../variants/stage.ts';
import { createWork } from '../variants/work.ts';
import { createProgressReporter } from './progress.ts';
import { formatTraining } from './training-figures.ts';
import { whole } from './whole.ts';

interface EvaluateOptions {
  readonly data?: string;
  readonly users: number;
  readonly sample: number;
  readonly seed: number;
  readonly experiments: string;
  readonly cache: string;
  readonly json?: boolean;
}

interface Candidate {
  readonly name: string;
  readonly surface: string;
  readonly pipeline: readonly StageDeclaration[];
}

const K = 20;
const LIST_LENGTH = 200;
const BATCH = 128;

export function registerEvaluate(program: Command): void {
  program
    .command('evaluate')
    .description('measure every declared pipeline on held-out interactions')
    .option('--data <folder>', 'real ratings instead of the invented world: a folder in a MovieLens format')
    .option('--users <n>', 'viewers of the invented world', whole(100, 1_000_000), 10_000)
    .option('--sample <n>', 'users that are evaluated at most', whole(1, 1_000_000), 2_000)
    .option('--seed <n>', 'seed of the world and of training', whole(0, 2 ** 31 - 1), 1)
    .option('--experiments <folder>', 'declarations to load', 'experiments')
    .option('--cache <folder>', 'where the trained models are kept', '.screentest')
    .option('--json', 'print JSON')
    .action(evaluate);
}

async function evaluate(options: EvaluateOptions): Promise<void> {
  const read = await readDeclarations(options.experiments);
  if (!read.ok) {
    process.stderr.write(
      `${options.experiments} is not valid; \`npx screentest validate\` lists the errors\n`,
    );
    process.exitCode = 2;
    return;
  }
  const report = createProgressReporter(process.stderr);
  const prepared = await report.phase('train or load the models', '%', (progress) =>
    prepare({
      dataFolder: options.data,
      cacheFolder: options.cache,
      viewers: options.users,
      seed: options.seed,
      progress: (_step, share) => progress(100 * share, 100),
    }),
  );
  const rows = await report.phase('evaluate', 'pipelines', (progress) =>
    evaluatePipelines(prepared, read.declarations, options.sample, progress),
  );
  const recall = `held-out titles found in the first ${K} / all held-out titles of the user`;
  if (options.json) {
    const { report: training, models } = prepared;
    const answer = { k: K, recall, models: models.version, training, pipelines: rows };
    process.stdout.write(`${JSON.stringify(answer, undefined, 2)}\n`);
  } else
    process.stdout.write(
      `${table(rows)}\n\nRecall@${K}: ${recall}; means over users.\n\n${formatTraining(prepared.report)}\n`,
    );
}

/** The pipelines of all variants and the surfaces' defaults, each named by where it is declared. */
function declaredPipelines({ experiments, surfaces }: Declarations): Candidate[] {
  return [
    ...surfaces.map(({ name, pipeline }) => ({ name: `${name} (default)`, surface: name, pipeline })),
    ...experiments.flatMap(({ key, surface = '', variants }) =>
      variants.flatMap(({ key: variant, pipeline }) =>
        pipeline === undefined ? [] : [{ name: `${key}/${variant}`, surface, pipeline }],
      ),
    ),
  ];
}

/** Runs the real pipelines for users with held-out titles, evenly spread over all, and measures their slates. */
export async function evaluatePipelines(
  prepared: Prepared,
  declarations: Declarations,
  sample: number,
  progress: (done: number, total: number) => void = () => {},
): Promise<(Evaluation & { readonly name: string })[]> {
  const { models, ids, traits, history, heldOut } = prepared;
  const relevant = relevantTitles(heldOut);
  const users = [...relevant.keys()].sort((a, b) => a - b);
  const share = Math.min(1, sample / users.length);
  const chosen = users.filter((_, place) => Math.floor((place + 1) * share) > Math.floor(place * share));
  const read = historyReader(history, traits);
  const viewers = chosen.map((user) => ({ ...read(user, Number.POSITIVE_INFINITY), id: ids[user]! }));
  const lists = new Map<string, CandidateLists>();
  await retrieveMany(models, viewers, LIST_LENGTH, (entries) => {
    for (const [user, found] of entries) lists.set(user, found);
  });
  const candidates = declaredPipelines(declarations);
  const rows: (Evaluation & { readonly name: string })[] = [];
  for (const { name, surface, pipeline } of candidates) {
    const requests = viewers.map((viewer, row) =>
      requestOf(viewer, lists, surface, models.trending.asOf, row),
    );
    const slates = await slatesOf(pipeline, requests, prepared);
    const measured = evaluateSlates(
      slates,
      chosen.map((user) => relevant.get(user)!),
      models.catalogue,
      K,
    );
    rows.push({ name, ...measured });
    progress(rows.length, candidates.length);
  }
  return rows;
}

function requestOf(
  viewer: Viewer,
  lists: ReadonlyMap<string, CandidateLists>,
  surface: string,
  at: number,
  row: number,
): RankingRequest {
  return {
    // Stages draw from the id: a fixed one makes the figures repeatable.
    requestId: `00000000-0000-7000-8000-${row.toString(16).padStart(12, '0')}`,
    viewer,
    lists: lists.get(viewer.id),
    surface,
    device: DEVICES[0],
    country: viewer.country,
    at,
    k: K,
  };
}

async function slatesOf(
  pipeline: readonly StageDeclaration[],
  requests: readonly RankingRequest[],
  { models }: Prepared,
): Promise<Int32Array[]> {
  const made = createPipeline(pipeline, () => 0);
  const slates: Int32Array[] = [];
  for (let from = 0; from < requests.length; from += BATCH) {
    const batch = requests.slice(from, from + BATCH).map(createWork);
    await made.run(batch, models);
    for (const work of batch) slates.push(work.slate!.titles);
  }
  return slates;
}

function table(rows: readonly (Evaluation & { readonly name: string })[]): string {
  const width = Math.max(...rows.map(({ name }) => name.length), 8);
  const head = [`Recall@${K}`, `NDCG@${K}`, 'MRR', 'coverage', 'Gini', 'genres', 'users'];
  const line = (name: string, cells: readonly string[]): string =>
    `${name.padEnd(width)}  ${cells.map((cell) => cell.padStart(9)).join(' ')}`;
  return [
    line('pipeline', head),
    ...rows.map((row) =>
      line(row.name, [
        row.recall.toFixed(4),
        row.ndcg.toFixed(4),
        row.mrr.toFixed(4),
        row.coverage.toFixed(4),
        row.gini.toFixed(4),
        row.genresPerSlate.toFixed(2),
        String(row.users),
      ]),
    ),
  ].join('\n');
}
