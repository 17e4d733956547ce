import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { onnxMetadata, onnxModel } from '../../src/onnx/protobuf.ts';

const graph = {
  inputs: [{ name: 'x', type: 'float32', shape: ['rows', 2] }],
  outputs: [
    { name: 'best', type: 'float32', shape: ['rows', 'k'] },
    { name: 'where', type: 'int64', shape: ['rows', 'k'] },
  ],
  nodes: [
    { op: 'MatMul', inputs: ['x', 'w'], outputs: ['scores'] },
    { op: 'TopK', inputs: ['scores', 'k'], outputs: ['best', 'where'], attributes: { axis: -1 } },
  ],
  initializers: [
    { name: 'w', shape: [2, 3], data: Float32Array.of(1, 0, 2, 0, 1, 2) },
    { name: 'k', shape: [1], data: BigInt64Array.of(2n) },
  ],
  metadata: { schema: 'a/1' },
} as const;

describe('onnxModel', () => {
  it('writes a graph that onnxruntime runs', async () => {
    const session = await ort.InferenceSession.create(onnxModel(graph));
    const { best, where } = await session.run({
      x: new ort.Tensor('float32', Float32Array.of(1, 2, 5, -1), [2, 2]),
    });
    expect([...(best!.data as Float32Array)]).toEqual([6, 2, 8, 5]);
    expect([...(where!.data as BigInt64Array)]).toEqual([2n, 1n, 2n, 0n]);
  });

  it('carries metadata', () => {
    expect(onnxMetadata(onnxModel(graph), 'a.onnx')).toEqual({ schema: 'a/1' });
  });

  it('refuses an initializer that does not fill its shape', () => {
    const initializers = [{ name: 'w', shape: [2, 2], data: Float32Array.of(1) }];
    expect(() => onnxModel({ ...graph, initializers })).toThrow('initializer w has 1 values');
  });

  it.each([
    ['truncated', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 30)],
    ['empty', () => new Uint8Array()],
    ['of another kind', () => new TextEncoder().encode('{"not": "a model"}')],
  ])('names a file that is %s', (_, damage) => {
    expect(() => onnxMetadata(damage(onnxModel(graph)), 'models/a.onnx')).toThrow(
      /^models\/a\.onnx is truncated/,
    );
  });
});
