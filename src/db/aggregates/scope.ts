import type { Experiment, MetricDeclaration } from '../../declarations.ts';

/** What one analysis speaks of. */
export interface Scope {
  readonly environment: string;
  readonly experiment: Experiment;
  /** The metrics wanted; those of other kinds than a function makes are left to the others. */
  readonly metrics: readonly MetricDeclaration[];
  /** Epoch ms: nothing at or after this is read. */
  readonly cutoff: number;
}

export const DAY_MS = 86_400_000;
export const WEEK_MS = 7 * DAY_MS;

/** Partition days (`YYYY-MM-DD`, inclusive) that can hold what happened in [fromMs, toMs). */
export function partitionDays(fromMs: number, toMs: number): readonly [string, string] {
  // An item is at most a day after its record, and a record at most a day off its partition.
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  return [day(fromMs - 2 * DAY_MS), day(toMs + DAY_MS)];
}

/** 30 min: a session that started this long before the first exposure may be the one that holds it. */
export const SESSION_MS = 1_800_000;

/** Attributes that results are cut by: segments, declared or not, and strata. */
export function cutAttributes({ analysis, stratify }: Experiment): readonly string[] {
  return [...new Set([...analysis.segments, ...(analysis.exploratory ?? []), ...stratify])];
}
