/** Answers are written one after the other into pieces of memory of this size; each lives until its last answer was sent. */
const PIECE = 256 * 1024;
const LONGEST_NUMBER = 32;
/** Bytes of UTF-8 that a UTF-16 code unit takes at most. */
const WIDEST = 3;

const ZERO = 0x30;
const POINT = 0x2e;
const MILLION = 1_000_000;

/** Writes JSON text as UTF-8, part by part: without a string of the whole, which would have to be measured and encoded again. */
export interface JsonBytes {
  /** JSON text as it is. */
  text(json: string): void;
  /** JSON text that is already UTF-8. */
  bytes(json: Uint8Array): void;
  /** A number to six decimals, but never 0 for what is not: a propensity is positive. 0 for what is no number, which JSON has not. */
  number(value: number): void;
  /** What was written since the last call; it stays as it is. */
  take(): Buffer;
}

export function createJsonBytes(): JsonBytes {
  let memory = Buffer.allocUnsafeSlow(PIECE);
  let start = 0;
  let at = 0;

  function reserve(bytes: number): void {
    if (at + bytes <= memory.length) return;
    const written = memory.subarray(start, at);
    memory = Buffer.allocUnsafeSlow(Math.max(PIECE, 2 * (written.length + bytes)));
    memory.set(written);
    start = 0;
    at = written.length;
  }

  function text(json: string): void {
    reserve(WIDEST * json.length);
    at += memory.write(json, at);
  }

  function whole(value: number): void {
    let unit = 1;
    while (unit * 10 <= value) unit *= 10;
    for (let rest = value; unit >= 1; unit /= 10) {
      const digit = Math.floor(rest / unit);
      memory[at++] = ZERO + digit;
      rest -= digit * unit;
    }
  }

  return {
    text,
    bytes(json) {
      reserve(json.length);
      memory.set(json, at);
      at += json.length;
    },
    number(value) {
      const millionths = Math.round(value * MILLION);
      if (!Number.isFinite(millionths)) return text('0');
      // Beyond it there are no decimals left, or the text has an exponent.
      if (!(millionths > 0 && millionths < MILLION * MILLION))
        return text(String(millionths === 0 ? value : millionths / MILLION));
      reserve(LONGEST_NUMBER);
      const integer = Math.floor(millionths / MILLION);
      whole(integer);
      let rest = millionths - integer * MILLION;
      if (rest > 0) memory[at++] = POINT;
      for (let unit = MILLION / 10; rest > 0; unit /= 10) {
        const digit = Math.floor(rest / unit);
        memory[at++] = ZERO + digit;
        rest -= digit * unit;
      }
    },
    take() {
      const taken = memory.subarray(start, at);
      start = at;
      return taken;
    },
  };
}
