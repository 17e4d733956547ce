import type { SkippedStage, Slate, StageTiming } from '../variants/stage.ts';

/** How far down the fallback ladder a slate came from. Append only: rows are stored. */
export const FALLBACKS = ['none', 'cached', 'popularity', 'empty-catalogue'] as const;
export type Fallback = (typeof FALLBACKS)[number];

/** One answered recommendation request: written once, packed, with what is needed to replay it. */
export interface RequestRecord {
  readonly environment: string;
  /** UUIDv7; its time gives the partition day. */
  readonly id: string;
  readonly unit: string;
  /** Epoch ms. */
  readonly at: number;
  readonly surface: string;
  readonly device: string;
  readonly country: string;
  /** Version of the declarations that decided. */
  readonly configuration: string;
  readonly models: string;
  /** `experiment/variant` whose pipeline ranked it, or `default`. */
  readonly pipeline: string;
  /** True when a stage was skipped or the fallback ladder was used because of an error. */
  readonly error: boolean;
  readonly fallback: Fallback;
  readonly totalMicros: number;
  /** Of the batch it was ranked in. */
  readonly stages: readonly StageTiming[];
  /** Stages of its pipeline that were skipped for this request. */
  readonly skipped: readonly SkippedStage[];
  /** Slots that hold one more title of a genre than the cap allows, over the lists of both pipelines where they are interleaved. */
  readonly relaxed: number;
  readonly slate: Slate;
  /** Simpson's index 1 - sum p^2 over the slate's primary genres, in millionths. */
  readonly simpsonMicro: number;
  /** Slots filled by long-tail titles. */
  readonly longTail: number;
}

/** The first time a unit met an experiment: what analysis joins outcomes to. Attributes are frozen here. */
export interface ExposureRecord {
  readonly environment: string;
  readonly experiment: string;
  readonly iteration: number;
  readonly unit: string;
  readonly variant: string;
  readonly at: number;
  /** Absent when the caller reported the exposure itself. */
  readonly requestId?: string;
  /** Forced for QA: logged, never analysed. */
  readonly forced: boolean;
  /** Row of the ramp phase in force. */
  readonly phase: number;
  /** country, device, age_group, activity ... */
  readonly attributes: Readonly<Record<string, string>>;
  readonly configuration: string;
}

/** One thing that happened. `value` is an integer: seconds, milliseconds, counts or minor units of money. */
export interface OutcomeItem {
  readonly name: string;
  readonly value: number;
  /** Catalogue row, -1 for none. */
  readonly title: number;
  /** Milliseconds after the record's `at`. */
  readonly afterMs: number;
}

/**
 * What an application sends back: one thing, or all that came of one request in one packed record.
 * Identity is (environment, id); the first durable write wins, another payload under the same id is a conflict.
 */
export interface OutcomeRecord {
  readonly environment: string;
  /** UUID from the client. */
  readonly id: string;
  readonly unit: string;
  /** Epoch ms by the client's clock. */
  readonly at: number;
  /** Epoch ms by the client's clock when the batch left it, where it says so. */
  readonly sentAt?: number;
  readonly requestId?: string;
  readonly surface?: string;
  readonly items: readonly OutcomeItem[];
}

/** Names every installation knows; teams add their own. `unit` says what `value` counts. */
export const KNOWN_OUTCOMES = {
  impressions: 'titles of the slate that were viewed',
  click: 'count',
  play: 'count',
  watch: 'seconds watched',
  complete: 'count of plays watched to the end',
  rating: 'half stars',
  list_add: 'count',
  session_start: 'count',
  session_end: 'seconds the session lasted',
  bounce: 'count of sessions left without a play',
  selection: 'milliseconds from page to first play',
  crash: 'count',
  buffering: 'milliseconds',
  support_ticket: 'count',
  revenue: 'minor units',
  cancellation: 'count',
  exposure: 'experiment met outside the recommendation route',
} as const;

/** What became of one record of a batch. `accepted`: durable, and not yet looked at; a double one will change nothing. */
export type AppendOutcome = 'stored' | 'duplicate' | 'conflict' | 'accepted';

/** Durable on resolve: fsynced or committed. Rejects when nothing could be made durable. */
export interface EventLog {
  append(batch: {
    readonly requests: readonly RequestRecord[];
    readonly exposures: readonly ExposureRecord[];
  }): Promise<void>;
  /** One result per record, in order. */
  appendOutcomes(outcomes: readonly OutcomeRecord[]): Promise<readonly AppendOutcome[]>;
  /** Nothing accepted so far is lost; rejects new work afterwards. */
  close(): Promise<void>;
}
