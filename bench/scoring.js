/**
 * Features and scores of 200 candidates: what the `score` stage costs a request, with everything it must compute (the
 * viewer's taste by fold-in, pair scores, features, the two-tower model), in batches of 32 and alone; beside it the bare run
 * of the model on features made before, which no pipeline around it can beat.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare } from '../dist/prepare.js';
import { historyReader } from '../dist/ranking/history.js';
import { retrieveLists } from '../dist/ranking/retrieve.js';
import { stageDefinitions } from '../dist/variants/registry.js';
import { createWork } from '../dist/variants/work.js';
import { quantile, section, table } from './measure.js';

const CANDIDATES = 200;
const VIEWERS = 2_000;
const ROUNDS = 400;
const WARM_UP = 100;

const stage = (name, parameters) => stageDefinitions.find((one) => one.name === name).make(parameters);

export async function run() {
  const cacheFolder = await mkdtemp(join(tmpdir(), 'scoring-'));
  try {
    const prepared = await prepare({ dataFolder: undefined, cacheFolder, viewers: VIEWERS, seed: 1 });
    await measure(prepared);
  } finally {
    await rm(cacheFolder, { recursive: true });
  }
}

async function measure({ models, history, traits, ids }) {
  section(
    `Features and scores of ${CANDIDATES} candidates (${models.catalogue.size.toLocaleString('en')} titles)`,
  );
  const read = historyReader(history, traits);
  const candidates = stage('candidates', { sources: [{ ials: 150 }, { content: 50 }] });
  const score = stage('score', { model: 'two-tower' });
  const works = ids.map((id, row) => {
    const viewer = { ...read(row, Number.POSITIVE_INFINITY), id };
    const work = createWork({
      requestId: `00000000-0000-7000-8000-${row.toString(16).padStart(12, '0')}`,
      viewer,
      lists: retrieveLists(models, viewer, CANDIDATES),
      surface: 'homepage',
      device: 'tv',
      country: viewer.country,
      at: models.trending.asOf,
      k: 20,
    });
    candidates.run([work], models);
    return work;
  });
  // The bare model is fed with the features that the stage made, so both run on the same numbers, in as many calls.
  let fed = [];
  const scorer = models.scorers.get('two-tower');
  const watched = {
    ...models,
    scorers: new Map([
      [
        'two-tower',
        {
          ...scorer,
          score(...inputs) {
            fed.push(inputs.map((input) => (ArrayBuffer.isView(input) ? input.slice() : input)));
            return scorer.score(...inputs);
          },
        },
      ],
    ]),
  };
  const rows = [
    [
      'requests at a time',
      'p50 us a request',
      'p95',
      'p99',
      'bare model p50',
      'ratio',
      'heap growth a request',
    ],
  ];
  for (const size of [32, 1]) {
    const times = [];
    const bare = [];
    let heap = 0;
    for (let round = -WARM_UP; round < ROUNDS; round++) {
      const from = ((round + WARM_UP) * size) % (works.length - size);
      const batch = works.slice(from, from + size);
      candidates.run(batch, models);
      fed = [];
      await score.run(batch, watched);
      // As in a pipeline: the candidates were collected just now.
      candidates.run(batch, models);
      const before = process.memoryUsage().heapUsed;
      const start = process.hrtime.bigint();
      await score.run(batch, models);
      const end = process.hrtime.bigint();
      const grown = process.memoryUsage().heapUsed - before;
      const bareStart = process.hrtime.bigint();
      for (const inputs of fed) await scorer.score(...inputs);
      const bareEnd = process.hrtime.bigint();
      if (round < 0) continue;
      times.push(Number(end - start) / 1000 / size);
      bare.push(Number(bareEnd - bareStart) / 1000 / size);
      if (grown > 0) heap = heap === 0 ? grown / size : Math.min(heap, grown / size);
    }
    const median = quantile(times, 0.5);
    const floor = quantile(bare, 0.5);
    rows.push([
      size,
      median.toFixed(1),
      quantile(times, 0.95).toFixed(1),
      quantile(times, 0.99).toFixed(1),
      floor.toFixed(1),
      (median / floor).toFixed(2),
      `${Math.round(heap)} B`,
    ]);
  }
  console.log(table(rows));
}
