/** Many short byte strings in few large buffers: a place is a number. What is released is used again for one of like size. */
export interface ByteSlabs {
  /** Copies bytes[from ... end) and returns their place. */
  add(bytes: Uint8Array, from: number, end: number): number;
  /** Calls `read` with the slab that holds `length` bytes at a place, and where they start in it. */
  read<Result>(place: number, read: (slab: Uint8Array, from: number) => Result): Result;
  release(place: number, length: number): void;
  /** Bytes of all slabs. */
  readonly capacity: number;
}

const SLAB = 2 ** 20;
/** Sizes are rounded up to this, so that lists one title apart share their places. */
const GRAIN = 32;

export function createByteSlabs(): ByteSlabs {
  /** Slab s has the places from s x SLAB on; a string longer than a slab has one of its own. */
  const slabs: Uint8Array[] = [];
  /** Released places by size. */
  const free = new Map<number, number[]>();
  let used = SLAB;

  const sizeOf = (length: number): number => GRAIN * Math.ceil(length / GRAIN);

  function place(size: number): number {
    const released = free.get(size)?.pop();
    if (released !== undefined) return released;
    if (used + size > SLAB) {
      slabs.push(new Uint8Array(Math.max(SLAB, size)));
      used = 0;
    }
    const found = (slabs.length - 1) * SLAB + used;
    used = size > SLAB ? SLAB : used + size;
    return found;
  }

  return {
    add(bytes, from, end) {
      const found = place(sizeOf(end - from));
      slabs[Math.floor(found / SLAB)]!.set(bytes.subarray(from, end), found % SLAB);
      return found;
    },
    read: (found, read) => read(slabs[Math.floor(found / SLAB)]!, found % SLAB),
    release(found, length) {
      const size = sizeOf(length);
      const places = free.get(size);
      if (places) places.push(found);
      else free.set(size, [found]);
    },
    get capacity() {
      return slabs.reduce((sum, slab) => sum + slab.byteLength, 0);
    },
  };
}
