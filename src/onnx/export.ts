import type { Dense } from '../ranking/dense.ts';
import { ITEM_WIDTH, PAIR_WIDTH, USER_WIDTH } from '../ranking/features.ts';
import type { TwoTower } from '../ranking/two-tower-model.ts';
import { type OnnxInitializer, type OnnxNode, onnxModel } from './protobuf.ts';

/**
 * A trained model as two ONNX files.
 *
 * item tower: features [titles, ITEM_WIDTH] -> vectors [titles, dims], run once per catalogue.
 * scorer: users [batch, USER_WIDTH], items [titles, dims], candidates int32 [batch, slots] and pairs
 * [batch, slots, PAIR_WIDTH] -> probabilities [batch, slots], run once per batch of requests.
 *
 * Their metadata name what a scorer must be fed with: feature schema, catalogue and widths.
 * @param version of the model, for the records of what ranked a slate
 */
export function twoTowerOnnx(model: TwoTower, version = '1'): { itemTower: Uint8Array; scorer: Uint8Array } {
  const metadata = {
    name: 'two-tower',
    version,
    feature_schema: model.featureSchema,
    catalogue: model.catalogue,
    titles: String(model.titles),
    dims: String(model.item[1].outputs),
    user_width: String(USER_WIDTH),
    item_width: String(ITEM_WIDTH),
    pair_width: String(PAIR_WIDTH),
  };
  return { itemTower: itemTowerModel(model, metadata), scorer: scorerModel(model, metadata) };
}

type Metadata = Readonly<Record<string, string>>;

function itemTowerModel({ item, embeddings, titles, idDims }: TwoTower, metadata: Metadata): Uint8Array {
  const [hidden, last] = item;
  return onnxModel({
    name: 'item-tower',
    metadata: { ...metadata, part: 'item-tower' },
    inputs: [{ name: 'features', type: 'float32', shape: [titles, ITEM_WIDTH] }],
    outputs: [{ name: 'vectors', type: 'float32', shape: [titles, last.outputs] }],
    initializers: [
      { name: 'embeddings', shape: [titles, idDims], data: embeddings },
      ...parameters('hidden', hidden),
      ...parameters('last', last),
    ],
    nodes: [
      { op: 'Concat', inputs: ['features', 'embeddings'], outputs: ['input'], attributes: { axis: 1 } },
      ...dense('hidden', 'input', 'hidden_sum'),
      { op: 'Relu', inputs: ['hidden_sum'], outputs: ['hidden_out'] },
      ...dense('last', 'hidden_out', 'vectors'),
    ],
  });
}

function scorerModel({ user, head }: TwoTower, metadata: Metadata): Uint8Array {
  const dims = user[1].outputs;
  const [joint, last] = head;
  const split = dims * joint.outputs;
  return onnxModel({
    name: 'scorer',
    metadata: { ...metadata, part: 'scorer' },
    inputs: [
      { name: 'users', type: 'float32', shape: ['batch', USER_WIDTH] },
      { name: 'items', type: 'float32', shape: ['titles', dims] },
      { name: 'candidates', type: 'int32', shape: ['batch', 'slots'] },
      { name: 'pairs', type: 'float32', shape: ['batch', 'slots', PAIR_WIDTH] },
    ],
    outputs: [{ name: 'probabilities', type: 'float32', shape: ['batch', 'slots'] }],
    initializers: [
      ...parameters('user_hidden', user[0]),
      ...parameters('user_last', user[1]),
      // The head's first layer in two parts, so that products and pair features need not be copied side by side.
      { name: 'match_weights', shape: [dims, joint.outputs], data: joint.weights.subarray(0, split) },
      { name: 'pair_weights', shape: [PAIR_WIDTH, joint.outputs], data: joint.weights.subarray(split) },
      { name: 'head_bias', shape: [joint.outputs], data: joint.bias },
      ...parameters('last', last),
      { name: 'slot_axis', shape: [1], data: BigInt64Array.of(1n) },
      { name: 'unit_axis', shape: [1], data: BigInt64Array.of(2n) },
    ],
    nodes: [
      ...dense('user_hidden', 'users', 'user_sum'),
      { op: 'Relu', inputs: ['user_sum'], outputs: ['user_out'] },
      ...dense('user_last', 'user_out', 'user'),
      { op: 'Unsqueeze', inputs: ['user', 'slot_axis'], outputs: ['user_row'] },
      { op: 'Gather', inputs: ['items', 'candidates'], outputs: ['item'], attributes: { axis: 0 } },
      { op: 'Mul', inputs: ['item', 'user_row'], outputs: ['match'] },
      { op: 'MatMul', inputs: ['match', 'match_weights'], outputs: ['from_match'] },
      { op: 'MatMul', inputs: ['pairs', 'pair_weights'], outputs: ['from_pairs'] },
      { op: 'Add', inputs: ['from_match', 'from_pairs'], outputs: ['joint'] },
      { op: 'Add', inputs: ['joint', 'head_bias'], outputs: ['head_sum'] },
      { op: 'Relu', inputs: ['head_sum'], outputs: ['head_out'] },
      ...dense('last', 'head_out', 'logits'),
      { op: 'Squeeze', inputs: ['logits', 'unit_axis'], outputs: ['logit'] },
      { op: 'Sigmoid', inputs: ['logit'], outputs: ['probabilities'] },
    ],
  });
}

function parameters(name: string, { inputs, outputs, weights, bias }: Dense): OnnxInitializer[] {
  return [
    { name: `${name}_weights`, shape: [inputs, outputs], data: weights },
    { name: `${name}_bias`, shape: [outputs], data: bias },
  ];
}

function dense(name: string, input: string, output: string): OnnxNode[] {
  return [
    { op: 'MatMul', inputs: [input, `${name}_weights`], outputs: [`${output}_product`] },
    { op: 'Add', inputs: [`${output}_product`, `${name}_bias`], outputs: [output] },
  ];
}
