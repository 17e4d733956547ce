import type { TSchema } from 'typebox';
import type { Device } from '../ranking/catalogue.ts';
import type { Models } from '../ranking/models.ts';
import type { Taste } from '../ranking/taste.ts';
import type { CandidateLists, Viewer } from '../ranking/viewer.ts';

/** Where a slot's title came from. Append only: rows are stored. */
export const SOURCES = [
  'ials',
  'content',
  'trending',
  'continuation',
  'popularity',
  'explore',
  'onboarding',
  'itemKnn',
  'ease',
  'new',
] as const;
export type Source = (typeof SOURCES)[number];

/** One recommendation request as a pipeline sees it. */
export interface RankingRequest {
  /** UUID; all randomness of this slate is a hash of it and the stage. */
  readonly requestId: string;
  readonly viewer: Viewer;
  /** Undefined when nothing was precomputed: retrieval then computes lists from the viewer's history. */
  readonly lists: CandidateLists | undefined;
  readonly surface: string;
  readonly device: Device;
  readonly country: string;
  /** Epoch ms: the time of the request by the caller's clock. */
  readonly at: number;
  /** Slots asked for. */
  readonly k: number;
}

/** Candidates of one request: parallel columns, the first `count` entries valid. */
export interface Candidates {
  count: number;
  titles: Int32Array;
  /** What the next stage sorts by; higher is better. */
  score: Float32Array;
  /** Row in SOURCES. */
  source: Uint8Array;
  /** iALS score of the pair, 0 where unknown. */
  collaborative: Float32Array;
  /** Content similarity of the pair, 0 where unknown. */
  content: Float32Array;
  /** EASE score of the pair, 0 where unknown or without such a model. */
  ease: Float32Array;
  /** Item-kNN score of the pair, 0 where unknown or without such a model. */
  itemKnn: Float32Array;
  /** Row of the watched title this one resembles most, -1 for none. */
  because: Int32Array;
  /** Whether the scores of pairs are filled: `pairScores` does so when a stage first needs them. */
  scored?: boolean;
  /** What the viewer's history says in the models' vector spaces; valid when scored. */
  taste?: Taste;
}

/** The answer: parallel arrays, one entry per slot from the top. */
export interface Slate {
  readonly titles: Int32Array;
  readonly scores: Float32Array;
  readonly sources: Uint8Array;
  /** P(this title in this slot | the slots before it, context), in (0, 1]. */
  readonly propensities: Float32Array;
  readonly because: Int32Array;
  /** Interleaving only: row of the variant that placed the slot (0 or 1), 255 for none. */
  readonly teams?: Uint8Array;
}

/** One request on its way through the stages. */
export interface Work {
  readonly request: RankingRequest;
  candidates: Candidates;
  slate: Slate | undefined;
  /** Names of stages that failed and were skipped as declared. */
  readonly skipped: string[];
}

/**
 * A step of a pipeline. Works on a batch in place; synchronous unless it calls a model or leaves the process.
 * Throws when it cannot do its work for the batch; the pipeline then acts on the stage's `onFailure`.
 */
export interface Stage {
  readonly name: string;
  readonly onFailure: 'skip' | 'fail';
  run(batch: readonly Work[], models: Models): void | Promise<void>;
}

/** How a stage is named and parametrised in YAML. */
export interface StageDefinition<Schema extends TSchema = TSchema> {
  readonly name: string;
  readonly summary: string;
  readonly parameters: Schema;
  /** `first`: makes candidates; `last`: fills the slots; `middle`: anything between. */
  readonly place: 'first' | 'middle' | 'last';
  readonly make: (parameters: never) => Stage;
}

/** Stage and time in microseconds, in running order. */
export interface StageTiming {
  readonly stage: string;
  readonly micros: number;
}

/** A declared pipeline, ready to run. */
export interface Pipeline {
  readonly stages: readonly Stage[];
  /** Runs every stage over the batch; each Work has a slate afterwards, or the call throws. */
  run(batch: readonly Work[], models: Models): Promise<readonly StageTiming[]>;
}
