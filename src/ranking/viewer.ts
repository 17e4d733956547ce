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
export interface CandidateList {
  readonly titles: Int32Array;
  readonly scores: Float32Array;
}

/** The precomputed, per-user part of retrieval. Sources that depend on the moment (trending, continuation) are not stored. */
export interface CandidateLists {
  readonly ials: CandidateList;
  readonly content: CandidateList;
  /** Where the models have one. */
  readonly itemKnn?: CandidateList;
  readonly ease?: CandidateList;
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
