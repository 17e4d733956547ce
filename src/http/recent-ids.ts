/** The last ids of a stream. */
export interface RecentIds {
  add(id: string): void;
  has(id: string): boolean;
}

/** Remembers at least the last `limit` ids and at most twice as many (about 100 bytes each): two generations of a set. */
export function createRecentIds(limit: number): RecentIds {
  let young = new Set<string>();
  let old = new Set<string>();
  return {
    add(id) {
      young.add(id);
      if (young.size < limit) return;
      old = young;
      young = new Set();
    },
    has: (id) => young.has(id) || old.has(id),
  };
}
