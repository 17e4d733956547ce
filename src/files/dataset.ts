import { createHash } from 'node:crypto';
import type { Catalogue, Interactions } from '../ranking/catalogue.ts';
import { longTail } from '../ranking/long-tail.ts';

/** Titles and ratings read from files. */
export interface Dataset {
  readonly name: string;
  readonly catalogue: Catalogue;
  /** One per user and title, ordered by time; weight = stars / 5. */
  readonly interactions: Interactions;
  /** External id by user row. */
  readonly userIds: readonly string[];
  /** Stars, 0.5 to 5, parallel to the interactions. */
  readonly ratings: Float32Array;
  /** What was left out or is missing, one sentence each, for whoever gave the files. */
  readonly notes: readonly string[];
}

/** One film as a file gives it. */
export interface Film {
  readonly id: string;
  readonly name: string;
  /** 0 where unknown. */
  readonly year: number;
  readonly genres: readonly string[];
  readonly text: string;
}

/** One rating by rows. */
export interface Rating {
  readonly user: number;
  readonly title: number;
  readonly stars: number;
  /** Epoch ms. */
  readonly at: number;
}

/** These formats give no running times. */
const NOMINAL_MINUTES = 110;

/** Stars above which a rating says that the title was liked. */
export const LIKED = 4;

/** Puts films and ratings into columns; all ratings decide which titles are in the long tail. */
export function datasetOf(
  name: string,
  films: readonly Film[],
  userIds: readonly string[],
  ratings: readonly Rating[],
  notes: readonly string[] = [],
): Dataset {
  const columns = interactionsOf(ratings, userIds.length);
  const genres = [...new Set(films.flatMap((film) => film.genres))].sort();
  if (genres.length > 32)
    throw new RangeError(`${name}: ${genres.length} genres; at most 32 are possible, merge the rarest`);
  const size = films.length;
  const lacking =
    genres.length === 0
      ? [`${name}: no title has a genre; genre caps and all that compares genres do nothing`]
      : [];
  const ids = films.map((film) => film.id);
  const bit = new Map(genres.map((genre, index) => [genre, index]));
  const catalogue: Catalogue = {
    version: createHash('sha256').update(JSON.stringify(films)).digest('hex').slice(0, 12),
    size,
    ids,
    rowOf: new Map(ids.map((id, row) => [id, row])),
    names: films.map((film) => film.name),
    genres,
    genreMask: Uint32Array.from(films, (film) =>
      film.genres.reduce((mask, genre) => mask | (1 << bit.get(genre)!), 0),
    ),
    primaryGenre: Uint8Array.from(films, (film) =>
      film.genres.length > 0 ? bit.get(film.genres[0]!)! : 255,
    ),
    year: Int16Array.from(films, (film) => film.year),
    addedAt: new Float64Array(size),
    minutes: new Float32Array(size).fill(NOMINAL_MINUTES),
    episodes: new Uint16Array(size).fill(1),
    text: films.map((film) => film.text),
    longTail: longTail(columns.interactions, size),
  };
  return { name, catalogue, userIds, ...columns, notes: [...notes, ...lacking] };
}

/** Ratings in columns, ordered by time, then user, then title. */
export function interactionsOf(
  ratings: readonly Rating[],
  userCount: number,
): { interactions: Interactions; ratings: Float32Array } {
  const sorted = [...ratings].sort((a, b) => a.at - b.at || a.user - b.user || a.title - b.title);
  return {
    interactions: {
      count: sorted.length,
      users: Int32Array.from(sorted, (rating) => rating.user),
      titles: Int32Array.from(sorted, (rating) => rating.title),
      weights: Float32Array.from(sorted, (rating) => rating.stars / 5),
      at: Float64Array.from(sorted, (rating) => rating.at),
      userCount,
    },
    ratings: Float32Array.from(sorted, (rating) => rating.stars),
  };
}
