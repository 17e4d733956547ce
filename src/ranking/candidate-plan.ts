import type { ListedSource, PackedLists } from './viewer.ts';

/** What a precomputation makes: two of equal plans make equal lists, so that one can go on where the other was cut off. */
export interface CandidatePlan {
  readonly modelsVersion: string;
  /** Those with lists; the others' lists are stored empty. */
  readonly sources: readonly ListedSource[];
  /** Titles per list. */
  readonly length: number;
  readonly users: number;
  /** SHA-256 over the users' ids and histories. */
  readonly history: string;
}

export interface StoredSize {
  readonly users: number;
  /** Bytes of the packed lists. */
  readonly bytes: number;
  /** What the store itself says that a user takes, keys and all. */
  readonly bytesPerUserInStore: number;
}

/** Where a precomputation writes. Users come in a fixed order; those of one commit and the mark that they are done are stored together. */
export interface CandidateTarget {
  /** Of what kind and where, for people. */
  readonly name: string;
  /**
   * @param resume go on with what was committed of this plan; else begin anew
   * @returns how many users are done
   * @throws InvalidInput when it was begun with another plan
   */
  begin(plan: CandidatePlan, resume: boolean): Promise<number>;
  commit(users: readonly string[], packed: PackedLists): Promise<void>;
  /** After the last commit: from now on the lists are served. */
  finish(): Promise<StoredSize>;
  close(): Promise<void>;
}

/** What differs between a plan begun and the one wanted, for people; undefined where nothing does. */
export function planDifference(begun: CandidatePlan, wanted: CandidatePlan): string | undefined {
  const names = { modelsVersion: 'models', sources: 'sources', length: 'length', users: 'users' } as const;
  for (const [key, name] of Object.entries(names) as [keyof typeof names, string][]) {
    if (String(begun[key]) !== String(wanted[key])) return `${name} ${begun[key]}, now ${wanted[key]}`;
  }
  return begun.history === wanted.history ? undefined : 'another history of these users';
}
