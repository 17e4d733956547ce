/**
 * The titles that can be recommended, column by column. A title is an integer inside the system (its row here)
 * and text at the edges (its external id). All arrays have `size` entries.
 */
export interface Catalogue {
  /** Names this set of titles; a candidate set or model made for another version is refused. */
  readonly version: string;
  readonly size: number;
  /** External ids by row. */
  readonly ids: readonly string[];
  /** Row by external id. */
  readonly rowOf: ReadonlyMap<string, number>;
  readonly names: readonly string[];
  /** Genre vocabulary, at most 32. */
  readonly genres: readonly string[];
  /** Bit g is set when the title has genre g; 0 for a title without genres. */
  readonly genreMask: Uint32Array;
  /** Index of the first-named genre; 255 for none. */
  readonly primaryGenre: Uint8Array;
  /** Release year; 0 where unknown. */
  readonly year: Int16Array;
  /** When the title entered the catalogue, epoch ms; 0 where unknown. */
  readonly addedAt: Float64Array;
  /** Length of one play in minutes. */
  readonly minutes: Float32Array;
  /** 1 for a film, the number of episodes for a series. */
  readonly episodes: Uint16Array;
  /** Free text (names, tags and what else a data set says) for content similarity. */
  readonly text: readonly string[];
  /** What a title is about, where that is known apart from `text`; '' for none. */
  readonly plots?: readonly string[];
  /** Who acts in it or directed it. */
  readonly people?: readonly (readonly string[])[];
  /** What a text-embedding model makes of a title: size x dims, row-major, rows of norm 1 or 0. Present where models are trained. */
  readonly textVectors?: { readonly dims: number; readonly vectors: Float32Array };
  /** 1 for titles outside the head that collects 80 % of training watches. */
  readonly longTail: Uint8Array;
  // Columns that business rules read; an absent column rules nothing out.
  /** Epoch ms from which a title may be shown; 0 where always. */
  readonly availableFrom?: Float64Array;
  /** Epoch ms from which it may no longer be shown; Infinity where never. */
  readonly availableUntil?: Float64Array;
  /** Countries (ISO 3166 alpha-2) in which it may be shown; undefined where everywhere. */
  readonly availableIn?: readonly (ReadonlySet<string> | undefined)[];
  /** Least age of a viewer in years; 0 for everyone. */
  readonly maturity?: Uint8Array;
  /** Labels of the business, e.g. `original` or `campaign-may`, that boosts and bans name. */
  readonly tags?: readonly (readonly string[])[];
}

/** What was watched: parallel arrays, ordered by time. Users and titles are rows; `weight` grows with watch time or rating, > 0. */
export interface Interactions {
  readonly count: number;
  readonly users: Int32Array;
  readonly titles: Int32Array;
  readonly weights: Float32Array;
  /** Epoch ms. */
  readonly at: Float64Array;
  /** Number of user rows (some may have no interaction). */
  readonly userCount: number;
}

/** What was shown and what came of it: the re-ranker's labels. Parallel arrays ordered by time. */
export interface Impressions {
  readonly count: number;
  readonly users: Int32Array;
  readonly titles: Int32Array;
  /** 1: watched to at least the positive share (80 %); 0: shown and skipped, or clicked and left under 20 %. */
  readonly labels: Uint8Array;
  readonly at: Float64Array;
  /** Row in `DEVICES`. */
  readonly devices: Uint8Array;
  /** How many of the user's first watches are told; absent: all before the moment. */
  readonly told?: Int32Array;
}

/** Devices known to the platform; anything else is `other`. Append only: rows are stored and are model inputs. */
export const DEVICES = ['tv', 'mobile', 'desktop', 'tablet', 'other'] as const;
export type Device = (typeof DEVICES)[number];

/** Age groups known to the platform. Append only, as above. */
export const AGE_GROUPS = ['unknown', '13-17', '18-24', '25-34', '35-44', '45-54', '55+'] as const;
export type AgeGroup = (typeof AGE_GROUPS)[number];
