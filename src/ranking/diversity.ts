/** `Catalogue.primaryGenre` of a title without genres: never capped, never counted. */
export const NO_GENRE = 255;

/** Simpson's index 1 - sum p^2 over the primary genres of a slate: 0 for one genre, towards 1 for many. 0 for an empty slate. */
export function simpson(titles: Int32Array, primaryGenre: Uint8Array): number {
  const counts = new Uint32Array(256);
  let total = 0;
  for (const title of titles) {
    const genre = primaryGenre[title]!;
    if (genre === NO_GENRE) continue;
    counts[genre] = counts[genre]! + 1;
    total++;
  }
  if (total === 0) return 0;
  let squares = 0;
  for (const count of counts) squares += count * count;
  return 1 - squares / (total * total);
}

/**
 * How often each primary genre was used in the slate being filled. A cap on a partition never leads greedy filling
 * into a corner: a slot finds no free genre only when no order of the same titles would have.
 */
export interface GenreCap {
  /** Titles of one genre, at least 1. */
  readonly limit: number;
  readonly used: Uint16Array;
}

export function createGenreCap(limit: number): GenreCap {
  return { limit, used: new Uint16Array(256) };
}

export function allows(cap: GenreCap, genre: number): boolean {
  return genre === NO_GENRE || cap.used[genre]! < cap.limit;
}

export function use(cap: GenreCap, genre: number): void {
  cap.used[genre] = cap.used[genre]! + 1;
}
