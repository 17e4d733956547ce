import type { TSchema } from 'typebox';
import type { Catalogue, Device } from '../ranking/catalogue.ts';
import type { Models } from '../ranking/models.ts';
import type { Limits } from '../ranking/rules.ts';
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
  'countryTrending',
  'hourTrending',
  'groupPopularity',
] as const;
export type Source = (typeof SOURCES)[number];

/** One recommendation request as a pipeline sees it. */
export interface RankingRequest {
  /** UUID; all randomness of this slate is a hash of it and the stage. */
  readonly requestId: string;
  readonly viewer: Viewer;
  /** Undefined when nothing was precomputed, or no stage reads them: retrieval computes lists from the viewer's history. */
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
  /** Stages that were skipped as declared, in running order. */
  readonly skipped: SkippedStage[];
  /** Slots that hold one more title of a genre than the cap allows, as nothing else was left. */
  relaxed: number;
}

/** Why a stage was skipped: it failed or left scores that are no numbers, or it was not done in time. Append only: rows are stored. */
export const SKIP_REASONS = ['failed', 'late'] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

export interface SkippedStage {
  readonly stage: string;
  readonly reason: SkipReason;
}

/**
 * A step of a pipeline. Works on a batch in place; synchronous unless it calls a model or leaves the process.
 * Throws when it cannot do its work for the batch; the pipeline then acts on the stage's `onFailure`.
 */
export interface Stage {
  readonly name: string;
  readonly onFailure: 'skip' | 'fail';
  /** Middle stages: milliseconds after the start of the pipeline by which it must be done; absent: it is never late. */
  readonly withinMs?: number;
  run(batch: readonly Work[], models: Models): void | Promise<void>;
  /** Whether it reads `RankingRequest.lists`: for a pipeline that does not, none are fetched. */
  readonly readsLists?: boolean;
  /** What may not be shown by this stage's declaration: it holds for what is shown instead of a failed pipeline, too. */
  limits?(catalogue: Catalogue): Limits;
}

/** How a stage is named and parametrised in YAML. */
export interface StageDefinition<Schema extends TSchema = TSchema> {
  readonly name: string;
  readonly summary: string;
  readonly parameters: Schema;
  /** `first`: makes candidates; `last`: fills the slots; `middle`: anything between. */
  readonly place: 'first' | 'middle' | 'last';
  /** What is wrong with parameters that are valid one by one; shares are numbers from 0 to 1. */
  readonly mistakes?: (parameters: never) => readonly ParameterMistake[];
  /** Whether a stage with these parameters draws: only the last one may, as it returns the propensities. */
  readonly draws?: (parameters: never) => boolean;
  readonly make: (parameters: never) => Stage;
}

/** `path` is relative to the parameters; problem and mend finish the sentence that begins with it. */
export interface ParameterMistake {
  readonly path: readonly (string | number)[];
  readonly problem: string;
  readonly mend: string;
}

/** What one stage did for the batch it ran over, in running order. */
export interface StageTiming {
  readonly stage: string;
  /** Microseconds; of a stage that was given up: until then. */
  readonly micros: number;
  /** Candidates it was given, or, the first one, that it made: over all requests of the batch. */
  readonly titles: number;
}

/** What a pipeline needs of the world around it. */
export interface PipelineTools {
  /** A clock in microseconds. */
  readonly micros: () => number;
  /** Calls back once after so many ms; what it returns calls that off. Absent: a stage under way is not given up before it ends. */
  readonly timer?: (ms: number, call: () => void) => () => void;
  /** Told of every stage that is skipped, and for how many requests of the batch. */
  readonly onSkip?: (skip: SkippedStage & { readonly cause: unknown; readonly requests: number }) => void;
}

/** A declared pipeline, ready to run. */
export interface Pipeline {
  readonly stages: readonly Stage[];
  /**
   * Runs every stage over the batch; each Work has a slate afterwards, or the call throws.
   * @param deadline in microseconds of the clock: past it the pipeline is not begun (it throws) and every middle stage is late
   */
  run(batch: readonly Work[], models: Models, deadline?: number): Promise<readonly StageTiming[]>;
}
