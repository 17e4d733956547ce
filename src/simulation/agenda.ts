/** Who comes next: a binary heap of at most one appointment per viewer, by time and then by viewer. */
export class Agenda {
  readonly #viewers: Int32Array;
  readonly #at: Float64Array;
  #size = 0;

  constructor(capacity: number) {
    this.#viewers = new Int32Array(capacity);
    this.#at = new Float64Array(capacity);
  }

  /** Time of the earliest appointment; Infinity when there is none. */
  get nextAt(): number {
    return this.#size > 0 ? this.#at[0]! : Infinity;
  }

  add(viewer: number, at: number): void {
    let place = this.#size++;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#before(viewer, at, parent)) break;
      this.#move(parent, place);
      place = parent;
    }
    this.#viewers[place] = viewer;
    this.#at[place] = at;
  }

  /** Removes the earliest appointment and returns its viewer. */
  take(): number {
    if (this.#size === 0) throw new RangeError('the agenda is empty; ask nextAt before taking');
    const first = this.#viewers[0]!;
    const last = --this.#size;
    const viewer = this.#viewers[last]!;
    const at = this.#at[last]!;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= last) break;
      if (child + 1 < last && this.#before(this.#viewers[child + 1]!, this.#at[child + 1]!, child)) child++;
      if (this.#before(viewer, at, child)) break;
      this.#move(child, place);
      place = child;
    }
    this.#viewers[place] = viewer;
    this.#at[place] = at;
    return first;
  }

  #before(viewer: number, at: number, place: number): boolean {
    const other = this.#at[place]!;
    return at < other || (at === other && viewer < this.#viewers[place]!);
  }

  #move(from: number, to: number): void {
    this.#viewers[to] = this.#viewers[from]!;
    this.#at[to] = this.#at[from]!;
  }
}
