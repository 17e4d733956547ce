/** The last requests served here: on which surface each was. */
export interface RecentRequests {
  add(id: string, surface: string): void;
  /** Undefined for an id that was not served here, or not lately. */
  surfaceOf(id: string): string | undefined;
}

/** Remembers at least the last `limit` ids and at most twice as many (about 100 bytes each): two generations of a map. */
export function createRecentRequests(limit: number): RecentRequests {
  let young = new Map<string, string>();
  let old = new Map<string, string>();
  return {
    add(id, surface) {
      young.set(id, surface);
      if (young.size < limit) return;
      old = young;
      young = new Map();
    },
    surfaceOf: (id) => young.get(id) ?? old.get(id),
  };
}
