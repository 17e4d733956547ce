import type { Dense } from '../ranking/dense.ts';
import { ITEM_WIDTH, PAIR_WIDTH, USER_WIDTH } from '../ranking/features.ts';
import type { TwoTower } from '../ranking/two-tower-model.ts';
import { type OnnxInitializer, type OnnxNode, onnxModel } from './protobuf.ts';

/** Numbers that a vector carries for the wide part, beyond those of its tower. */
const CARRIED = 2;

/**
 * A trained model as two ONNX files.
 *
 * The wide part needs no operators of its own. A user's vector is [u, 1, wide sum of the user], a title's
 * [v, wide sum of the title, 1], so that their elementwise product carries both sums; and two more units of the head take
 * the whole sum and its negative through the ReLU, as s = relu(s) - relu(-s).
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
    item_sources: model.itemSources.join(' '),
    titles: String(model.titles),
    dims: String(model.item[1].outputs + CARRIED),
    user_width: String(USER_WIDTH),
    item_width: String(ITEM_WIDTH),
    pair_width: String(PAIR_WIDTH),
  };
  return { itemTower: itemTowerModel(model, metadata), scorer: scorerModel(model, metadata) };
}

type Metadata = Readonly<Record<string, string>>;

function itemTowerModel(
  { item, wide, embeddings, titles, idDims }: TwoTower,
  metadata: Metadata,
): Uint8Array {
  const hidden = item[0];
  const last = extended(item[1], [0, 1]);
  return onnxModel({
    name: 'item-tower',
    metadata: { ...metadata, part: 'item-tower' },
    inputs: [{ name: 'features', type: 'float32', shape: [titles, ITEM_WIDTH] }],
    outputs: [{ name: 'vectors', type: 'float32', shape: [titles, last.outputs] }],
    initializers: [
      { name: 'embeddings', shape: [titles, idDims], data: embeddings },
      ...parameters('hidden', hidden),
      ...parameters('last', last),
      { name: 'wide_weights', ...column(wide.item, last.outputs, last.outputs - 2) },
    ],
    nodes: [
      { op: 'Concat', inputs: ['features', 'embeddings'], outputs: ['input'], attributes: { axis: 1 } },
      ...dense('hidden', 'input', 'hidden_sum'),
      { op: 'Relu', inputs: ['hidden_sum'], outputs: ['hidden_out'] },
      ...dense('last', 'hidden_out', 'deep'),
      { op: 'MatMul', inputs: ['features', 'wide_weights'], outputs: ['wide'] },
      { op: 'Add', inputs: ['deep', 'wide'], outputs: ['vectors'] },
    ],
  });
}

function scorerModel({ user, head, wide }: TwoTower, metadata: Metadata): Uint8Array {
  const userLast = extended(user[1], [1, 0]);
  const dims = userLast.outputs;
  const joint = jointLayer(head[0], wide.pair);
  const last = { ...head[1], inputs: joint.outputs, weights: Float32Array.of(...head[1].weights, 1, -1) };
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
      ...parameters('user_last', userLast),
      { name: 'user_wide_weights', ...column(wide.user, dims, dims - 1) },
      // The head's first layer in two parts, so that products and pair features need not be copied side by side.
      { name: 'match_weights', shape: [dims, joint.outputs], data: joint.weights.subarray(0, split) },
      { name: 'pair_weights', shape: [PAIR_WIDTH, joint.outputs], data: joint.weights.subarray(split) },
      { name: 'head_bias', shape: [joint.outputs], data: joint.bias },
      ...parameters('last', last),
      { name: 'slot_axis', shape: [1], data: BigInt64Array.of(1n) },
      { name: 'match_rows', shape: [2], data: BigInt64Array.of(-1n, BigInt(dims)) },
      { name: 'pair_rows', shape: [2], data: BigInt64Array.of(-1n, BigInt(PAIR_WIDTH)) },
    ],
    nodes: [
      ...dense('user_hidden', 'users', 'user_sum'),
      { op: 'Relu', inputs: ['user_sum'], outputs: ['user_out'] },
      ...dense('user_last', 'user_out', 'user_deep'),
      { op: 'MatMul', inputs: ['users', 'user_wide_weights'], outputs: ['user_wide'] },
      { op: 'Add', inputs: ['user_deep', 'user_wide'], outputs: ['user'] },
      { op: 'Unsqueeze', inputs: ['user', 'slot_axis'], outputs: ['user_row'] },
      { op: 'Gather', inputs: ['items', 'candidates'], outputs: ['item'], attributes: { axis: 0 } },
      { op: 'Mul', inputs: ['item', 'user_row'], outputs: ['product'] },
      // One row per candidate from here on: matrix products with a bias are one operator of two dimensions.
      { op: 'Reshape', inputs: ['product', 'match_rows'], outputs: ['match'] },
      { op: 'Reshape', inputs: ['pairs', 'pair_rows'], outputs: ['pair'] },
      { op: 'Gemm', inputs: ['match', 'match_weights', 'head_bias'], outputs: ['from_match'] },
      { op: 'Gemm', inputs: ['pair', 'pair_weights', 'from_match'], outputs: ['head_sum'] },
      { op: 'Relu', inputs: ['head_sum'], outputs: ['head_out'] },
      { op: 'Gemm', inputs: ['head_out', 'last_weights', 'last_bias'], outputs: ['logits'] },
      { op: 'Shape', inputs: ['candidates'], outputs: ['shape'] },
      { op: 'Reshape', inputs: ['logits', 'shape'], outputs: ['logit'] },
      { op: 'Sigmoid', inputs: ['logit'], outputs: ['probabilities'] },
    ],
  });
}

/** The layer with further outputs, which are constants. */
function extended({ inputs, outputs, weights, bias }: Dense, constants: readonly number[]): Dense {
  const width = outputs + constants.length;
  const wider = new Float32Array(inputs * width);
  for (let i = 0; i < inputs; i++) wider.set(weights.subarray(i * outputs, (i + 1) * outputs), i * width);
  return { inputs, outputs: width, weights: wider, bias: Float32Array.of(...bias, ...constants) };
}

/** The head's first layer over [u * v, both wide sums, pair features], with two more units: the wide part and its negative. */
function jointLayer(head: Dense, pair: Float32Array): Dense {
  const { outputs, weights, bias } = extended(head, [0, 0]);
  const dims = head.inputs - pair.length;
  const wider = new Float32Array((head.inputs + CARRIED) * outputs);
  wider.set(weights.subarray(0, dims * outputs));
  wider.set(weights.subarray(dims * outputs), (dims + CARRIED) * outputs);
  [1, 1, ...pair].forEach((weight, row) => {
    const end = (dims + row + 1) * outputs;
    wider[end - 2] = weight;
    wider[end - 1] = -weight;
  });
  return { inputs: head.inputs + CARRIED, outputs, weights: wider, bias };
}

/** A matrix of zeros but for one column. */
function column(values: Float32Array, width: number, at: number) {
  const data = new Float32Array(values.length * width);
  values.forEach((value, row) => {
    data[row * width + at] = value;
  });
  return { shape: [values.length, width], data };
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
