import type { MetricReport, Report, SegmentReport } from '../report/report.ts';
import { type DailyLift, dailyLift, rhythm, timePromises } from './breakdown.ts';
import { type Measured, measure } from './measure.ts';
import { metricReports } from './metric-report.ts';
import { type SegmentEffect, segmentReports } from './segments.ts';
import type { Study, StudyAggregates } from './study.ts';

/** Everything that the sums say about the metrics of a study. */
export interface StudyAnalysis {
  /** In the order of the study's metrics. */
  readonly metrics: readonly MetricReport[];
  readonly segments: readonly SegmentReport[];
  /** Effects by segment without correction, guardrails too: what a verdict on a segment reads. */
  readonly segmentEffects: readonly SegmentEffect[];
  readonly daily: readonly DailyLift[];
  readonly rhythm: NonNullable<Report['rhythm']>;
  readonly promises: NonNullable<Report['promises']>;
  /** What the metrics were judged from, in the same order. */
  readonly measured: readonly Measured[];
}

/**
 * The statistics of a study from its sums: an experiment's, or those of any file of units. Pure; knows of no experiment,
 * no clock and no database.
 */
export function analyzeStudy(study: Study, aggregates: StudyAggregates): StudyAnalysis {
  const measured = study.metrics.map((entry) => measure(study, entry, aggregates));
  const { segments, effects } = segmentReports(study, measured);
  return {
    metrics: metricReports(study, measured),
    segments,
    segmentEffects: effects,
    daily: dailyLift(study, measured),
    rhythm: rhythm(study, measured),
    promises: timePromises(study),
    measured,
  };
}
