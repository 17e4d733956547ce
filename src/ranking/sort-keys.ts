/** Places that a key has room for beside the bits of a score. */
const PLACES = 2 ** 20;

/**
 * One number that ascends as scores descend, and with the place among equal ones: so that a sort compares numbers alone, at
 * a fraction of the time that a function which compares them takes.
 *
 * @param bits  of a 32-bit float that is no NaN, as an unsigned integer
 * @param place below 1,048,576
 */
export function sortKey(bits: number, place: number): number {
  // The bits of positive floats ascend with them, those of negative ones descend.
  const ascending = bits >= 0x80000000 ? 0xffffffff - bits : bits + 0x80000000;
  return (0xffffffff - ascending) * PLACES + place;
}

/** The place in a key. */
export function placeOf(key: number): number {
  return key % PLACES;
}

/** The bits of a column's first `count` entries. */
export function bitsOf(column: Float32Array, count: number): Uint32Array {
  return new Uint32Array(column.buffer, column.byteOffset, count);
}
