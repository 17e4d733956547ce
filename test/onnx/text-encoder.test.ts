import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OnnxGraph, type OnnxNode, onnxModel } from '../../src/onnx/protobuf.ts';
import { loadTextEncoder, type TextVectors } from '../../src/onnx/text-encoder.ts';
import {
  DIMS,
  ids,
  lookup,
  mask,
  perToken,
  TABLE,
  table,
  textModel,
  tokenizer,
  WORDS,
} from './text-model.ts';

const base = mkdtempSync(join(tmpdir(), 'screentest-text-'));
afterAll(() => rmSync(base, { recursive: true }));

/** The mean over the tokens of a text, made by the model itself. */
const perText: OnnxGraph = {
  inputs: [ids, mask],
  outputs: [{ name: 'sentence_embedding', type: 'float32', shape: ['batch', DIMS] }],
  nodes: [
    lookup,
    { op: 'Cast', inputs: ['attention_mask'], outputs: ['flat'], attributes: { to: 1 } },
    { op: 'Unsqueeze', inputs: ['flat', 'last'], outputs: ['mask'] },
    { op: 'Mul', inputs: ['last_hidden_state', 'mask'], outputs: ['kept'] },
    { op: 'ReduceSum', inputs: ['kept', 'first'], outputs: ['sum'], attributes: { keepdims: 0 } },
    { op: 'ReduceSum', inputs: ['mask', 'first'], outputs: ['count'], attributes: { keepdims: 0 } },
    { op: 'Div', inputs: ['sum', 'count'], outputs: ['sentence_embedding'] },
  ],
  initializers: [
    table,
    { name: 'last', shape: [1], data: BigInt64Array.of(2n) },
    { name: 'first', shape: [1], data: BigInt64Array.of(1n) },
  ],
};

let folders = 0;
function folderOf(files: Record<string, string | Uint8Array>): string {
  const folder = join(base, `model-${folders++}`);
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

const files = textModel;
// More texts than a batch holds, of unlike lengths.
const TEXTS = [
  'Rocket to the moon',
  'The wedding, the KISS',
  'moons',
  '',
  ...Array.from({ length: 40 }, (_, n) => `rocket${' kiss'.repeat(n % 7)}`),
];

/** The mean of the words' rows, as the file says it, of norm 1. */
function byHand(words: readonly string[]): number[] {
  const tokens = ['[CLS]', ...words, '[SEP]'];
  const sum = Array.from({ length: DIMS }, (_, d) =>
    tokens.reduce((total, word) => total + TABLE[WORDS.indexOf(word)]![d]! / tokens.length, 0),
  );
  const norm = Math.hypot(...sum);
  return sum.map((value) => (norm > 0 ? value / norm : 0));
}

async function encode(folder: string, texts: readonly string[]): Promise<TextVectors> {
  const encoder = await loadTextEncoder(folder);
  try {
    return await encoder.encode(texts);
  } finally {
    await encoder.close();
  }
}

describe('encode', () => {
  let found: TextVectors;
  beforeAll(async () => {
    found = await encode(folderOf(files), TEXTS);
  });
  const row = (title: number): number[] => [...found.vectors.subarray(title * DIMS, (title + 1) * DIMS)];

  test.each<[string, number, string[]]>([
    ['words, without case; an unknown one has a token of its own', 0, ['rocket', '[UNK]', 'the', 'moon']],
    ['punctuation is a token', 1, ['the', 'wedding', '[UNK]', 'the', 'kiss']],
    ['parts of words', 2, ['moon', '##s']],
    ['padding beside longer texts does not count', 4, ['rocket']],
    ['a later batch', 43, ['rocket', 'kiss', 'kiss', 'kiss', 'kiss']],
  ])('%s', (_, title, words) => {
    expect(found.dims).toBe(DIMS);
    byHand(words).forEach((value, d) => {
      expect(row(title)[d]).toBeCloseTo(value, 6);
    });
  });

  test('a text of nothing is the zero vector', () => {
    expect(row(3)).toEqual([0, 0, 0]);
  });

  test('a model that takes the mean itself gives the same', async () => {
    const other = await encode(folderOf({ ...files, 'model.onnx': onnxModel(perText) }), TEXTS);
    expect(other.dims).toBe(DIMS);
    other.vectors.forEach((value, at) => {
      expect(value).toBeCloseTo(found.vectors[at]!, 6);
    });
  });

  test('says how far it is', async () => {
    const encoder = await loadTextEncoder(folderOf(files));
    const steps: [number, number][] = [];
    await encoder.encode(TEXTS, (done, total) => steps.push([done, total]));
    await encoder.close();
    expect(steps).toEqual([
      [32, TEXTS.length],
      [TEXTS.length, TEXTS.length],
    ]);
  });
});

test.each<[string, object, object, number]>([
  ['nothing says how long a text may be', {}, {}, 512],
  ['the configuration does', {}, { model_max_length: 5 }, 5],
  ['it says no limit', {}, { model_max_length: 1e30 }, 512],
  ['the shorter of both', { truncation: { max_length: 4 } }, { model_max_length: 5 }, 4],
])('texts are cut where %s', async (_, settings, config, longest) => {
  const folder = folderOf({
    ...files,
    'tokenizer.json': JSON.stringify({ ...tokenizer, ...settings }),
    'tokenizer_config.json': JSON.stringify(config),
  });
  const encoder = await loadTextEncoder(folder);
  expect(encoder.longest).toBe(longest);
  const { vectors } = await encoder.encode([`rocket kiss kiss ${'wedding '.repeat(1000)}`]);
  await encoder.close();
  const words = ['rocket', 'kiss', 'kiss', ...Array(1000).fill('wedding')].slice(0, longest - 2);
  byHand(words).forEach((value, d) => {
    expect(vectors[d]).toBeCloseTo(value, 6);
  });
});

const withModel = (graph: OnnxGraph) => ({ ...files, 'model.onnx': onnxModel(graph) });
const identity = (input: string, output: string): OnnxNode => ({
  op: 'Identity',
  inputs: [input],
  outputs: [output],
});
test.each<[string, Record<string, string | Uint8Array>, RegExp]>([
  [
    'no model',
    { 'tokenizer.json': files['tokenizer.json'] },
    /model\.onnx: is missing; a text model is a folder/,
  ],
  [
    'no tokenizer',
    { 'model.onnx': files['model.onnx'] },
    /tokenizer\.json: is missing; a text model is a folder/,
  ],
  [
    'a file that is no model',
    { ...files, 'model.onnx': 'text' },
    /model\.onnx: is no model that onnxruntime can run/,
  ],
  ['a tokenizer that is not JSON', { ...files, 'tokenizer.json': '{' }, /tokenizer\.json: is not JSON/],
  ['JSON that is no tokenizer', { ...files, 'tokenizer.json': '{}' }, /tokenizer\.json: is no tokenizer/],
  [
    'inputs of another kind of model',
    withModel({ ...perToken, inputs: [ids, { name: 'pixel_values', type: 'float32', shape: ['batch', 3] }] }),
    /model\.onnx: has the inputs input_ids, pixel_values; a text model takes input_ids/,
  ],
  [
    'no token ids',
    withModel({
      ...perToken,
      inputs: [mask],
      nodes: [{ ...lookup, inputs: ['table', 'attention_mask'] }],
    }),
    /model\.onnx: has the inputs attention_mask; a text model takes input_ids/,
  ],
  [
    'token ids of another type',
    withModel({ ...perToken, inputs: [{ ...ids, type: 'int32' }] }),
    /model\.onnx: takes input_ids as int32 \[batch, tokens\]; export it for int64/,
  ],
  [
    'other outputs',
    withModel({
      ...perToken,
      nodes: [lookup, identity('last_hidden_state', 'logits')],
      outputs: [{ name: 'logits', type: 'float32', shape: ['batch', 'tokens', DIMS] }],
    }),
    /model\.onnx: has the outputs logits; expected sentence_embedding or last_hidden_state/,
  ],
])('%s is an error that names file and mend', async (_, content, message) => {
  await expect(loadTextEncoder(folderOf(content))).rejects.toThrow(message);
});

const small: OnnxGraph = {
  ...perToken,
  initializers: [{ name: 'table', shape: [4, 3], data: new Float32Array(12) }],
};
test.each<[string, OnnxGraph, RegExp]>([
  [
    'a vector of each token where one of the text is named',
    {
      ...perToken,
      nodes: [lookup, identity('last_hidden_state', 'sentence_embedding')],
      outputs: [{ name: 'sentence_embedding', type: 'float32', shape: ['batch', 'tokens', DIMS] }],
    },
    /gives sentence_embedding as float32 \[1, 3, 3\] for 1 texts of 3 tokens; expected float32 \[1, dims\]/,
  ],
  [
    'numbers that are not finite',
    { ...perToken, initializers: [{ ...table, data: Float32Array.from(TABLE.flat(), () => Number.NaN) }] },
    /model\.onnx: gave a number that is not finite/,
  ],
  [
    'tokens that the model does not have',
    small,
    /cannot embed 1 texts of up to 3 tokens .*is tokenizer\.json the one of this model/s,
  ],
])('%s: an error when a text is embedded', async (_, graph, message) => {
  await expect(encode(folderOf(withModel(graph)), ['rocket'])).rejects.toThrow(message);
});
