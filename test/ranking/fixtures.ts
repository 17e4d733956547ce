import type { Catalogue, Interactions } from '../../src/ranking/catalogue.ts';
import type { Viewer } from '../../src/ranking/viewer.ts';

/** A catalogue of films by name, genres and text; a number instead of a film makes that many bare ones. */
export function catalogueOf(
  films: readonly { text?: string; genres?: readonly string[]; year?: number; episodes?: number }[],
): Catalogue {
  const genres = [...new Set(films.flatMap((film) => film.genres ?? []))];
  const bit = (genre: string): number => genres.indexOf(genre);
  const ids = films.map((_, row) => `t-${row}`);
  return {
    version: 'test',
    size: films.length,
    ids,
    rowOf: new Map(ids.map((id, row) => [id, row])),
    names: ids,
    genres,
    genreMask: Uint32Array.from(films, (film) =>
      (film.genres ?? []).reduce((mask, genre) => mask | (1 << bit(genre)), 0),
    ),
    primaryGenre: Uint8Array.from(films, (film) => (film.genres?.[0] ? bit(film.genres[0]) : 255)),
    year: Int16Array.from(films, (film) => film.year ?? 0),
    addedAt: new Float64Array(films.length),
    minutes: new Float32Array(films.length).fill(100),
    episodes: Uint16Array.from(films, (film) => film.episodes ?? 1),
    text: films.map((film) => film.text ?? ''),
    longTail: new Uint8Array(films.length),
  };
}

/** Interactions from [user, title, weight, at] rows, which must be ordered by time. */
export function interactionsOf(
  rows: readonly (readonly [user: number, title: number, weight?: number, at?: number])[],
  userCount = Math.max(0, ...rows.map(([user]) => user + 1)),
): Interactions {
  return {
    count: rows.length,
    users: Int32Array.from(rows, (row) => row[0]),
    titles: Int32Array.from(rows, (row) => row[1]),
    weights: Float32Array.from(rows, (row) => row[2] ?? 1),
    at: Float64Array.from(rows, (row) => row[3] ?? 0),
    userCount,
  };
}

/** A viewer who watched the given titles, oldest first. */
export function viewerOf(titles: readonly number[], options: Partial<Viewer> = {}): Viewer {
  return {
    id: 'u',
    country: '',
    ageGroup: 'unknown',
    picks: [],
    watchCount: titles.length,
    watchedTitles: Int32Array.from(titles),
    watchedWeights: new Float32Array(titles.length).fill(1),
    watchedAt: Float64Array.from(titles, (_, index) => index),
    revision: 0,
    ...options,
  };
}

/** Two communities of users, each watching only its half of the titles. */
export function twoCommunities(users: number, titles: number, random: () => number): Interactions {
  const rows: [number, number, number, number][] = [];
  for (let user = 0; user < users; user++)
    for (let title = 0; title < titles; title++)
      if (user % 2 === title % 2 && random() < 0.4) rows.push([user, title, 0.5 + random() / 2, rows.length]);
  return interactionsOf(rows, users);
}

/** <vector, row `title` of rows> */
export function rowDot(vector: ArrayLike<number>, rows: Float32Array, title: number): number {
  let sum = 0;
  for (let d = 0; d < vector.length; d++) sum += vector[d]! * rows[title * vector.length + d]!;
  return sum;
}

/** Rows of `width` numbers turned into columns, `rows` of them at a time. */
export function inColumns(values: Float32Array, rows: number, width: number): Float32Array {
  return values.map((_, at) => {
    const [block, place] = [Math.floor(at / (rows * width)), at % (rows * width)];
    const [column, row] = [Math.floor(place / rows), place % rows];
    return values[(block * rows + row) * width + column]!;
  });
}
