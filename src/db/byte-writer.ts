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
    this.#view.setInt8(this.#advance(1), value);
  }

  int16(value: number): void {
    this.#view.setInt16(this.#advance(2), value);
  }

  int32(value: number): void {
    this.#view.setInt32(this.#advance(4), value);
  }

  /** A safe integer in 64 bits. */
  int64(value: number): void {
    const at = this.#advance(8);
    this.#view.setInt32(at, Math.floor(value / 0x1_0000_0000));
    this.#view.setUint32(at + 4, value);
  }

  bigint64(value: bigint): void {
    this.#view.setBigInt64(this.#advance(8), value);
  }

  bytes(value: Uint8Array): void {
    this.#bytes.set(value, this.#advance(value.length));
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

  /** What was written so far; not to be written to afterwards. */
  written(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

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
