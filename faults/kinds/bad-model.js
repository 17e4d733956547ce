import { cpSync, mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDeclarations } from '../../dist/files/declarations.js';
import { readFileSet, writeFileSet } from '../../dist/files/file-set.js';
import { prepare } from '../../dist/prepare.js';
import { itemSourcesOf } from '../../dist/variants/item-sources.js';
import { ask, createAgent } from '../ask.js';
import { takeSlate } from '../load.js';
import { demand, sleep } from '../measure.js';

const middleOfNan = (bytes) => Buffer.from(bytes).fill(0xff, bytes.length >> 1, (bytes.length >> 1) + 64);
const half = (bytes) => bytes.subarray(0, bytes.length >> 1);

/** Ways to spoil a folder of models; all but the first are sealed: sizes and checksums are right. */
const SPOILERS = [
  async (folder) => truncateSync(join(folder, 'scorer.onnx'), 100),
  (folder) => sealed(folder, ({ facts, files }) => ({ facts, files: changed(files, 'scorer.onnx', half) })),
  (folder) =>
    sealed(folder, ({ facts, files }) => ({ facts, files: changed(files, 'scorer.onnx', middleOfNan) })),
  (folder) =>
    sealed(folder, ({ facts, files }) => ({ facts, files: changed(files, 'ials-items.bin', middleOfNan) })),
  (folder) =>
    sealed(folder, ({ facts, files }) => ({ facts: { ...facts, featureSchema: 'other/0' }, files })),
];

const changed = (files, name, change) => new Map([...files, [name, change(files.get(name))]]);

async function sealed(folder, change) {
  const { facts, files } = change(await readFileSet(folder, ''));
  await writeFileSet(folder, facts, files);
}

/** Models of the same world, learnt in two ways. */
async function trainTwo(world, folder) {
  const read = await readDeclarations(world.experiments);
  const options = {
    dataFolder: undefined,
    viewers: world.users,
    seed: 1,
    sources: itemSourcesOf(read.declarations),
    cacheFolder: join(folder, 'cache'),
  };
  const models = [];
  for (const factors of [16, 24]) {
    const modelsFolder = join(folder, `good-${factors}`);
    const { version } = (await prepare({ ...options, modelsFolder, training: { ials: { factors } } })).models;
    models.push({ folder: modelsFolder, version });
  }
  return models;
}

export const badModel = {
  name: 'bad-model',
  title: 'bad model swapped in',
  injection:
    'under load: a folder of models truncated, sealed with half a file, with NaN in a scorer or in factors, or of another feature schema; between them good models; every third time kill -9 in the middle of a good swap',
  holds:
    'bad ones are refused and the old ones stay; every slate is of one version, that which is stored with it; after a kill one of the two is served',
  recovery: 'a good swap asked for to its answer; after a kill, the start to ready',
  runs: { full: 30, quick: 5 },
  async run(world, runs) {
    await world.up();
    const folder = mkdtempSync(join(tmpdir(), 'screentest-models-'));
    const good = await trainTwo(world, folder);
    const recoveries = [];
    const agent = createAgent(1);
    let kills = 0;
    const swap = async (models) => {
      const { status, text } = await ask(`${world.url}/v1/models/swap`, {
        method: 'POST',
        body: { folder: models },
        ms: 60_000,
      });
      return { status, ...JSON.parse(text) };
    };
    const served = async () => (await takeSlate(world, agent, 'u-1')).slate.models;
    const load = world.startLoad({ thinkMs: 5 });
    try {
      let current = await served();
      for (let run = 0; run < runs; run++) {
        await world.acknowledgedAgain();
        const bad = join(folder, 'bad');
        cpSync(good[run % 2].folder, bad, { recursive: true });
        await SPOILERS[run % SPOILERS.length](bad);
        const refused = await swap(bad);
        rmSync(bad, { recursive: true });
        demand(refused.status === 409, `bad models were answered with ${refused.status}`);
        demand((await served()) === current, 'refused models are served');

        const next = good.find(({ version }) => version !== current);
        const started = performance.now();
        if (run % 3 === 2) {
          const cut = swap(next.folder).catch(() => undefined);
          await sleep(Math.random() * 400);
          await world.end('SIGKILL');
          await cut;
          recoveries.push(await world.up());
          kills++;
          const after = await served();
          demand(after === current || after === next.version, `after a kill models ${after} are served`);
          current = after;
        } else {
          const answer = await swap(next.folder);
          demand(answer.status === 200, `good models were answered with ${answer.status}`);
          recoveries.push(performance.now() - started);
          current = next.version;
          demand((await served()) === current, 'models that were swapped in are not served');
        }
      }
    } finally {
      await load.stop();
      agent.destroy();
      rmSync(folder, { recursive: true });
    }
    return {
      verdict: await world.judge('bad-model'),
      recoveries,
      note: `${kills} kills in the middle of a swap`,
    };
  },
};
