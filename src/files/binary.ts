/** Typed arrays as little-endian bytes, whatever the machine. */
type Column = Float32Array | Float64Array | Int32Array;

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

export function bytesOf(column: Column): Uint8Array {
  const bytes = new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
  return littleEndian ? bytes : swapped(bytes, column.BYTES_PER_ELEMENT);
}

export function float32s(bytes: Uint8Array): Float32Array {
  return new Float32Array(aligned(bytes, 4));
}

export function float64s(bytes: Uint8Array): Float64Array {
  return new Float64Array(aligned(bytes, 8));
}

export function int32s(bytes: Uint8Array): Int32Array {
  return new Int32Array(aligned(bytes, 4));
}

/** A copy with a buffer of its own: bytes read from a file may start anywhere. */
function aligned(bytes: Uint8Array, width: number): ArrayBuffer {
  return (littleEndian ? new Uint8Array(bytes) : swapped(bytes, width)).buffer as ArrayBuffer;
}

function swapped(bytes: Uint8Array, width: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  for (let at = 0; at < copy.length; at += width) copy.subarray(at, at + width).reverse();
  return copy;
}
