import type { ExposureRecord, OutcomeRecord, RequestRecord } from '../../events/records.ts';

/** Some records of a simulated test, in the order in which they came about. */
export interface Records {
  readonly requests: readonly RequestRecord[];
  readonly exposures: readonly ExposureRecord[];
  readonly outcomes: readonly OutcomeRecord[];
}

/** What a plant may know of a unit. */
export interface Subject {
  /** A number of its own, from 0: what random numbers are keyed by. */
  readonly row: number;
  /** Epoch ms of the first exposure. */
  readonly firstAt: number;
  /** As the exposure froze it. */
  readonly activity: string;
  /** Catalogue row of the first title that it watched in the test; undefined for none. */
  readonly firstWatched?: number;
}

export interface PlantParts {
  readonly seed: number;
  subject(unit: string): Subject;
  /** Whether the unit meets the fault. */
  treated(unit: string): boolean;
}

/**
 * A fault or an effect that is planted in a test: a pure function of its records. In a world whose arms are served alike it
 * is all that the arms differ by, so that its effect on every unit is known: the records with it less those without it.
 */
export interface Plant {
  readonly key: string;
  /** What is wrong, in a few words. */
  readonly fault: string;
  /** What exactly was done. */
  readonly planted: string;
  apply(records: Records, parts: PlantParts): Records;
}

/** The same records with the outcomes of treated units changed. */
export function withOutcomes(
  records: Records,
  { treated }: Pick<PlantParts, 'treated'>,
  change: (outcome: OutcomeRecord) => OutcomeRecord,
): Records {
  return {
    ...records,
    outcomes: records.outcomes.map((outcome) => (treated(outcome.unit) ? change(outcome) : outcome)),
  };
}

/** The same records with the requests of treated units changed. */
export function withRequests(
  records: Records,
  { treated }: Pick<PlantParts, 'treated'>,
  change: (request: RequestRecord) => RequestRecord,
): Records {
  return {
    ...records,
    requests: records.requests.map((request) => (treated(request.unit) ? change(request) : request)),
  };
}
