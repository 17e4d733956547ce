import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { twoTowerOnnx } from '../../src/onnx/export.ts';
import { onnxModel } from '../../src/onnx/protobuf.ts';
import { createTwoTowerScorer, loadTwoTower } from '../../src/onnx/scorer.ts';
import { FEATURE_SCHEMA, itemFeatures, PAIR_WIDTH, USER_WIDTH } from '../../src/ranking/features.ts';
import { generator } from '../../src/ranking/generator.ts';
import { trainLogistic } from '../../src/ranking/logistic.ts';
import { FLAT_WIDTH, flatFeatures } from '../../src/ranking/tower-examples.ts';
import { trainTwoTower } from '../../src/ranking/two-tower.ts';
import { predictTwoTower, type TwoTower } from '../../src/ranking/two-tower-model.ts';
import { catalogueOf, inColumns } from '../ranking/fixtures.ts';
import { matchingProblem } from '../ranking/tower-fixtures.ts';

const TITLES = 300;
const films = Array.from({ length: TITLES }, (_, i) => ({
  genres: [`g${i % 7}`, `g${i % 5}`],
  year: 1980 + (i % 40),
}));
const catalogue = catalogueOf(films);
const random = generator(4);
const noise = (size: number) => Float32Array.from({ length: size }, () => random());
const models = {
  catalogue,
  trending: {
    asOf: 0,
    order: new Int32Array(0),
    score: noise(TITLES),
    popularity: noise(TITLES),
    quality: noise(TITLES),
  },
};
const examples = { ...matchingProblem(4000, TITLES, 9), items: itemFeatures(models) };
const wide = trainLogistic(flatFeatures(examples), examples.labels, FLAT_WIDTH);
const model = trainTwoTower(examples, { epochs: 1, wide });

const filesOf = (trained: TwoTower, version?: string) => {
  const { itemTower, scorer } = twoTowerOnnx(trained, version);
  return {
    itemTower: { path: 'item.onnx', bytes: itemTower },
    scorer: { path: 'scorer.onnx', bytes: scorer },
  };
};

describe('a scorer made from a trained model', () => {
  const batch = 8;
  const slots = 8;
  const inputs = [
    examples.users.subarray(0, batch * USER_WIDTH),
    examples.titles.subarray(0, batch * slots),
    inColumns(examples.pairs.subarray(0, batch * slots * PAIR_WIDTH), slots, PAIR_WIDTH),
  ] as const;

  it('scores as the trained model does', async () => {
    const scorer = await createTwoTowerScorer(filesOf(model, '7'), models);
    expect(scorer.name).toBe('two-tower@7');
    expect(scorer.featureSchema).toBe(FEATURE_SCHEMA);
    const scores = await scorer.score(batch, slots, ...inputs);
    // Eight examples share a user, so a batch row is a user and their eight titles.
    const expected = predictTwoTower(model, examples);
    expect(scores).toHaveLength(batch * slots);
    for (let i = 0; i < scores.length; i++) expect(Math.abs(scores[i]! - expected[i]!)).toBeLessThan(1e-5);
  });

  it('refuses to return scores that are not numbers', async () => {
    const bias = model.head[1].bias.map(() => Number.NaN);
    const broken = { ...model, head: [model.head[0], { ...model.head[1], bias }] as const };
    const scorer = await createTwoTowerScorer(filesOf(broken), models);
    await expect(scorer.score(batch, slots, ...inputs)).rejects.toThrow(
      'scorer.onnx gave a score that is not a number',
    );
  });
});

describe('a model file that does not fit is refused', () => {
  const good = filesOf(model);
  const other = (change: Partial<TwoTower>) => filesOf({ ...model, ...change });

  it.each([
    [
      'of another feature schema, naming both',
      other({ featureSchema: 'two-tower-features/0:beef' }),
      `scorer.onnx was made for feature schema two-tower-features/0:beef, this program has ${FEATURE_SCHEMA}`,
    ],
    ['of another catalogue', other({ catalogue: 'old' }), 'made for catalogue old, this program has test'],
    ['put in the place of the other', { ...good, scorer: good.itemTower }, 'made for part item-tower'],
    [
      'of another version than its twin',
      { ...good, itemTower: filesOf(model, '2').itemTower },
      'of model version 2',
    ],
    [
      'truncated',
      { ...good, itemTower: { path: 'item.onnx', bytes: good.itemTower.bytes.subarray(0, 900) } },
      'item.onnx is truncated or no ONNX model',
    ],
  ])('%s', async (_, files, message) => {
    await expect(createTwoTowerScorer(files, models)).rejects.toThrow(message);
  });

  it('with other inputs', async () => {
    const metadata = {
      name: 'two-tower',
      version: '1',
      part: 'scorer',
      feature_schema: FEATURE_SCHEMA,
      catalogue: 'test',
      titles: String(TITLES),
      dims: String(model.item[1].outputs + 2),
      user_width: String(USER_WIDTH),
      item_width: String(examples.items.length / TITLES),
      pair_width: String(PAIR_WIDTH),
    };
    const bytes = onnxModel({
      metadata,
      inputs: [{ name: 'x', type: 'float32', shape: ['n'] }],
      outputs: [{ name: 'y', type: 'float32', shape: ['n'] }],
      nodes: [{ op: 'Relu', inputs: ['x'], outputs: ['y'] }],
      initializers: [],
    });
    await expect(
      createTwoTowerScorer({ ...good, scorer: { path: 'scorer.onnx', bytes } }, models),
    ).rejects.toThrow('scorer.onnx has inputs x and outputs y; it must have inputs candidates, users');
  });

  const folder = mkdtempSync(join(tmpdir(), 'two-tower-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('missing', async () => {
    const paths = { itemTower: join(folder, 'item.onnx'), scorer: join(folder, 'scorer.onnx') };
    writeFileSync(paths.itemTower, good.itemTower.bytes);
    await expect(loadTwoTower(paths, models)).rejects.toThrow(
      `${paths.scorer} is missing; train the models again`,
    );
    writeFileSync(paths.scorer, good.scorer.bytes);
    expect((await loadTwoTower(paths, models)).name).toBe('two-tower@1');
  });
});
