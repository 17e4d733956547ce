import type { Assignment } from './assignment/decision.ts';
import type { ExposureRecord, RequestRecord } from './events/records.ts';
import type { Device } from './ranking/catalogue.ts';
import type { SlateCacheStats } from './variants/slate-cache.ts';

/** One request for a slate, already validated. */
export interface RecommendationInput {
  /** UUIDv7. */
  readonly requestId: string;
  readonly userId: string;
  readonly surface: string;
  readonly device: Device;
  /** Absent: the country stored for the user, or ''. */
  readonly country?: string;
  /** Epoch ms. */
  readonly at: number;
  /** When it arrived, by the recommender's clock in microseconds: its surface's deadline counts from there. Absent: it has none. */
  readonly arrivedMicros?: number;
  /** Absent: the surface's number of slots. */
  readonly k?: number;
  /** Variant by experiment key, for QA. */
  readonly forced?: Readonly<Record<string, string>>;
}

/** The answer and the records that must be durable before it leaves. */
export interface Recommendation {
  readonly assignments: readonly Assignment[];
  readonly request: RequestRecord;
  readonly exposures: readonly ExposureRecord[];
}

/** Story 1: request -> assignment -> pipeline -> slate and records. Works on what arrived together; one result per input, in order. */
export interface Recommender {
  recommend(inputs: readonly RecommendationInput[]): Promise<readonly Recommendation[]>;
  /** The surface's default pipeline outside all experiments, for when no exposure can be made durable. */
  recommendOutside(inputs: readonly RecommendationInput[]): Promise<readonly Recommendation[]>;
  /** What is kept of slates, by surface. */
  slateCaches(): ReadonlyMap<string, SlateCacheStats>;
}

/** An evaluation without side effects: what the input's user would get, and the attributes that would be frozen. */
export interface Evaluation {
  readonly assignments: readonly Assignment[];
  readonly attributes: Readonly<Record<string, string>>;
}

/** Assignment alone, for applications that act on it themselves and report the exposure. */
export interface Evaluator {
  evaluate(input: Omit<RecommendationInput, 'requestId'>): Evaluation;
}
