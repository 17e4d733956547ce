/** Bytes in network order that grow as they are written. */
export class ByteWriter {
  #bytes: Buffer;
  #view: DataView;
  #at = 0;

  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafeSlow(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  int8(value: number): void {
    const at = this.#advance(1);
    this.#view.setInt8(at, value);
  }

  int16(value: number): void {
    const at = this.#advance(2);
    this.#view.setInt16(at, value);
  }

  int32(value: number): void {
    const at = this.#advance(4);
    this.#view.setInt32(at, value);
  }

  /** A safe integer in 64 bits. */
  int64(value: number): void {
    const at = this.#advance(8);
    this.#view.setInt32(at, Math.floor(value / 0x1_0000_0000));
    this.#view.setUint32(at + 4, value);
  }

  bigint64(value: bigint): void {
    const at = this.#advance(8);
    this.#view.setBigInt64(at, value);
  }

  bytes(value: Uint8Array): void {
    const at = this.#advance(value.length);
    this.#bytes.set(value, at);
  }

  /** UTF-8 behind its length in 32 bits; `extra` bytes that were written for the same field count in. */
  text(value: string, prefix?: number): void {
    const own = prefix === undefined ? 0 : 1;
    const start = this.#advance(4 + own + 3 * value.length);
    if (prefix !== undefined) this.#view.setInt8(start + 4, prefix);
    const length = own + this.#bytes.write(value, start + 4 + own);
    this.#view.setInt32(start, length);
    this.#at = start + 4 + length;
  }

  /** Begins anew in the same memory. */
  clear(): void {
    this.#at = 0;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#at;
  }

  /** Forgets what was written from there on. */
  cut(length: number): void {
    this.#at = length;
  }

  /** What was written so far; not to be written to afterwards. */
  written(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  /** Call it before the memory is looked up: it may be another afterwards. */
  #advance(length: number): number {
    const at = this.#at;
    this.#at = at + length;
    if (this.#at > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, this.#at));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }
}
