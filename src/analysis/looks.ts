import type { ArmMoments, MetricAggregates } from './aggregates.ts';
import { computed, type Reference, type Result, refused } from './effect.ts';
import type { Study } from './study.ts';

/** The look that a group-sequential plan has reached, and the sums it is taken on. */
export interface Look {
  /** From 1. */
  readonly number: number;
  readonly of: number;
  readonly arms: readonly ArmMoments[];
  readonly reference: Reference;
}

export function lookOf(_: Study, __: MetricAggregates): Result<Look> {
  return refused('not available');
}
void computed;
