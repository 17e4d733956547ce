/**
 * CPU of a recommendation in this process: assignment, candidate lists from memory, candidates, blend, the re-ranker, boost, genre
 * cap and exploration, and the records of what was shown, without a web server, a journal or a database. The treatment of
 * experiments/homepage-hybrid.yaml, in batches and alone; and what more candidates cost.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readDeclarations } from '../dist/files/declarations.js';
import { prepare } from '../dist/prepare.js';
import { createMemoryCandidateStore } from '../dist/ranking/candidate-store.js';
import { generator } from '../dist/ranking/generator.js';
import { retrieveLists } from '../dist/ranking/retrieve.js';
import { createRecommender } from '../dist/recommender.js';
import { uuid7 } from '../dist/simulation/uuid7.js';
import { createPipeline } from '../dist/variants/pipeline.js';
import { createViewers } from '../dist/viewers.js';
import { quantile, section, table } from './measure.js';

const VIEWERS = 2_000;
const WARM_UP = 1_000;
const MEASURED = 5_000;
const BATCHES = [1, 32, 64, 128];
const SWEEP = [25, 50, 100, 200, 300, 1_000];
/** p95 of the case study's stages in ms, and what it allowed each; stages of ours that do the same work. */
const PUBLISHED = [
  { work: 'candidates', p95: '55', budget: '50', stages: ['lists', 'candidates', 'blend'] },
  { work: 'features and re-ranking', p95: '32 and 128', budget: '100', stages: ['score'] },
  { work: 'post-processing', p95: '12', budget: '', stages: ['boost', 'fill'] },
  {
    work: 'in all',
    p95: '227',
    budget: '200',
    stages: ['assign', 'lists', 'candidates', 'blend', 'score', 'boost', 'fill'],
  },
];

const experiments = fileURLToPath(new URL('../experiments', import.meta.url));

export async function run() {
  const cacheFolder = await mkdtemp(join(tmpdir(), 'pipeline-'));
  try {
    const read = await readDeclarations(experiments);
    if (!read.ok) throw new Error(read.errors[0].message);
    const prepared = await prepare({ dataFolder: undefined, cacheFolder, viewers: VIEWERS, seed: 1 });
    await treatment(await worldOf(prepared, 200), read.declarations);
    await sweep(await worldOf(prepared, 1_000), read.declarations);
  } finally {
    await rm(cacheFolder, { recursive: true });
  }
}

/** @param length titles in each list of candidates */
export async function worldOf({ models, known, traits, ids }, length) {
  const viewers = createViewers();
  for (const [row, id] of ids.entries()) viewers.profile(id, traits[row]);
  viewers.load(ids, known);
  const candidates = createMemoryCandidateStore();
  const lists = ids.map((id) => [id, retrieveLists(models, viewers.get(id), length)]);
  await candidates.putMany(models.version, lists);
  return { models, ids, viewers, candidates };
}

export function recommenderOf({ models, viewers, candidates }, declarations) {
  return createRecommender({
    declarations: () => declarations,
    models: () => models,
    viewers,
    candidates,
    environment: 'bench',
    states: () => new Map(),
    micros: () => performance.now() * 1000,
    createPipeline: (stages, micros) =>
      createPipeline(stages, micros, {
        onSkip: ({ stage, cause }) => {
          throw new Error(`stage ${stage} was skipped`, { cause });
        },
      }),
    onFailure: (error) => {
      throw error;
    },
  });
}

/** Requests of viewers drawn at random, `size` at a time. */
async function measure(recommender, { ids, models }, size) {
  const random = generator(size);
  const at = models.trending.asOf;
  let session = 0;
  const batch = () =>
    Array.from({ length: size }, () => {
      const viewer = Math.floor(random() * ids.length);
      return {
        requestId: uuid7(1, at, viewer, session++, 1),
        userId: ids[viewer],
        surface: 'homepage',
        device: 'tv',
        at,
        forced: { 'homepage-hybrid': 'hybrid' },
      };
    });
  for (let done = 0; done < WARM_UP; done += size) await recommender.recommend(batch());
  const batches = Array.from({ length: Math.ceil(MEASURED / size) }, batch);
  const times = [];
  const stages = new Map();
  const used = process.cpuUsage();
  for (const inputs of batches) {
    const start = performance.now();
    const answers = await recommender.recommend(inputs);
    times.push((1000 * (performance.now() - start)) / size);
    for (const { stage, micros } of answers[0].request.stages) {
      const own = stages.get(stage) ?? [];
      own.push(micros / size);
      stages.set(stage, own);
    }
  }
  const { user, system } = process.cpuUsage(used);
  return {
    times,
    stages,
    cpu: (user + system) / (size * batches.length),
    made: await madeBy(recommender, batch, size),
  };
}

/** Bytes on the heap that a request leaves to be collected. */
async function madeBy(recommender, batch, size) {
  const made = [];
  for (let round = 0; round < 100; round++) {
    const inputs = batch();
    const before = process.memoryUsage().heapUsed;
    await recommender.recommend(inputs);
    const grown = process.memoryUsage().heapUsed - before;
    // A collection in between makes it less than it was.
    if (grown > 0) made.push(grown / size);
  }
  return quantile(made, 0.5);
}

const three = (values, digits = 1) => [0.5, 0.95, 0.99].map((q) => quantile(values, q).toFixed(digits));

async function treatment(world, declarations) {
  const recommender = recommenderOf(world, declarations);
  section(
    `A recommendation in process: hybrid, re-ranker, genre cap, explore 20% (${world.models.catalogue.size.toLocaleString('en')} titles)`,
  );
  const rows = [['requests at a time', 'CPU us a request', 'p50 us', 'p95 us', 'p99 us', 'made a request']];
  const measured = new Map();
  for (const size of BATCHES) {
    const found = await measure(recommender, world, size);
    measured.set(size, found);
    rows.push([size, found.cpu.toFixed(1), ...three(found.times), `${(found.made / 1024).toFixed(1)} KiB`]);
  }
  console.log(table(rows));
  console.log(
    '\nMade: on the heap, and collected later. Published peers: Metarank 10 to 30 ms; case study p95 227 ms.\n',
  );

  const stages = [...measured.get(1).stages.keys()];
  console.log(
    table([
      ['stage, us a request', ...BATCHES.flatMap((size) => [`${size}: p50`, 'p95', 'p99'])],
      ...stages.map((stage) => [
        stage,
        ...BATCHES.flatMap((size) => three(measured.get(size).stages.get(stage))),
      ]),
    ]),
  );

  const alone = measured.get(1).stages;
  console.log(
    `\n${table([
      ['p95 ms, one at a time', 'ours', 'case study', 'its budget'],
      ...PUBLISHED.map(({ work, p95, budget, stages: own }) => [
        work,
        (own.reduce((sum, stage) => sum + quantile(alone.get(stage), 0.95), 0) / 1000).toFixed(3),
        p95,
        budget,
      ]),
    ])}\n\nOurs: the sum of the stages' p95.`,
  );
}

/** The same treatment with other numbers of candidates, two of three by matrix factorisation. */
async function sweep(world, declarations) {
  section(
    `The same by number of candidates: ${WARM_UP} requests before ${MEASURED.toLocaleString('en')} measured ones`,
  );
  const rows = [
    ['candidates', 'alone: CPU us', 'p50 us', 'p95 us', 'p99 us', '64 at a time: CPU us a request', 'p50 us'],
  ];
  for (const candidates of SWEEP) {
    const recommender = recommenderOf(world, withCandidates(declarations, candidates));
    const alone = await measure(recommender, world, 1);
    const together = await measure(recommender, world, 64);
    const [median] = three(together.times);
    rows.push([candidates, alone.cpu.toFixed(1), ...three(alone.times), together.cpu.toFixed(1), median]);
  }
  console.log(table(rows));
}

function withCandidates(declarations, candidates) {
  const ials = Math.round((2 * candidates) / 3);
  const parameters = { sources: [{ ials }, { content: candidates - ials }] };
  const change = (stages) =>
    stages?.map((one) => (one.stage === 'candidates' ? { ...one, parameters } : one));
  return {
    ...declarations,
    version: `${declarations.version} with ${candidates}`,
    experiments: declarations.experiments.map((experiment) => ({
      ...experiment,
      variants: experiment.variants.map((variant) =>
        variant.key === 'hybrid' ? { ...variant, pipeline: change(variant.pipeline) } : variant,
      ),
    })),
  };
}
