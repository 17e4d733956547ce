import type { AgeGroup, Catalogue } from './catalogue.ts';

/** Implicit-feedback matrix factorisation: score(u, i) = <user, item>. */
export interface IalsModel {
  readonly factors: number;
  /** lambda x titles^nu: the penalty on a user vector without interactions; `penaltyOf` has it grow with their confidence. */
  readonly regularisation: number;
  /** Confidence added per unit of weight: c = 1 + alpha * w. */
  readonly alpha: number;
  /** Exponent of the confidence in the penalty; 1 where it is absent. */
  readonly nu?: number;
  /** Least weight of an interaction that counts; 0 where it is absent. */
  readonly least?: number;
  /** Whether each that counts has weight 1; absent: not. */
  readonly binary?: boolean;
  /** size x factors, row-major. */
  readonly items: Float32Array;
  /** Y'Y of the item factors, factors x factors: what a fold-in of one user needs. */
  readonly gram: Float64Array;
}

/** Content similarity: unit vectors per title; a user is the weighted mean of what they watched. */
export interface ContentModel {
  readonly dims: number;
  /** size x dims, row-major, each row of norm 1 (or 0 for a title without content). */
  readonly vectors: Float32Array;
}

/** Likeness of titles by who watched them: row i holds the titles that count i among their nearest, ascending. */
export interface ItemKnnModel {
  /** Least weight of an interaction that counts. */
  readonly least: number;
  readonly shrink: number;
  readonly neighbours: number;
  /** Those of row i are at `starts[i]` up to, not including, `starts[i + 1]`. */
  readonly starts: Int32Array;
  readonly titles: Int32Array;
  readonly similarities: Float32Array;
}

/** Linear weights from each watched title to each other one (EASE). */
export interface EaseModel {
  /** Least weight of an interaction that counts. */
  readonly least: number;
  readonly lambda: number;
  /** Titles of the catalogue. */
  readonly size: number;
  /** The m watched ones among them, ascending. */
  readonly rows: Int32Array;
  /** m x m, row-major: what having taken to `rows[i]` adds to the score of `rows[j]`. */
  readonly weights: Float32Array;
}

/** What trends: rows by decayed watches of the last 7 days before `asOf`, best first, and how popular each title is overall. */
export interface TrendingModel {
  readonly asOf: number;
  readonly order: Int32Array;
  /** Trending score by catalogue row, scaled to [0, 1]. */
  readonly score: Float32Array;
  /** log1p(watches) by catalogue row, scaled to [0, 1]. */
  readonly popularity: Float32Array;
  /** How much a title was liked by those who watched it: mean weight of its watches less that of all, drawn to 0 where they are few. */
  readonly quality: Float32Array;
  /** What trends in each country that is known, best first; no more titles than a source may ask for. */
  readonly countries?: ReadonlyMap<string, Int32Array>;
  /** The same by band of the day (UTC), from midnight on: equal parts of 24 hours. */
  readonly hours?: readonly Int32Array[];
}

/** What is watched more or less often by users of one kind: logs of lifts over everyone, by catalogue row. */
export interface Demographics {
  /** log(1 + watches) of everyone. */
  readonly watches: Float32Array;
  readonly countries: ReadonlyMap<string, Float32Array>;
  readonly ageGroups: ReadonlyMap<AgeGroup, Float32Array>;
}

/** A neural scorer: probability that a shown title is watched. Runs one batch of requests in one call. */
export interface Scorer {
  readonly name: string;
  readonly featureSchema: string;
  /** Item models whose scores it was trained with: it scores beside these only. */
  readonly itemSources?: readonly ('itemKnn' | 'ease')[];
  /**
   * @param users       batch x userWidth features, row-major
   * @param candidates  batch x slots catalogue rows; slots past a request's count repeat any valid row
   * @param pairs       batch x pairWidth x slots features, those of slots past a request's count are 0
   * @returns the scorer's own until the event loop's next turn: batch x slots numbers, the higher the better: probabilities in [0, 1] where a stage takes them as they are
   */
  score(
    batch: number,
    slots: number,
    users: Float32Array,
    candidates: Int32Array,
    pairs: Float32Array,
  ): Promise<Float32Array>;
}

/** Everything one slate is ranked with. Swapped as a whole, so that a slate has one version. */
export interface Models {
  readonly version: string;
  readonly catalogue: Catalogue;
  readonly ials: IalsModel;
  readonly content: ContentModel;
  readonly trending: TrendingModel;
  /** Absent where nothing is known of users: popularity is then that among everyone. */
  readonly demographics?: Demographics;
  /** Only where a declared pipeline takes candidates from them. */
  readonly itemKnn?: ItemKnnModel;
  readonly ease?: EaseModel;
  /** By the name that a `score` stage asks for, e.g. `two-tower`. */
  readonly scorers: ReadonlyMap<string, Scorer>;
}
