import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Prepared, prepare } from '../src/prepare.ts';
import { historyReader } from '../src/ranking/history.ts';
import type { Viewer } from '../src/ranking/viewer.ts';
import { createPipeline } from '../src/variants/pipeline.ts';
import { SOURCES } from '../src/variants/stage.ts';
import { createWork } from '../src/variants/work.ts';
import { textModel } from './onnx/text-model.ts';

const base = mkdtempSync(join(tmpdir(), 'screentest-details-'));
afterAll(() => rmSync(base, { recursive: true }));

const TITLES = 65;
const KINDS = ['rocket moon beyond', 'kiss wedding spring', 'soldier trench', 'garden rain', 'ship harbour'];
const USERS = 40;
const DAY = 86_400;
const START = Date.UTC(2026, 0, 1) / 1000;
const END = START + 60 * DAY;

// Every fifth title is of one kind, which only the plots say; users watch one kind.
const names = Array.from({ length: TITLES }, (_, title) => `Number${title}, The`);
const plotOf = (title: number): string => `${KINDS[title % KINDS.length]} again`;
const ratings = Array.from({ length: USERS }, (_, user) =>
  Array.from({ length: 10 }, (_, n) => {
    const title = (KINDS.length * (n + (user % 11)) + (user % KINDS.length)) % TITLES;
    return `${user},${title},${(user + n) % 4 === 0 ? 2 : 5},${START + (n * 40 + user) * 9000}`;
  }),
).flat();

function dataFolder(name: string, more: readonly (readonly [id: string, title: string])[] = []): string {
  const folder = join(base, name);
  mkdirSync(folder);
  const movies = [...names.map((title, id) => [id, `${title} (2000)`]), ...more];
  writeFileSync(
    join(folder, 'movies.csv'),
    ['movieId,title,genres', ...movies.map(([id, title]) => `${id},"${title}",(no genres listed)`), ''].join(
      '\n',
    ),
  );
  writeFileSync(
    join(folder, 'ratings.csv'),
    [
      'userId,movieId,rating,timestamp',
      ...ratings,
      ratings[0]!.replace(/,(\d+)$/, `,${START - DAY}`),
      '',
    ].join('\n'),
  );
  return folder;
}

const plots = join(base, 'plots');
mkdirSync(plots);
writeFileSync(
  join(plots, 'movies.jsonl'),
  [...names.keys(), 'fresh']
    .map((title) =>
      JSON.stringify({
        title: title === 'fresh' ? 'Fresh' : `The Number${title}`,
        year: title === 'fresh' ? 2026 : 2000,
        cast: [],
        extract: title === 'fresh' ? plotOf(0) : plotOf(title as number),
      }),
    )
    .join('\n'),
);
const folder = dataFolder('data');
const options = { dataFolder: folder, cacheFolder: join(base, 'cache'), viewers: 0, seed: 1 };

function viewerOf({ history, traits }: Prepared, user: number): Viewer {
  return historyReader(history, traits)(user, Number.POSITIVE_INFINITY);
}

/** External id and source of each slot. */
async function slateOf(
  { models, catalogue }: Prepared,
  viewer: Viewer,
  stages: readonly { stage: string; parameters: Record<string, unknown> }[],
  k: number,
): Promise<{ ids: string[]; sources: string[]; propensities: number[] }> {
  const work = createWork({
    requestId: '00000000-0000-7000-8000-000000000001',
    viewer,
    lists: undefined,
    surface: 'homepage',
    device: 'tv',
    country: viewer.country,
    at: END * 1000,
    k,
  });
  await createPipeline(stages, () => 0).run([work], models);
  const { titles, sources, propensities } = work.slate!;
  return {
    ids: Array.from(titles, (title) => catalogue.ids[title]!),
    sources: Array.from(sources, (source) => SOURCES[source]!),
    propensities: [...propensities],
  };
}

const from = (sources: readonly object[]) => [
  { stage: 'candidates', parameters: { sources } },
  { stage: 'fill', parameters: {} },
];

let bare: Prepared;
let told: Prepared;
beforeAll(async () => {
  bare = await prepare(options);
  told = await prepare({ ...options, details: { plots } });
});

describe('plots', () => {
  test('are other models, and say what they were joined to', () => {
    expect(told.folder).not.toBe(bare.folder);
    expect(told.catalogue.version).not.toBe(bare.catalogue.version);
    expect(told.notes).toContain('Plots: found for 65 of 65 titles by name and year');
    expect(bare.notes.join()).not.toContain('Plots');
  });

  test('without them nothing changes, and they are loaded again without training', async () => {
    const steps: string[] = [];
    const again = await prepare({ ...options, progress: (step) => steps.push(step) });
    expect(again.models.version).toBe(bare.models.version);
    const withPlots = await prepare({
      ...options,
      details: { plots },
      progress: (step) => steps.push(step),
    });
    expect(withPlots.models.version).toBe(told.models.version);
    expect(steps).not.toContain('re-ranker');
  });

  test.each([0, 1])('content finds titles of the same kind (user %i)', async (user) => {
    const { ids } = await slateOf(told, viewerOf(told, user), from([{ content: 3 }]), 3);
    expect(ids.map((id) => Number(id) % KINDS.length)).toEqual([user, user, user]);
  });

  test('of the invented world there are none', async () => {
    await expect(
      prepare({ ...options, dataFolder: undefined, viewers: 100, titles: 100, details: { plots } }),
    ).rejects.toThrow('--plots tells of real titles: give --data <folder> too');
  });
});

describe('a title that nobody has watched', () => {
  let grown: Prepared;
  beforeAll(async () => {
    // The catalogue grows by one title, which arrives a day before the request.
    const larger = dataFolder('larger', [['new-1', 'Fresh (2026)']]);
    writeFileSync(
      join(larger, 'titles.csv'),
      `title,added_at\nnew-1,${new Date((END - DAY) * 1000).toISOString()}\n`,
    );
    grown = await prepare({ ...options, dataFolder: larger, details: { plots } });
  });

  test('belongs to models of its own catalogue', () => {
    expect(grown.catalogue.size).toBe(TITLES + 1);
    expect(grown.folder).not.toBe(told.folder);
    expect([...grown.known.titles]).not.toContain(grown.catalogue.rowOf.get('new-1'));
  });

  test.each<[string, object[]]>([
    ['content', [{ content: 6 }]],
    ['new', [{ new: 6 }]],
  ])('is recommended by the source %s', async (source, sources) => {
    const { ids, sources: from_ } = await slateOf(grown, viewerOf(grown, 0), from(sources), 6);
    expect(ids).toContain('new-1');
    expect(from_[ids.indexOf('new-1')]).toBe(source);
  });

  test('the source new offers it to a viewer of whom nothing is known', async () => {
    const nobody = { ...viewerOf(grown, 0), watchCount: 0, picks: [] };
    expect((await slateOf(grown, nobody, from([{ new: 4 }]), 4)).ids[0]).toBe('new-1');
  });
});

describe('rules of titles', () => {
  test('are read anew at every start and train nothing', async () => {
    const copy = join(base, 'ruled');
    cpSync(folder, copy, { recursive: true, preserveTimestamps: true });
    const first = await prepare({ ...options, dataFolder: copy });
    writeFileSync(join(copy, 'titles.csv'), 'title,maturity,tags\n3,16,original\n');
    const steps: string[] = [];
    const ruled = await prepare({ ...options, dataFolder: copy, progress: (step) => steps.push(step) });
    expect(ruled.models.version).toBe(first.models.version);
    expect(steps).not.toContain('re-ranker');
    expect(first.catalogue.maturity).toBeUndefined();
    expect(ruled.models.catalogue.maturity![3]).toBe(16);
    expect(ruled.models.catalogue.tags![3]).toEqual(['original']);
    expect(ruled.notes).toContain('titles.csv: maturity, tags; 0 titles with a day of arrival');
  });

  test('a file that is named and not there is an error', async () => {
    const titles = join(base, 'no.csv');
    await expect(prepare({ ...options, details: { titles } })).rejects.toThrow(`${titles}: is missing`);
  });
});

test('a text model adds its dimensions to the content vectors and finds titles of the same kind', async () => {
  const model = join(base, 'text-model');
  mkdirSync(model);
  for (const [name, content] of Object.entries(textModel)) writeFileSync(join(model, name), content);
  const details = { plots, textModel: model };
  const embedded = await prepare({ ...options, details });
  expect(embedded.models.content.dims).toBe(told.models.content.dims + 3);
  const { ids } = await slateOf(embedded, viewerOf(embedded, 0), from([{ content: 3 }]), 3);
  expect(ids.map((id) => Number(id) % KINDS.length)).toEqual([0, 0, 0]);
  const again = await prepare({ ...options, details });
  expect(again.models.content.vectors).toEqual(embedded.models.content.vectors);
  await expect(prepare({ ...options, details: { textModel: plots } })).rejects.toThrow(
    /model\.onnx: is missing/,
  );
});

describe('ratings with gaps', () => {
  test('what was left out or is missing is told', () => {
    expect(bare.notes).toEqual([
      'ratings.csv: 1 rating of titles that the user rated again later is left out',
      'data: no title has a genre; genre caps and all that compares genres do nothing',
    ]);
  });

  test('a viewer who watched every title, in a catalogue without genres, gets a full slate of all stages', async () => {
    const viewer = {
      ...viewerOf(bare, 0),
      watchCount: TITLES,
      watchedTitles: Int32Array.from({ length: TITLES }, (_, title) => title),
      watchedWeights: new Float32Array(TITLES).fill(1),
      watchedAt: Float64Array.from({ length: TITLES }, (_, n) => (START + n) * 1000),
    };
    const stages = [
      { stage: 'candidates', parameters: { sources: [{ ials: 20 }, { content: 20 }, { trending: 10 }] } },
      { stage: 'blend', parameters: {} },
      { stage: 'score', parameters: { model: 'two-tower' } },
      { stage: 'fill', parameters: { genreCap: 2, explore: 0.2 } },
    ];
    const { ids, propensities } = await slateOf(bare, viewer, stages, 10);
    expect(new Set(ids).size).toBe(10);
    expect(propensities.every((share) => share > 0 && share <= 1)).toBe(true);
  });
});
