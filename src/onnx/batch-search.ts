import { InferenceSession, Tensor } from 'onnxruntime-node';
import { rowIndexOf } from '../ranking/retrieve.ts';
import { onnxModel } from './protobuf.ts';

/** Users of one matrix product: their scores stay in the processor's second-level cache. */
export const BATCH = 32;

const sessions = new WeakMap<Float32Array, Promise<InferenceSession>>();

/** users x matrix', by one thread: who wants more computes other users beside them. */
function productsOf(rows: Float32Array, width: number): Promise<InferenceSession> {
  const known = sessions.get(rows);
  if (known !== undefined) return known;
  const size = rows.length / width;
  // As a constant in this order it is laid out once for the matrix product.
  const columns = new Float32Array(rows.length);
  for (let row = 0, from = 0; row < size; row++)
    for (let d = 0; d < width; d++) columns[d * size + row] = rows[from++]!;
  const session = InferenceSession.create(
    onnxModel({
      name: 'products',
      inputs: [{ name: 'users', type: 'float32', shape: ['batch', width] }],
      outputs: [{ name: 'products', type: 'float32', shape: ['batch', size] }],
      nodes: [{ op: 'MatMul', inputs: ['users', 'columns'], outputs: ['products'] }],
      initializers: [{ name: 'columns', shape: [width, size], data: columns }],
    }),
    { intraOpNumThreads: 1, interOpNumThreads: 1 },
  );
  sessions.set(rows, session);
  return session;
}

/** The `count` best rows for each vector, none of `without`: the same as `RowIndex.nearest`. One call at a time. */
export type BatchSearch = (
  vectors: readonly Float32Array[],
  without: readonly ReadonlySet<number>[],
  count: number,
) => Promise<Int32Array[]>;

/** onnxruntime multiplies straight into the kernel's memory, the kernel selects. At most `BATCH` vectors a call. */
export function createBatchSearch(rows: Float32Array, width: number): BatchSearch {
  const index = rowIndexOf(rows, width);
  const { size } = index;
  if (size === 0) return async (vectors) => vectors.map(() => new Int32Array(0));
  const kernel = index.kernel(BATCH);
  const matrix = new Float32Array(BATCH * width);
  return async (vectors, without, count) => {
    const users = vectors.length;
    vectors.forEach((vector, user) => {
      matrix.set(vector, user * width);
    });
    const session = await productsOf(rows, width);
    await session.run(
      { users: new Tensor('float32', matrix.subarray(0, users * width), [users, width]) },
      { products: new Tensor('float32', kernel.scores.subarray(0, users * size), [users, size]) },
    );
    return vectors.map((vector, user) => index.choose(kernel, user, vector, count, without[user]!));
  };
}
