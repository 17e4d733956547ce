/** What is remembered of an id: nothing, the same payload, or another one. */
export type Known = 'new' | 'same' | 'other';

/** Ids acknowledged lately, with the hashes of their payloads. */
export interface RecentIds {
  /** @param id a UUID in text, either case */
  look(id: string, payload: bigint): Known;
  /** Remembers an id that was new when it was looked for; says what it is by now, should it have come twice meanwhile. */
  add(id: string, payload: bigint): Known;
  /** The id has this payload, whatever was remembered. */
  correct(id: string, payload: bigint): void;
}

/** Of an id: its four words, then the two of the payload's hash. */
const WORDS = 6;
/** Slots looked at before an id counts as unknown: more only where somebody chose ids that collide. */
const MOST_STEPS = 32;

/**
 * Remembers at least the last `limit` ids and at most twice as many: two generations of a table of numbers (100 bytes for
 * each id of `limit`), which no garbage collector has to walk.
 */
export function createRecentIds(limit: number): RecentIds {
  const slots = 2 ** Math.ceil(Math.log2(2 * limit));
  let young = new Uint32Array(slots * WORDS);
  let old = new Uint32Array(slots * WORDS);
  let held = 0;
  const asked = new Uint32Array(WORDS);

  function ask(id: string, payload: bigint): void {
    let word = 0;
    let digits = 0;
    let at = 0;
    for (let i = 0; i < id.length; i++) {
      const code = id.charCodeAt(i);
      if (code === DASH) continue;
      word = (word << 4) | (code < 0x3a ? code - 0x30 : (code & 0xdf) - 0x37);
      if (++digits % 8 === 0) asked[at++] = word;
    }
    // A slot whose last word is 0 is free.
    asked[4] = Number(BigInt.asUintN(32, payload));
    asked[5] = Number(BigInt.asUintN(32, payload >> 32n)) || 1;
  }

  /** Where the id that was asked for stands, or might stand; -1 where the table is full around there. */
  function find(table: Uint32Array): number {
    let hash = Math.imul(asked[0]!, 0x9e3779b1) ^ Math.imul(asked[1]!, 0x85ebca6b);
    hash ^= Math.imul(asked[2]!, 0xc2b2ae35) ^ Math.imul(asked[3]!, 0x27d4eb2f);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    let slot = (hash ^ (hash >>> 13)) >>> 0;
    for (let step = 0; step < MOST_STEPS; step++, slot++) {
      const at = (slot & (slots - 1)) * WORDS;
      if (table[at + 5] === 0) return at;
      if (
        table[at] === asked[0] &&
        table[at + 1] === asked[1] &&
        table[at + 2] === asked[2] &&
        table[at + 3] === asked[3]
      )
        return at;
    }
    return -1;
  }

  function known(table: Uint32Array, at: number): Known {
    if (at < 0 || table[at + 5] === 0) return 'new';
    return table[at + 4] === asked[4] && table[at + 5] === asked[5] ? 'same' : 'other';
  }

  function put(at: number): void {
    if (at < 0) return;
    if (young[at + 5] === 0) held++;
    for (let word = 0; word < WORDS; word++) young[at + word] = asked[word]!;
    if (held < limit) return;
    [old, young] = [young, old];
    young.fill(0);
    held = 0;
  }

  return {
    look(id, payload) {
      ask(id, payload);
      const lately = known(young, find(young));
      return lately === 'new' ? known(old, find(old)) : lately;
    },
    add(id, payload) {
      ask(id, payload);
      const at = find(young);
      const before = known(young, at);
      if (before === 'new') put(at);
      return before;
    },
    correct(id, payload) {
      ask(id, payload);
      put(find(young));
    },
  };
}

const DASH = 0x2d;
