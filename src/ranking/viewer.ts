import type { AgeGroup } from './catalogue.ts';

/**
 * What ranking knows of one user at the moment of a request: who they are and what they watched, oldest first.
 * `watched*` are parallel; capacity may exceed `watchCount`.
 */
export interface Viewer {
  readonly id: string;
  /** ISO 3166 alpha-2, or '' for unknown. */
  country: string;
  ageGroup: AgeGroup;
  /** Rows of titles picked at onboarding. */
  picks: readonly number[];
  watchCount: number;
  watchedTitles: Int32Array;
  /** Same scale as `Interactions.weights`. */
  watchedWeights: Float32Array;
  /** Epoch ms. */
  watchedAt: Float64Array;
  /** Grows with every change; a candidate list made at an older revision may be refreshed. */
  revision: number;
}

/** Candidate titles of one source for one user, best first, already without finished titles. */
export interface TitleList {
  readonly titles: Int32Array;
}

/** The same with what the source scored them. */
export interface CandidateList extends TitleList {
  readonly scores: Float32Array;
}

/** The stored sources, in the order in which lists of them are written. Append only. */
export const LISTED_SOURCES = ['ials', 'content', 'itemKnn', 'ease'] as const;
export type ListedSource = (typeof LISTED_SOURCES)[number];

/**
 * The precomputed, per-user part of retrieval. Sources that depend on the moment (trending, continuation) are not stored, nor
 * are scores: a pipeline computes those as of the request.
 */
export interface CandidateLists {
  readonly ials: TitleList;
  readonly content: TitleList;
  /** Where the models have one. */
  readonly itemKnn?: TitleList;
  readonly ease?: TitleList;
  /** `Viewer.watchCount` when the lists were made. */
  readonly watchCount: number;
}

/** Where precomputed candidates are kept: in process, or in Redis. Implementations share one contract suite. */
export interface CandidateStore {
  /** One entry per user, in order; undefined where nothing is stored for this models version. */
  getMany(modelsVersion: string, users: readonly string[]): Promise<(CandidateLists | undefined)[]>;
  putMany(
    modelsVersion: string,
    entries: readonly (readonly [user: string, lists: CandidateLists])[],
  ): Promise<void>;
  /** Forgets every list of one models version. */
  drop(modelsVersion: string): Promise<void>;
  close(): Promise<void>;
}

/** What each of some users has, one after the other: user i from `ends[i - 1]` (or 0) up to `ends[i]`, as `packLists` writes it. */
export interface PackedLists {
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
}

/** A store that also takes lists as bytes: what a precomputation makes. */
export interface PackedCandidateStore extends CandidateStore {
  /** @param packed the lists of each user, parallel to `users` */
  putPacked(modelsVersion: string, users: readonly string[], packed: PackedLists): Promise<void>;
}
