import { cpSync, mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLiveModels } from '../src/control/live-models.ts';
import { readFileSet, writeFileSet } from '../src/files/file-set.ts';
import { openPlatform, type Platform, type PlatformSettings } from '../src/platform.ts';
import { prepare } from '../src/prepare.ts';
import type { Recommendation, RecommendationInput } from '../src/recommend.ts';
import { type TestDatabase, testDatabase } from './support/databases.ts';

/** Models swapped while a whole product serves, with models that it trained. */

const base = mkdtempSync(join(tmpdir(), 'screentest-swap-'));
const world = { dataFolder: undefined, cacheFolder: join(base, 'cache'), viewers: 200, titles: 400, seed: 3 };
const [other, larger] = [join(base, 'other'), join(base, 'larger')];
let database: TestDatabase;
let settings: PlatformSettings;
let platform: Platform;
let notes: string[];
let original: string;

const start = async (): Promise<void> => {
  notes = [];
  platform = await openPlatform(settings);
};
const ask = async (path: string, body?: object) => {
  const response = await fetch(
    `http://127.0.0.1:${settings.port}${path}`,
    body && {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    },
  );
  return { status: response.status, text: await response.text() };
};
const swap = async (folder: string) => {
  const { status, text } = await ask('/v1/models/swap', { folder });
  return { status, ...JSON.parse(text) };
};
const version = async (): Promise<string> =>
  JSON.parse((await ask(`/v1/recommendations/${platform.exampleUser}`)).text).models;
const metric = async (name: string) =>
  (await ask('/metrics')).text.split('\n').find((line) => line.startsWith(`screentest_${name}{`));

beforeAll(async () => {
  const port = await new Promise<number>((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = probe.address() as { port: number };
      probe.close(() => resolve(free));
    });
  });
  database = await testDatabase();
  settings = {
    ...world,
    databaseUrl: database.url,
    redisUrl: undefined,
    experimentsFolder: join(import.meta.dirname, '..', 'experiments'),
    host: '127.0.0.1',
    port,
    report: { phase: (_name, _unit, run) => run(() => {}), note: (text) => notes.push(text) },
  };
  await start();
  original = platform.prepared.folder;
  // The same world learnt in another way, and one of more titles.
  const way = { ials: { factors: 16 } };
  await prepare({ ...world, cacheFolder: join(base, 'training'), modelsFolder: other, training: way });
  await prepare({ ...world, titles: 410, cacheFolder: join(base, 'training'), modelsFolder: larger });
}, 400_000);
afterAll(async () => {
  await platform?.close();
  await database?.close();
  rmSync(base, { recursive: true });
});

let copies = 0;
/** The other models, changed. */
function changed(change: (folder: string) => void): string {
  const folder = join(base, `changed-${copies++}`);
  cpSync(other, folder, { recursive: true });
  change(folder);
  return folder;
}
/** Changed by whoever wrote the manifest: sizes and checksums are right. */
async function sealed(name: string, change: (bytes: Buffer) => Uint8Array): Promise<string> {
  const folder = changed(() => {});
  const { facts, files } = await readFileSet<object>(folder, '');
  await writeFileSet(folder, facts, new Map([...files, [name, change(files.get(name)!)]]));
  return folder;
}
/** All bits set are a NaN wherever a number begins. */
const middleOfNan = (bytes: Buffer): Uint8Array =>
  Buffer.from(bytes).fill(0xff, bytes.length >> 1, (bytes.length >> 1) + 64);
const replaced = (from: string, to: string) => (bytes: Buffer) =>
  Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1');
async function facts(change: (facts: Record<string, unknown>) => object): Promise<string> {
  const folder = changed(() => {});
  const set = await readFileSet<Record<string, unknown>>(folder, '');
  await writeFileSet(folder, change(set.facts), set.files);
  return folder;
}

describe('models that cannot be served are refused by name, and those before them stay', () => {
  test.each<[string, () => string | Promise<string>, RegExp]>([
    ['no folder', () => join(base, 'nowhere'), /nowhere\/manifest\.json: is missing; name a folder/],
    [
      'a truncated file',
      () => changed((folder) => truncateSync(join(folder, 'scorer.onnx'), 100)),
      /changed-\d+\/scorer\.onnx: 100 bytes, the manifest says \d+; run/,
    ],
    [
      'a truncated file whose checksum is right',
      () => sealed('item-tower.onnx', (bytes) => bytes.subarray(0, bytes.length >> 1)),
      /changed-\d+\/item-tower\.onnx .*; train the models again/,
    ],
    [
      'NaN in a scorer',
      () => sealed('scorer.onnx', middleOfNan),
      /scorer\.onnx gave a score that is not a number/,
    ],
    [
      'NaN in an item tower',
      () => sealed('item-tower.onnx', middleOfNan),
      /item-tower\.onnx gave a score that is not a number/,
    ],
    [
      'NaN in factors',
      () => sealed('ials-items.bin', middleOfNan),
      /ials-items\.bin: value \d+ of \d+ is NaN; run/,
    ],
    [
      'titles that are none',
      () => sealed('trending-order.bin', (bytes) => Buffer.from(bytes).fill(0x7f, 0, 4)),
      /trending-order\.bin: value 1 is 2139062143; rows are 0 up to 399/,
    ],
    [
      'a manifest of other features',
      () => facts((found) => ({ ...found, featureSchema: 'two-tower/0' })),
      /models of feature schema two-tower\/0; this program computes/,
    ],
    [
      'a scorer of other features',
      () => sealed('scorer.onnx', replaced('two-tower-features/', 'two-tower-features:')),
      /scorer\.onnx was made for feature schema two-tower-features:\S+, this program has two-tower-features\//,
    ],
    ['another catalogue', () => larger, /larger\/manifest\.json: models for catalogue \S+ of 410 titles/],
  ])('%s', async (_, make, reason) => {
    const before = await version();
    const refusals = Number((await metric('model_swaps_refused_total'))!.split(' ').at(-1));
    const answer = await swap(await make());
    expect(answer).toMatchObject({ status: 409, error: { code: 'models-refused' } });
    expect(answer.error.message).toMatch(reason);
    expect(notes.at(-1)).toMatch(reason);
    expect(await version()).toBe(before);
    expect(await metric('model_swaps_refused_total')).toMatch(new RegExp(` ${refusals + 1}$`));
    expect(readdirSync(`${original}-swapped`)).toEqual([]);
  });
});

describe('models that can be', () => {
  const input = (row: number): RecommendationInput => ({
    requestId: `00000000-0000-7000-8000-${String(row).padStart(12, '0')}`,
    userId: platform.prepared.ids[row % platform.prepared.ids.length]!,
    surface: 'homepage',
    device: 'tv',
    at: Date.UTC(2026, 0, 1),
  });
  const shown = ({ request: { id, models, fallback, slate } }: Recommendation) => ({
    id,
    models,
    fallback,
    titles: [...slate.titles],
    scores: [...slate.scores],
  });

  test('every slate is of one version, whatever is swapped while it is ranked', async () => {
    const first = await version();
    const answers: Recommendation[] = [];
    let asking = true;
    const clients = Array.from({ length: 4 }, async (_, client) => {
      for (let row = client; asking; row += 4) {
        answers.push(...(await platform.recommender.recommend([input(row)])));
        // A pipeline without a scorer leaves no turn of the event loop to the swap.
        await nextTurn();
      }
    });
    const second = (await swap(other)).models;
    expect(second).not.toBe(first);
    for (const folder of [original, other, original]) {
      await sleep(50);
      expect(await swap(folder)).toEqual({
        status: 200,
        models: folder === original ? first : second,
        changed: true,
        behind: 0,
      });
    }
    await sleep(50);
    asking = false;
    await Promise.all(clients);

    // A slate that was ranked by parts of two is no slate of either.
    for (const [folder, models] of [
      [original, first],
      [other, second],
    ] as const) {
      await swap(folder);
      const own = answers.filter(({ request }) => request.models === models).slice(-300);
      expect(own.length).toBeGreaterThan(10);
      for (const one of own) {
        const [again] = await platform.recommender.recommend([input(Number(one.request.id.slice(-12)))]);
        expect(shown(one)).toEqual(shown(again!));
        expect(one.request.fallback).toBe('none');
      }
    }
    expect(new Set(answers.map(({ request }) => request.models))).toEqual(new Set([first, second]));
    expect(await swap(other)).toMatchObject({ status: 200, models: second, changed: false });
    expect(await metric('models_served')).toContain(`version="${second}"`);
  }, 120_000);

  test('a start begins with those swapped in last, without the folder they came from', async () => {
    const served = await version();
    await platform.close();
    rmSync(other, { recursive: true });
    await start();
    expect(await version()).toBe(served);
    expect(served).not.toBe(platform.prepared.models.version);
    // No more than those of the swap before it are kept beside them.
    expect(readdirSync(`${original}-swapped`).filter((name) => /^\d+-\d+$/.test(name))).toHaveLength(2);
  }, 120_000);

  test('where they are damaged, a start serves what it trained and says so', async () => {
    await platform.close();
    const kept = `${original}-swapped`;
    for (const name of readdirSync(kept).filter((found) => /^\d+-\d+$/.test(found)))
      truncateSync(join(kept, name, 'ials-items.bin'), 8);
    await start();
    expect(notes.join('\n')).toMatch(/swapped in last are refused.*ials-items\.bin: 8 bytes/);
    expect(await version()).toBe(platform.prepared.models.version);
  }, 120_000);
});

test('processes that share a disk follow one another', async () => {
  const keptIn = join(base, 'followed');
  const open = (refused?: string) => {
    const taken: string[] = [];
    const models = openLiveModels({
      keptIn,
      first: { version: 'trained', kept: undefined },
      async load(folder) {
        const { facts } = await readFileSet<{ version: string }>(folder, '');
        if (facts.version === refused) throw new Error('no memory for it');
        return facts;
      },
      take: (found) => taken.push(found.version),
      note: () => {},
    });
    return { taken, models };
  };
  const [one, two, unable] = [open(), open(), open('b')];
  const folders = new Map<string, string>();
  for (const name of ['a', 'b', 'c']) {
    folders.set(name, join(base, `set-${name}`));
    await writeFileSet(folders.get(name)!, { version: name }, new Map());
  }
  try {
    await one.models.swap(folders.get('a')!);
    expect(await two.models.follow()).toBe('a');
    expect(await unable.models.follow()).toBe('a');
    await two.models.swap(folders.get('b')!);
    while (one.taken.length < 2) await sleep(10);
    expect(await unable.models.follow()).toBe('a');
    expect(unable.models.stats()).toMatchObject({ version: 'a', behind: true });
    await unable.models.swap(folders.get('c')!);
    expect(await one.models.follow()).toBe('c');
    expect(one.taken).toEqual(['a', 'b', 'c']);
    expect(unable.models.stats()).toEqual({ generation: 3, version: 'c', refusals: 0, behind: false });
  } finally {
    for (const { models } of [one, two, unable]) models.close();
  }
});
