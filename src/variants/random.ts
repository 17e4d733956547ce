/**
 * Uniform numbers in [0, 1) that depend only on the request and the stage, so that any slate can be replayed:
 * number n is a hash of (request id, stage, n). 32 bits each.
 */
export function random(requestId: string, stage: string): () => number {
  const low = hash(stage, hash(requestId, 0x811c9dc5));
  const high = hash(stage, hash(requestId, 0x9e3779b1));
  let counter = 0;
  return () => {
    counter = (counter + 0x9e3779b9) | 0;
    return mix(mix(low ^ counter) + high) / 4294967296;
  };
}

/** FNV-1a over UTF-16 code units, finished by a mixer because the last characters of similar ids differ by little. */
function hash(text: string, seed: number): number {
  let state = seed | 0;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  return mix(state);
}

/** The 32-bit finaliser of MurmurHash3. */
function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
