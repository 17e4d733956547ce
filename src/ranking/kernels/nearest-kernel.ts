import { COMPILED_NEAREST } from './compiled-nearest.ts';

/** One module of `assembly/nearest.ts` with a memory of its own, for one thread. */
export interface NearestKernel {
  /** batch x size scores, row-major: what `select` chooses from. */
  readonly scores: Float32Array<ArrayBuffer>;
  /** Fills the first row of `scores` with the inner products of the matrix's rows and the vector. */
  products(vector: Float32Array): void;
  /**
   * The rows that may be among the `count` largest of one row of scores when each score is off by up to margin / 2: into
   * `found`, best first, and their scores into `best`. -Infinity is left out.
   *
   * @returns how many there are
   */
  select(row: number, count: number, margin: number): number;
  readonly found: Int32Array;
  readonly best: Float32Array;
}

/** What is used of a module's exports. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  products(rows: number, count: number, width: number, vector: number, scores: number): void;
  select(
    scores: number,
    size: number,
    count: number,
    margin: number,
    keys: number,
    found: number,
    best: number,
  ): number;
}

/** It belongs to the language's hosts, so `lib` does not declare it. */
const { WebAssembly: host } = globalThis as unknown as {
  WebAssembly: {
    Module: new (bytes: Uint8Array) => object;
    Instance: new (module: object, imports: object) => { exports: unknown };
  };
};

const PAGE = 65_536;
let compiled: object | undefined;

/**
 * @param size   scores of one row
 * @param batch  rows of scores
 * @param matrix size x width, for `products`; kept as a copy
 */
export function createNearestKernel(
  size: number,
  batch: number,
  matrix: { readonly rows: Float32Array; readonly width: number } = { rows: new Float32Array(0), width: 0 },
): NearestKernel {
  compiled ??= new host.Module(Uint8Array.from(atob(COMPILED_NEAREST), (char) => char.charCodeAt(0)));
  const { memory, products, select } = new host.Instance(compiled, { env: { abort() {} } })
    .exports as Exports;
  const { rows, width } = matrix;
  const padded = 4 * Math.ceil(width / 4);
  // The first page is the module's own.
  let end = PAGE;
  const reserve = (bytes: number): number => {
    const start = end;
    end += 16 * Math.ceil(bytes / 16);
    return start;
  };
  const height = width > 0 ? size : 0;
  const at = {
    rows: reserve(4 * height * padded),
    vector: reserve(4 * padded),
    scores: reserve(4 * batch * size),
    keys: reserve(8 * (size + 1)),
    found: reserve(4 * size),
    best: reserve(4 * size),
  };
  memory.grow(Math.ceil(end / PAGE) - memory.buffer.byteLength / PAGE);
  const { buffer } = memory;
  const stored = new Float32Array(buffer, at.rows, height * padded);
  for (let row = 0; row < height; row++)
    stored.set(rows.subarray(row * width, (row + 1) * width), row * padded);
  const held = new Float32Array(buffer, at.vector, padded);
  return {
    scores: new Float32Array(buffer, at.scores, batch * size),
    products(vector) {
      held.set(vector);
      products(at.rows, size, padded, at.vector, at.scores);
    },
    select: (row, count, margin) =>
      select(at.scores + 4 * row * size, size, count, margin, at.keys, at.found, at.best),
    found: new Int32Array(buffer, at.found, size),
    best: new Float32Array(buffer, at.best, size),
  };
}
