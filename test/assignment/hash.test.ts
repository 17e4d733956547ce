import fc from 'fast-check';
import murmurhash from 'murmurhash';
import { describe, expect, it } from 'vitest';
import { bucket, hashAfter, hashPrefix, murmur3, packUtf8, wordsNeeded } from '../../src/assignment/hash.ts';
import vectors from '../cases/assignment.json' with { type: 'json' };

/** Any UTF-16 text: control characters, every plane, lone surrogates. */
const anyText = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })
    .map((codes) => String.fromCharCode(...codes)),
  fc
    .array(fc.constantFrom('\ud800', '\udc00', '\udbff\udfff', 'a', 'é', '€', ':'), { maxLength: 20 })
    .map((parts) => parts.join('')),
);

describe('murmur3', () => {
  it.each(vectors.hash)('of $text is $murmur3', ({ text, seed, murmur3: expected }) => {
    expect(murmur3(text, seed)).toBe(expected);
  });

  it('equals the murmurhash package on any string and seed', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 0, max: 0xffffffff }), (text, seed) => {
        expect(murmur3(text, seed)).toBe(murmurhash.v3(text, seed));
      }),
      { numRuns: 3000 },
    );
  });

  it('packs the bytes that TextEncoder makes', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const words = new Int32Array(wordsNeeded(text)).fill(-1);
        const bytes = packUtf8(text, words);
        expect([...new Uint8Array(words.buffer, 0, bytes)]).toEqual([...new TextEncoder().encode(text)]);
      }),
    );
  });

  it('is the same whether a salt is hashed ahead or with the unit', () => {
    fc.assert(
      fc.property(anyText, anyText, (salt, unit) => {
        const words = new Int32Array(wordsNeeded(unit));
        const bytes = packUtf8(unit, words);
        const joined = hashAfter(hashPrefix(`${salt}:`), words, bytes);
        expect(joined).toBe(murmurhash.v3(`${salt}:${unit}`, 0));
      }),
      { numRuns: 3000 },
    );
  });
});

describe('bucket', () => {
  it.each(vectors.bucket)('of $unit under $salt is $bucket', ({ salt, unit, bucket: expected }) => {
    expect(bucket(salt, unit)).toBe(expected);
  });

  it('lies in [0, 1)', () => {
    fc.assert(
      fc.property(anyText, anyText, (salt, unit) => {
        const place = bucket(salt, unit);
        expect(place).toBeGreaterThanOrEqual(0);
        expect(place).toBeLessThan(1);
      }),
    );
  });
});
