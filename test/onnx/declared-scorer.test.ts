import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import type { ScorerDeclaration } from '../../src/declarations.ts';
import { loadDeclaredScorer } from '../../src/onnx/declared-scorer.ts';
import { type OnnxGraph, onnxModel } from '../../src/onnx/protobuf.ts';
import { featureColumns } from '../../src/ranking/feature-columns.ts';
import { PAIR_WIDTH, USER_WIDTH } from '../../src/ranking/features.ts';
import given from '../cases/declared-models.json' with { type: 'json' };
import { catalogueOf } from '../ranking/fixtures.ts';

const { batch, slots, titles } = given;
const folder = mkdtempSync(join(tmpdir(), 'declared-'));
afterAll(() => rmSync(folder, { recursive: true }));

const models = {
  catalogue: catalogueOf(Array.from({ length: titles }, () => ({ genres: [], year: 2000 }))),
  trending: {
    asOf: 0,
    order: new Int32Array(0),
    score: new Float32Array(titles),
    popularity: Float32Array.from(given.popularity),
    quality: new Float32Array(titles),
  },
};
const offset = (name: string): number => featureColumns(name)![0]!.offset;
const users = new Float32Array(batch * USER_WIDTH);
given.activity.forEach((value, row) => {
  users[row * USER_WIDTH + offset('user.activity')] = value;
});
const candidates = Int32Array.from(given.candidates.flat());
const pairs = new Float32Array(batch * slots * PAIR_WIDTH);
for (const name of ['content', 'collaborative'] as const)
  given[name].flat().forEach((value, row) => {
    pairs[(Math.floor(row / slots) * PAIR_WIDTH + offset(`pair.${name}`)) * slots + (row % slots)] = value;
  });

const FEATURES = ['user.activity', 'item.popularity', 'pair.content', 'pair.collaborative'];
const matrix = (rows: readonly (readonly number[])[]) => ({
  shape: [rows.length, rows[0]!.length],
  data: Float32Array.from(rows.flat()),
});

/** Trees as scikit-learn grew them; the sigmoid of their sum is the probability. */
function trees(): OnnxGraph {
  const { nodes, leaves, base } = given.trees;
  return {
    inputs: [{ name: 'features', type: 'float32', shape: ['rows', 4] }],
    outputs: [{ name: 'probability', type: 'float32', shape: ['rows', 1] }],
    initializers: [],
    nodes: [
      {
        op: 'TreeEnsembleRegressor',
        domain: 'ai.onnx.ml',
        inputs: ['features'],
        outputs: ['sum'],
        attributes: {
          n_targets: 1,
          nodes_treeids: nodes.map(([tree]) => tree!),
          nodes_nodeids: nodes.map(([, node]) => node!),
          nodes_featureids: nodes.map(([, , feature]) => feature!),
          nodes_truenodeids: nodes.map(([, , , , atMost]) => atMost!),
          nodes_falsenodeids: nodes.map(([, , , , , above]) => above!),
          target_treeids: leaves.map(([tree]) => tree!),
          target_nodeids: leaves.map(([, node]) => node!),
          target_ids: leaves.map(() => 0),
        },
        floats: {
          nodes_values: nodes.map(([, , , threshold]) => threshold!),
          target_weights: leaves.map(([, , value]) => value!),
          base_values: [base],
        },
        texts: { nodes_modes: nodes.map((node) => (node[6] === 1 ? 'LEAF' : 'BRANCH_LEQ')) },
      },
      { op: 'Sigmoid', inputs: ['sum'], outputs: ['probability'] },
    ],
  };
}

/** A linear part beside a network over the features and an embedding of the title. */
function wideAndDeep(): OnnxGraph {
  const { embeddings, first, firstBias, last, wide } = given.wideAndDeep;
  return {
    inputs: [
      { name: 'deep', type: 'float32', shape: ['rows', 4] },
      { name: 'wide', type: 'float32', shape: ['rows', 2] },
      { name: 'title', type: 'int64', shape: ['rows'] },
    ],
    outputs: [{ name: 'probability', type: 'float32', shape: ['rows', 1] }],
    initializers: [
      { name: 'embeddings', ...matrix(embeddings) },
      { name: 'first', ...matrix(first) },
      { name: 'first_bias', shape: [firstBias.length], data: Float32Array.from(firstBias) },
      { name: 'last', ...matrix(last) },
      { name: 'wide_weights', ...matrix(wide) },
    ],
    nodes: [
      { op: 'Gather', inputs: ['embeddings', 'title'], outputs: ['embedding'] },
      { op: 'Concat', inputs: ['deep', 'embedding'], outputs: ['input'], attributes: { axis: 1 } },
      { op: 'MatMul', inputs: ['input', 'first'], outputs: ['product'] },
      { op: 'Add', inputs: ['product', 'first_bias'], outputs: ['sum'] },
      { op: 'Relu', inputs: ['sum'], outputs: ['hidden'] },
      { op: 'MatMul', inputs: ['hidden', 'last'], outputs: ['from_deep'] },
      { op: 'MatMul', inputs: ['wide', 'wide_weights'], outputs: ['from_wide'] },
      { op: 'Add', inputs: ['from_deep', 'from_wide'], outputs: ['logit'] },
      { op: 'Sigmoid', inputs: ['logit'], outputs: ['probability'] },
    ],
  };
}

/** Gives one of its features back, or something made of it. */
function passing(change: Partial<OnnxGraph> = {}, op = 'Identity'): OnnxGraph {
  return {
    inputs: [{ name: 'x', type: 'float32', shape: ['rows', 1] }],
    outputs: [{ name: 'y', type: 'float32', shape: ['rows', 1] }],
    initializers: [],
    nodes: [{ op, inputs: ['x'], outputs: ['y'] }],
    ...change,
  };
}

let files = 0;
function write(graph: OnnxGraph | Uint8Array): string {
  const file = join(folder, `model-${files++}.onnx`);
  writeFileSync(file, graph instanceof Uint8Array ? graph : onnxModel(graph));
  return file;
}

const declared = (
  graph: OnnxGraph | Uint8Array,
  inputs: ScorerDeclaration['inputs'],
  rest: Partial<ScorerDeclaration> = {},
): ScorerDeclaration => ({ name: 'own', file: write(graph), inputs, ...rest });

const X = [{ name: 'x', features: ['pair.content'] }];

describe('a model of the team', () => {
  test.each([
    [
      'gradient-boosted trees of scikit-learn',
      trees(),
      [{ name: 'features', features: FEATURES }],
      given.trees.expected,
    ],
    [
      'a wide & deep network',
      wideAndDeep(),
      [
        { name: 'title', index: 'title' as const },
        { name: 'wide', features: ['pair.content', 'pair.collaborative'] },
        { name: 'deep', features: FEATURES },
      ],
      given.wideAndDeep.expected,
    ],
  ])('%s scores as where it was made', async (_, graph, inputs, expected) => {
    const scorer = await loadDeclaredScorer(declared(graph, inputs), models);
    const scores = await scorer.score(batch, slots, users, candidates, pairs);
    expected.flat().forEach((value, row) => {
      expect(Math.abs(scores[row]! - value)).toBeLessThan(2e-6);
    });
    expect(new Set(expected.flat()).size).toBeGreaterThan(10);
    expect(scorer.name).toMatch(/^own@[0-9a-f]{12}$/);
  });

  it('may rank by one column of several', async () => {
    const graph = passing({
      inputs: [{ name: 'x', type: 'float32', shape: ['rows', 2] }],
      outputs: [{ name: 'y', type: 'float32', shape: ['rows', 2] }],
    });
    const inputs = [{ name: 'x', features: ['pair.content', 'pair.collaborative'] }];
    const scorer = await loadDeclaredScorer(declared(graph, inputs, { column: 1 }), models);
    expect([...(await scorer.score(batch, slots, users, candidates, pairs))]).toEqual([
      ...Float32Array.from(given.collaborative.flat()),
    ]);
  });

  it('is not trusted with scores that are no finite numbers', async () => {
    const scorer = await loadDeclaredScorer(declared(passing({}, 'Log'), X), models);
    await expect(scorer.score(1, 1, users, candidates, new Float32Array(PAIR_WIDTH))).rejects.toThrow(
      'gave a score that is not a finite number',
    );
  });

  const twice = {
    outputs: [
      { name: 'y', type: 'float32', shape: ['rows', 1] },
      { name: 'z', type: 'float32', shape: ['rows', 1] },
    ],
    nodes: [
      { op: 'Identity', inputs: ['x'], outputs: ['y'] },
      { op: 'Identity', inputs: ['x'], outputs: ['z'] },
    ],
  } as const;
  test.each<
    [string, OnnxGraph | Uint8Array, ScorerDeclaration['inputs'], Partial<ScorerDeclaration>, string]
  >([
    ['no ONNX', new Uint8Array([1, 2, 3]), X, {}, 'is no model that onnxruntime can run'],
    [
      'another input',
      passing(),
      [{ name: 'wrong', features: ['pair.content'] }],
      {},
      'has the inputs x; models.yaml declares wrong',
    ],
    [
      'too many features',
      passing(),
      [{ name: 'x', features: FEATURES }],
      {},
      'takes x as [rows, 1]; what is declared gives [rows, 4]',
    ],
    [
      'an index for features',
      passing(),
      [{ name: 'x', index: 'title' }],
      {},
      'takes float32 as x; an index can be int32 or int64',
    ],
    [
      'a fixed number of rows',
      passing({ inputs: [{ name: 'x', type: 'float32', shape: [7, 1] }] }),
      X,
      {},
      'takes x as [7, 1]; what is declared gives [rows, 1], for any number of rows',
    ],
    ['two outputs', passing(twice), X, {}, 'has the outputs y, z; name the one that ranks'],
    ['an output that is not there', passing(), X, { output: 'score' }, 'has the outputs y, not score'],
    ['no such column', passing(), X, { column: 3 }, 'gives y with 1 columns, none of them 3'],
  ])('is refused at load: %s', async (_, graph, inputs, rest, message) => {
    await expect(loadDeclaredScorer(declared(graph, inputs, rest), models)).rejects.toThrow(message);
  });

  it('is another version when it is fed with something else', async () => {
    const file = write(passing());
    const fed = (feature: string) =>
      loadDeclaredScorer({ name: 'own', file, inputs: [{ name: 'x', features: [feature] }] }, models);
    const versions = await Promise.all(['pair.content', 'pair.content', 'pair.trending'].map(fed));
    expect(versions[0]!.name).toBe(versions[1]!.name);
    expect(versions[0]!.name).not.toBe(versions[2]!.name);
  });

  it.each([
    ['pair.ease', 'ease'],
    ['pair.item_knn', 'itemKnn'],
  ])('is refused where %s would be 0 for want of a model', async (feature, source) => {
    const wanting = declared(passing(), [{ name: 'x', features: [feature] }]);
    await expect(loadDeclaredScorer(wanting, models)).rejects.toThrow(
      `is fed with ${feature}, and no pipeline takes candidates from ${source}`,
    );
  });

  it('is refused where it is missing', async () => {
    const missing = { name: 'own', file: join(folder, 'none.onnx'), inputs: X };
    await expect(loadDeclaredScorer(missing, models)).rejects.toThrow(
      'none.onnx: is missing; model own of models.yaml',
    );
  });
});
