/** Mixes two words into one (the finaliser of MurmurHash3). */
function mix(a, b) {
  let h = Math.imul(a ^ (b + 0x9e3779b9), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** FNV-1a of a name. */
function nameHash(name) {
  let h = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
  return h;
}

const WORD = 2 ** 32;

/**
 * The random numbers of one simulated test. Each test has a stream of its own, keyed by seed, scenario and number of the
 * test, so that results do not depend on how tests are spread over workers. The stream is sfc32 (Doty-Humphrey's PractRand).
 */
export class Random {
  #state = new Int32Array(4);
  #spare = Number.NaN;

  constructor(seed, scenario, test) {
    const key = mix(mix(seed | 0, nameHash(scenario)), test);
    this.#state.set([key, mix(key, 1), mix(key, 2), 1]);
    for (let i = 0; i < 16; i++) this.word();
  }

  /** 32 random bits, signed. */
  word() {
    const s = this.#state;
    const b = s[1];
    const c = s[2];
    const out = (s[0] + b + s[3]) | 0;
    s[3] += 1;
    s[0] = b ^ (b >>> 9);
    s[1] = c + (c << 3);
    s[2] = ((c << 21) | (c >>> 11)) + out;
    return out;
  }

  /** Uniform on (0, 1), without its ends. */
  uniform() {
    return ((this.word() >>> 0) + 0.5) / WORD;
  }

  /** Standard normal (Box and Muller 1958). */
  normal() {
    const spare = this.#spare;
    if (!Number.isNaN(spare)) {
      this.#spare = Number.NaN;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Successes among n trials of chance p, one by one. */
  binomial(n, p) {
    const limit = p * WORD;
    let successes = 0;
    for (let i = 0; i < n; i++) if (this.word() >>> 0 < limit) successes += 1;
    return successes;
  }

  /** Poisson by multiplying uniforms (Knuth); for small means. */
  poisson(mean) {
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = this.uniform(); product > limit; product *= this.uniform()) count += 1;
    return count;
  }
}
