/** Room in a memory, handed out one array after another: the first pass over `lay` sums the bytes, the second gives the arrays. */
export interface Arena {
  int32(length: number): Int32Array;
  float32(length: number): Float32Array;
  float64(length: number): Float64Array;
}

/** Of the vector registers. */
const ALIGNMENT = 16;

/** How many bytes `lay` asks for. */
export function bytesFor(lay: (arena: Arena) => unknown): number {
  let bytes = 0;
  const none = new ArrayBuffer(0);
  const count = (length: number, size: number): void => {
    bytes += Math.ceil((length * size) / ALIGNMENT) * ALIGNMENT;
  };
  lay({
    int32: (length) => {
      count(length, 4);
      return new Int32Array(none);
    },
    float32: (length) => {
      count(length, 4);
      return new Float32Array(none);
    },
    float64: (length) => {
      count(length, 8);
      return new Float64Array(none);
    },
  });
  return bytes;
}

/** What `lay` asks for, from the start of a buffer of at least `bytesFor(lay)` bytes. */
export function arenaOf(buffer: ArrayBufferLike): Arena {
  let at = 0;
  const take = (length: number, size: number): number => {
    const from = at;
    at += Math.ceil((length * size) / ALIGNMENT) * ALIGNMENT;
    return from;
  };
  return {
    int32: (length) => new Int32Array(buffer, take(length, 4), length),
    float32: (length) => new Float32Array(buffer, take(length, 4), length),
    float64: (length) => new Float64Array(buffer, take(length, 8), length),
  };
}
