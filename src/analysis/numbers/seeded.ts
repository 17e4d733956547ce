import type { Uniform } from './resample.ts';

/**
 * Repeatable uniform numbers in [0, 1): a counter (Weyl sequence) whose bits murmur3's finaliser mixes. The same seed gives the
 * same numbers, so that a report computed twice is the same. Not for secrets, nor for more than 2^32 draws.
 */
export function seeded(seed: number): Uniform {
  let counter = seed >>> 0;
  return () => {
    counter = (counter + 0x9e3779b9) >>> 0;
    let mixed = counter;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}
