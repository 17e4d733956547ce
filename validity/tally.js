/** Cells of [0, 1] that p-values are counted in. */
export const CELLS = 100;

const empty = () => ({
  n: 0,
  hits: 0,
  refused: 0,
  sum: 0,
  squares: 0,
  expected: 0,
  variance: 0,
  looks: [],
  cells: [],
});

/** What the tests of a scenario found, by key. Parts of a scenario are added up in the order of the tests. */
export class Tally {
  entries = new Map();

  #entry(key) {
    let entry = this.entries.get(key);
    if (!entry) {
      entry = empty();
      this.entries.set(key, entry);
    }
    return entry;
  }

  hit(key, happened) {
    const entry = this.#entry(key);
    entry.n += 1;
    if (happened) entry.hits += 1;
  }

  /** A figure between 0 and 1 of one test, such as the share of false discoveries. */
  value(key, value) {
    const entry = this.#entry(key);
    entry.n += 1;
    entry.sum += value;
    entry.squares += value * value;
  }

  /** An event that was given this chance. */
  predicted(key, chance, happened) {
    const entry = this.#entry(key);
    entry.n += 1;
    entry.expected += chance;
    entry.variance += chance * (1 - chance);
    if (happened) entry.hits += 1;
  }

  refuse(key) {
    this.#entry(key).refused += 1;
  }

  p(key, p) {
    const { cells } = this.#entry(key);
    if (cells.length === 0) for (let i = 0; i < CELLS; i++) cells.push(0);
    cells[Math.min(CELLS - 1, Math.floor(p * CELLS))] += 1;
  }

  /** First rejection at this look of `count`; -1: at none. */
  look(key, at, count) {
    const entry = this.#entry(key);
    while (entry.looks.length < count) entry.looks.push(0);
    if (at >= 0) entry.looks[at] += 1;
    this.hit(key, at >= 0);
  }
}

/** Entries of several parts, in their order, as one. */
export function merge(parts) {
  const total = new Map();
  for (const part of parts) {
    for (const [key, entry] of part) {
      const sum = total.get(key) ?? empty();
      for (const name of ['n', 'hits', 'refused', 'sum', 'squares', 'expected', 'variance'])
        sum[name] += entry[name];
      for (const name of ['looks', 'cells']) {
        for (const [i, count] of entry[name].entries()) sum[name][i] = (sum[name][i] ?? 0) + count;
      }
      total.set(key, sum);
    }
  }
  return total;
}
