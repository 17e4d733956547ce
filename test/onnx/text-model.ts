import { type OnnxGraph, type OnnxNode, onnxModel } from '../../src/onnx/protobuf.ts';

export const WORDS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'rocket', 'moon', 'wedding', 'kiss', 'the', '##s'];
export const DIMS = 3;
// By word: space, love, neither. What surrounds a text says nothing.
export const TABLE = [
  [9, 9, 9],
  [0, 0, 1],
  [0, 0, 0],
  [0, 0, 0],
  [2, 0, 0],
  [1, 0, 1],
  [0, 2, 0],
  [0, 1, 1],
  [0, 0, 1],
  [0, 0, 0],
];

const special = (content: string) => ({
  id: WORDS.indexOf(content),
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
});
export const tokenizer = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: WORDS.slice(0, 4).map(special),
  normalizer: {
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [
      { SpecialToken: { id: '[CLS]', type_id: 0 } },
      { Sequence: { id: 'A', type_id: 0 } },
      { SpecialToken: { id: '[SEP]', type_id: 0 } },
    ],
    pair: [],
    special_tokens: Object.fromEntries(
      ['[CLS]', '[SEP]'].map((id) => [id, { id, ids: [WORDS.indexOf(id)], tokens: [id] }]),
    ),
  },
  decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(WORDS.map((word, id) => [word, id])),
  },
};

export const ids = { name: 'input_ids', type: 'int64', shape: ['batch', 'tokens'] } as const;
export const mask = { ...ids, name: 'attention_mask' } as const;
const types = { ...ids, name: 'token_type_ids' } as const;
export const table = { name: 'table', shape: [WORDS.length, DIMS], data: Float32Array.from(TABLE.flat()) };
export const lookup: OnnxNode = {
  op: 'Gather',
  inputs: ['table', 'input_ids'],
  outputs: ['last_hidden_state'],
};

/** A vector of each token. */
export const perToken: OnnxGraph = {
  inputs: [ids, mask, types],
  outputs: [{ name: 'last_hidden_state', type: 'float32', shape: ['batch', 'tokens', DIMS] }],
  nodes: [lookup],
  initializers: [table],
};

/** A folder's content: a model that knows a few words. */
export const textModel = { 'model.onnx': onnxModel(perToken), 'tokenizer.json': JSON.stringify(tokenizer) };
