import protobuf from 'protobufjs';

/** The part of the ONNX schema that this repository writes and reads (field numbers of onnx.proto, IR version 8). */
const ONNX_PROTO = `
syntax = "proto3";
message StringStringEntryProto { string key = 1; string value = 2; }
message OperatorSetIdProto { string domain = 1; int64 version = 2; }
message TensorProto { repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
message AttributeProto {
  string name = 1; float f = 2; int64 i = 3; bytes s = 4; repeated float floats = 7; repeated int64 ints = 8;
  repeated bytes strings = 9; int32 type = 20;
}
message NodeProto {
  repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4;
  repeated AttributeProto attribute = 5; string domain = 7;
}
message Dimension { oneof value { int64 dim_value = 1; string dim_param = 2; } }
message TensorShapeProto { repeated Dimension dim = 1; }
message TensorType { int32 elem_type = 1; TensorShapeProto shape = 2; }
message TypeProto { TensorType tensor_type = 1; }
message ValueInfoProto { string name = 1; TypeProto type = 2; }
message GraphProto {
  repeated NodeProto node = 1; string name = 2; repeated TensorProto initializer = 5;
  repeated ValueInfoProto input = 11; repeated ValueInfoProto output = 12;
}
message ModelProto {
  int64 ir_version = 1; string producer_name = 2; GraphProto graph = 7;
  repeated OperatorSetIdProto opset_import = 8; repeated StringStringEntryProto metadata_props = 14;
}`;

const ModelProto = protobuf.parse(ONNX_PROTO, { keepCase: true }).root.lookupType('ModelProto');

/** TensorProto.DataType. */
const ELEMENT_TYPE = { float32: 1, int32: 6, int64: 7 } as const;
/** AttributeProto.AttributeType. */
const ATTRIBUTE_TYPE = { f: 1, i: 2, s: 3, floats: 6, ints: 7, strings: 8 } as const;

export type OnnxElement = keyof typeof ELEMENT_TYPE;

/** An input or output. A number is a fixed dimension, a string names one that is free. */
export interface OnnxValue {
  readonly name: string;
  readonly type: OnnxElement;
  readonly shape: readonly (number | string)[];
}

/** One operator. Integers of `attributes` are written as INT(S); put floats under `floats`, text under `texts`. */
export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>;
  readonly floats?: Readonly<Record<string, number | readonly number[]>>;
  readonly texts?: Readonly<Record<string, string | readonly string[]>>;
  /** Absent: the default domain. `ai.onnx.ml` has tree ensembles. */
  readonly domain?: 'ai.onnx.ml';
}

/** A constant tensor, row-major. Its element type follows from the array. */
export interface OnnxInitializer {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | BigInt64Array;
}

export interface OnnxGraph {
  readonly name?: string;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
  /** Becomes `metadata_props`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Operators follow this version of the standard operator set. */
const OPSET = 17;
const ML_OPSET = 3;
const IR_VERSION = 8;

/** The bytes of an ONNX file. Throws when an initializer's length does not match its shape. */
export function onnxModel(graph: OnnxGraph): Uint8Array {
  return ModelProto.encode(
    ModelProto.create({
      ir_version: IR_VERSION,
      producer_name: 'screentest',
      opset_import: [
        { domain: '', version: OPSET },
        ...(graph.nodes.some(({ domain }) => domain === 'ai.onnx.ml')
          ? [{ domain: 'ai.onnx.ml', version: ML_OPSET }]
          : []),
      ],
      metadata_props: Object.entries(graph.metadata ?? {}).map(([key, value]) => ({ key, value })),
      graph: {
        name: graph.name ?? 'screentest',
        node: graph.nodes.map(nodeMessage),
        initializer: graph.initializers.map(tensorMessage),
        input: graph.inputs.map(valueMessage),
        output: graph.outputs.map(valueMessage),
      },
    }),
  ).finish();
}

/**
 * `metadata_props` of an ONNX file.
 * @param file named in the error when the bytes are no ONNX model
 */
export function onnxMetadata(bytes: Uint8Array, file: string): Readonly<Record<string, string>> {
  let model: { metadata_props?: { key: string; value: string }[]; graph?: { node?: unknown[] } };
  try {
    model = ModelProto.decode(bytes) as typeof model;
  } catch (cause) {
    throw new Error(
      `${file} is truncated or no ONNX model (${(cause as Error).message}); train the models again`,
      {
        cause,
      },
    );
  }
  if (!model.graph?.node?.length) {
    throw new Error(`${file} is truncated or no ONNX model (it has no graph); train the models again`);
  }
  return Object.fromEntries((model.metadata_props ?? []).map(({ key, value }) => [key, value]));
}

function nodeMessage(node: OnnxNode, index: number): object {
  return {
    name: `${node.op}_${index}`,
    op_type: node.op,
    ...(node.domain !== undefined && { domain: node.domain }),
    input: node.inputs,
    output: node.outputs,
    attribute: [
      ...Object.entries(node.attributes ?? {}).map(([name, value]) =>
        typeof value === 'number'
          ? { name, type: ATTRIBUTE_TYPE.i, i: value }
          : { name, type: ATTRIBUTE_TYPE.ints, ints: value },
      ),
      ...Object.entries(node.floats ?? {}).map(([name, value]) =>
        typeof value === 'number'
          ? { name, type: ATTRIBUTE_TYPE.f, f: value }
          : { name, type: ATTRIBUTE_TYPE.floats, floats: value },
      ),
      ...Object.entries(node.texts ?? {}).map(([name, value]) =>
        typeof value === 'string'
          ? { name, type: ATTRIBUTE_TYPE.s, s: Buffer.from(value) }
          : { name, type: ATTRIBUTE_TYPE.strings, strings: value.map((text) => Buffer.from(text)) },
      ),
    ],
  };
}

function tensorMessage({ name, shape, data }: OnnxInitializer): object {
  const expected = shape.reduce((product, size) => product * size, 1);
  if (data.length !== expected) {
    throw new Error(
      `initializer ${name} has ${data.length} values; its shape [${shape.join(', ')}] needs ${expected}`,
    );
  }
  const type: OnnxElement =
    data instanceof Float32Array ? 'float32' : data instanceof Int32Array ? 'int32' : 'int64';
  return {
    name,
    dims: shape,
    data_type: ELEMENT_TYPE[type],
    raw_data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

function valueMessage({ name, type, shape }: OnnxValue): object {
  const dim = shape.map((size) => (typeof size === 'number' ? { dim_value: size } : { dim_param: size }));
  return { name, type: { tensor_type: { elem_type: ELEMENT_TYPE[type], shape: { dim } } } };
}
