import type { Dense } from '../ranking/dense.ts';
import { ITEM_WIDTH, PAIR_WIDTH, USER_WIDTH } from '../ranking/features.ts';
import type { TwoTower } from '../ranking/two-tower-model.ts';
import { type OnnxInitializer, type OnnxNode, onnxModel } from './protobuf.ts';

/** Numbers that a vector carries for the wide part, beyond those of its tower. */
const CARRIED = 2;

/**
 * A trained model as two ONNX files.
 *
 * What the head's first layer makes of [u * v, pair features] is linear in them once the user is known. So the scorer first turns the
 * layer into one matrix for each user, with the columns of u * v scaled by u, and multiplies it with the candidates' columns as
 * they are: nothing is gathered, multiplied or put side by side for each candidate.
 *
 * The wide part needs no operators of its own. A title's vector is [v, wide sum of the title, 1]; the user's hidden layer has
 * two more units, which carry the user's wide sum to the column of ones; and two more units of the head take the whole sum
 * and its negative through the ReLU, as s = relu(s) - relu(-s).
 *
 * item tower: features [titles, ITEM_WIDTH] -> vectors [titles, dims], run once per catalogue.
 * scorer: users [batch, USER_WIDTH] and candidates [batch, dims + PAIR_WIDTH, slots], which are the titles' vectors and
 * below them the pair features -> probabilities [batch, 1, slots], run once per batch of requests.
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
  const hidden = withWideSum(user[0], wide.user);
  const scales = scalesLayer(user[1]);
  const joint = jointLayer(head[0], wide.pair);
  const last = Float32Array.of(...head[1].weights, 1, -1);
  return onnxModel({
    name: 'scorer',
    metadata: { ...metadata, part: 'scorer' },
    inputs: [
      { name: 'users', type: 'float32', shape: ['batch', USER_WIDTH] },
      { name: 'candidates', type: 'float32', shape: ['batch', joint.width, 'slots'] },
    ],
    outputs: [{ name: 'probabilities', type: 'float32', shape: ['batch', 1, 'slots'] }],
    initializers: [
      ...parameters('user_hidden', hidden),
      ...parameters('scales', scales),
      { name: 'unit_axis', shape: [1], data: BigInt64Array.of(1n) },
      { name: 'joint_weights', shape: [joint.units, joint.width], data: joint.weights },
      { name: 'joint_bias', shape: [joint.units, joint.width], data: joint.bias },
      { name: 'last_weights', shape: [1, joint.units], data: last },
      { name: 'last_bias', shape: [1], data: head[1].bias },
    ],
    nodes: [
      { op: 'Gemm', inputs: ['users', 'user_hidden_weights', 'user_hidden_bias'], outputs: ['user_sum'] },
      { op: 'Relu', inputs: ['user_sum'], outputs: ['user_out'] },
      { op: 'Gemm', inputs: ['user_out', 'scales_weights', 'scales_bias'], outputs: ['scale'] },
      { op: 'Unsqueeze', inputs: ['scale', 'unit_axis'], outputs: ['scale_row'] },
      { op: 'Mul', inputs: ['scale_row', 'joint_weights'], outputs: ['scaled'] },
      { op: 'Add', inputs: ['scaled', 'joint_bias'], outputs: ['own_weights'] },
      { op: 'MatMul', inputs: ['own_weights', 'candidates'], outputs: ['head_sum'] },
      { op: 'Relu', inputs: ['head_sum'], outputs: ['head_out'] },
      { op: 'MatMul', inputs: ['last_weights', 'head_out'], outputs: ['product'] },
      { op: 'Add', inputs: ['product', 'last_bias'], outputs: ['logits'] },
      { op: 'Sigmoid', inputs: ['logits'], outputs: ['probabilities'] },
    ],
  });
}

/** The user's hidden layer with two more units: the wide sum and its negative. */
function withWideSum(layer: Dense, wide: Float32Array): Dense {
  const wider = extended(layer, [0, 0]);
  wide.forEach((weight, input) => {
    const end = (input + 1) * wider.outputs;
    wider.weights[end - 2] = weight;
    wider.weights[end - 1] = -weight;
  });
  return wider;
}

/** The user's last layer, over two more inputs: [u, 1, wide sum, 1 for each pair feature]. */
function scalesLayer(layer: Dense): Dense {
  const { outputs, weights, bias } = extended(layer, [1, 0, ...new Array<number>(PAIR_WIDTH).fill(1)]);
  const all = new Float32Array(weights.length + CARRIED * outputs);
  all.set(weights);
  all[weights.length + layer.outputs + 1] = 1;
  all[weights.length + outputs + layer.outputs + 1] = -1;
  return { inputs: layer.inputs + CARRIED, outputs, weights: all, bias };
}

/** The layer with further outputs, which are constants. */
function extended({ inputs, outputs, weights, bias }: Dense, constants: readonly number[]): Dense {
  const width = outputs + constants.length;
  const wider = new Float32Array(inputs * width);
  for (let i = 0; i < inputs; i++) wider.set(weights.subarray(i * outputs, (i + 1) * outputs), i * width);
  return { inputs, outputs: width, weights: wider, bias: Float32Array.of(...bias, ...constants) };
}

/**
 * The head's first layer over [v, wide sum of the title, 1, pair features], one row for each unit, with two more units: the wide part
 * and its negative. The bias stands at the 1.
 */
function jointLayer(head: Dense, pair: Float32Array) {
  const dims = head.inputs - pair.length;
  const width = head.inputs + CARRIED;
  const units = head.outputs + 2;
  const weights = new Float32Array(units * width);
  const bias = new Float32Array(units * width);
  for (let unit = 0; unit < head.outputs; unit++) {
    for (let input = 0; input < head.inputs; input++) {
      const column = input < dims ? input : input + CARRIED;
      weights[unit * width + column] = head.weights[input * head.outputs + unit]!;
    }
    bias[unit * width + dims + 1] = head.bias[unit]!;
  }
  [1, 1, ...pair].forEach((weight, place) => {
    weights[head.outputs * width + dims + place] = weight;
    weights[(head.outputs + 1) * width + dims + place] = -weight;
  });
  return { units, width, weights, bias };
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
