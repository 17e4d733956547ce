/**
 * murmur3 x86 32-bit over the UTF-8 bytes of `salt:unit` (Appleby, MurmurHash3, 2011), the hash every assignment is
 * made of. It never changes: another hash would be a new version beside it.
 *
 * A unit is hashed under several salts, so its bytes are packed once into 32-bit words, and the part of the state
 * that depends on the salt alone is computed once per salt.
 */

/** murmur3 state after a salt: whole 4-byte blocks are mixed in, up to three bytes are carried. */
export interface HashPrefix {
  readonly hash: number;
  readonly carry: number;
  readonly carriedBytes: number;
  readonly bytes: number;
}

function scramble(word: number): number {
  const k = Math.imul(word, 0xcc9e2d51);
  return Math.imul((k << 15) | (k >>> 17), 0x1b873593);
}

function mix(hash: number, word: number): number {
  const h = hash ^ scramble(word);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(hash: number, bytes: number): number {
  let h = hash ^ bytes;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Words that `packUtf8` may write for this text: three bytes for each UTF-16 code unit at most. */
export function wordsNeeded(text: string): number {
  return ((text.length * 3) >> 2) + 2;
}

/**
 * Writes the UTF-8 bytes of `text` little-endian into `words` (`wordsNeeded` entries at least); a lone surrogate
 * becomes U+FFFD, as TextEncoder has it. The unused bytes of the last word are 0.
 * @returns the number of bytes
 */
export function packUtf8(text: string, words: Int32Array): number {
  let word = 0;
  let bytes = 0;
  const length = text.length;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) return packRest(text, i, words, word, bytes);
    word |= code << ((bytes & 3) << 3);
    if ((++bytes & 3) === 0) {
      words[(bytes >> 2) - 1] = word;
      word = 0;
    }
  }
  words[bytes >> 2] = word;
  return bytes;
}

function packRest(text: string, from: number, words: Int32Array, startWord: number, startBytes: number) {
  let word = startWord;
  let bytes = startBytes;
  const put = (byte: number) => {
    word |= byte << ((bytes & 3) << 3);
    if ((++bytes & 3) === 0) {
      words[(bytes >> 2) - 1] = word;
      word = 0;
    }
  };
  for (let i = from; i < text.length; i++) {
    let code = text.codePointAt(i)!;
    if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
    if (code < 0x80) put(code);
    else if (code < 0x800) {
      put(0xc0 | (code >> 6));
      put(0x80 | (code & 63));
    } else if (code < 0x10000) {
      put(0xe0 | (code >> 12));
      put(0x80 | ((code >> 6) & 63));
      put(0x80 | (code & 63));
    } else {
      i++;
      put(0xf0 | (code >> 18));
      put(0x80 | ((code >> 12) & 63));
      put(0x80 | ((code >> 6) & 63));
      put(0x80 | (code & 63));
    }
  }
  words[bytes >> 2] = word;
  return bytes;
}

/** State after the UTF-8 bytes of `text`. */
export function hashPrefix(text: string, seed = 0): HashPrefix {
  const words = new Int32Array(wordsNeeded(text));
  const bytes = packUtf8(text, words);
  const whole = bytes >> 2;
  let hash = seed | 0;
  for (let i = 0; i < whole; i++) hash = mix(hash, words[i]!);
  return { hash, carry: words[whole]!, carriedBytes: bytes & 3, bytes };
}

/** murmur3 of the prefix's text followed by the packed bytes: an integer in [0, 2^32). */
export function hashAfter(prefix: HashPrefix, words: Int32Array, bytes: number): number {
  const whole = bytes >> 2;
  const rest = bytes & 3;
  const shift = prefix.carriedBytes << 3;
  let hash = prefix.hash;
  if (shift === 0) {
    for (let i = 0; i < whole; i++) hash = mix(hash, words[i]!);
    if (rest !== 0) hash ^= scramble(words[whole]!);
    return finish(hash, prefix.bytes + bytes);
  }
  let carry = prefix.carry;
  for (let i = 0; i < whole; i++) {
    const word = words[i]!;
    hash = mix(hash, carry | (word << shift));
    carry = word >>> (32 - shift);
  }
  if (rest !== 0) {
    const last = words[whole]!;
    const joined = carry | (last << shift);
    if (prefix.carriedBytes + rest >= 4) {
      hash = mix(hash, joined);
      carry = last >>> (32 - shift);
    } else carry = joined;
  }
  // A carry of no bytes is 0, and scrambles to 0.
  return finish(hash ^ scramble(carry), prefix.bytes + bytes);
}

const EMPTY: HashPrefix = { hash: 0, carry: 0, carriedBytes: 0, bytes: 0 };
const scratch = new Int32Array(256);

/** murmur3 x86 32-bit of the UTF-8 bytes of `text`: an integer in [0, 2^32). Any string is valid. */
export function murmur3(text: string, seed = 0): number {
  const needed = wordsNeeded(text);
  const words = needed <= scratch.length ? scratch : new Int32Array(needed);
  const bytes = packUtf8(text, words);
  return hashAfter(seed === 0 ? EMPTY : { ...EMPTY, hash: seed | 0 }, words, bytes);
}

/** Maps a 32-bit hash to [0, 1). */
export function toUnitInterval(hash: number): number {
  return hash / 0x100000000;
}

/** Where `unit` falls under `salt`: murmur3 of `salt:unit`, mapped to [0, 1). */
export function bucket(salt: string, unit: string): number {
  return toUnitInterval(murmur3(`${salt}:${unit}`));
}
