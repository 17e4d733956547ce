import type { Comparison, MetricReport, SampleRatioReport, SegmentReport } from './analysis/report/report.ts';
import { analyzeStudy } from './analysis/study/analyze-study.ts';
import type { DataCheck } from './analysis/study/data-check.ts';
import { phaseRatio } from './analysis/study/phase-ratio.ts';
import { type SampleRatioCounts, sampleRatioReport } from './analysis/study/sample-ratio-report.ts';
import type { Study, StudyAggregates } from './analysis/study/study.ts';
import type { AnalysisSpec } from './declaration/analysis-spec.ts';
import { judgeLimit } from './guardrails/limit.ts';
import { nonInferiority } from './guardrails/non-inferiority.ts';

/** What was read of a file of units. */
export interface UnitData {
  readonly file: string;
  readonly rows: number;
  /** Rows that are analysed. */
  readonly units: number;
  readonly arms: readonly { readonly arm: string; readonly weight: number; readonly units: number }[];
  readonly checks: readonly DataCheck[];
}

/** The answer of `analyze --json`: built from the types of the report. */
export interface AnalysisDocument {
  readonly schema: 'screentest/analysis/v1';
  /** withheld: a check failed, so nothing was computed. invalid: units did not come in the declared ratio. */
  readonly state: 'valid' | 'invalid' | 'withheld';
  /** Why, where it is not valid. */
  readonly reason?: string;
  readonly data: UnitData;
  readonly plan: {
    readonly control: string;
    readonly alpha: number;
    readonly interval: Study['interval'];
    readonly plannedUnits: number;
    readonly relative: Study['relative'];
    readonly correction: Study['correction'];
    readonly strata: readonly string[];
  };
  readonly sampleRatio: SampleRatioReport;
  readonly metrics: readonly MetricReport[];
  readonly segments: readonly SegmentReport[];
}

const UNCOUNTED: SampleRatioReport = {
  status: 'unknown',
  statistic: null,
  df: null,
  p: null,
  reason: 'a check of the data failed',
  arms: [],
  sequentialP: null,
  cuts: [],
};

function studyOf(spec: AnalysisSpec, data: UnitData): Study {
  const { control, alpha, interval, relative, correction, prior, segments, strata, plannedUnits } = spec;
  return {
    control,
    arms: data.arms.map(({ arm, weight }) => ({ arm, weight })),
    treatments: data.arms.map(({ arm }) => arm).filter((arm) => arm !== control),
    metrics: spec.metrics.map(({ metric, role, minimumEffect }) => ({
      metric,
      role,
      ...(minimumEffect !== undefined && { minimumEffect }),
    })),
    alpha,
    interval,
    plannedUnits: plannedUnits ?? Math.max(2, data.units),
    ...(spec.design && { design: spec.design }),
    relative,
    correction,
    ...(prior && { prior }),
    segments,
    stratify: strata,
  };
}

/** Under an allocation that changed, the whole is in no ratio: each phase is, if its shares are declared. */
function ratioOf(spec: AnalysisSpec, study: Study, counts: SampleRatioCounts): SampleRatioReport {
  if (spec.phase !== undefined && spec.phases) return phaseRatio(spec.phases, counts, spec.phase);
  const report = sampleRatioReport(study.arms, counts);
  if (spec.phase === undefined) return report;
  const reason = `the allocation changed over ${spec.phase}, and its shares are not declared: add phases`;
  return { ...report, status: 'unknown', statistic: null, df: null, p: null, reason, cuts: [] };
}

/** The document of a file whose checks failed: no number is computed from it. */
export function withheldAnalysis(spec: AnalysisSpec, data: UnitData): AnalysisDocument {
  const failed = data.checks.filter(({ status }) => status === 'fail');
  return {
    schema: 'screentest/analysis/v1',
    state: 'withheld',
    reason: failed.map(({ text }) => text).join('. '),
    data,
    plan: planOf(spec, studyOf(spec, data)),
    sampleRatio: UNCOUNTED,
    metrics: [],
    segments: [],
  };
}

function planOf(spec: AnalysisSpec, study: Study): AnalysisDocument['plan'] {
  const { control, alpha, interval, plannedUnits, relative, correction } = study;
  return { control, alpha, interval, plannedUnits, relative, correction, strata: spec.strata };
}

/** Under declared phases the shares expected of the whole follow from how many units each phase had. */
function withExpected(spec: AnalysisSpec, data: UnitData, { arms }: SampleRatioReport): UnitData {
  if (!spec.phases) return data;
  const share = (arm: string) => (arms.find((entry) => entry.arm === arm)?.expected ?? 0) / data.units;
  return { ...data, arms: data.arms.map((entry) => ({ ...entry, weight: share(entry.arm) })) };
}

/** Sums of a file of units -> the finished document. Pure: the same statistics as an experiment's report. */
export function analyzeUnits(
  spec: AnalysisSpec,
  data: UnitData,
  aggregates: StudyAggregates,
  counts: SampleRatioCounts,
): AnalysisDocument {
  const study = studyOf(spec, data);
  const { metrics, segments, measured } = analyzeStudy(study, aggregates);
  const sampleRatio = ratioOf(spec, study, counts);
  const judged = metrics.map((report, index) => {
    const declared = spec.metrics.find(({ metric }) => metric.key === report.key);
    if (declared?.margin === undefined) return report;
    const { margin, limit } = declared;
    const comparisons = report.comparisons.map((comparison, at): Comparison => {
      const treatment = measured[index]?.pairs[at]?.fixed.pair.treatment;
      const limited =
        limit === undefined || !treatment
          ? null
          : judgeLimit(treatment, limit, report.direction, study.alpha);
      const guardrail = nonInferiority(comparison, margin, report.direction);
      return { ...comparison, guardrail: { ...guardrail, ...(limited && { limit: limited }) } };
    });
    return { ...report, comparisons };
  });
  const invalid = sampleRatio.status === 'fail';
  return {
    schema: 'screentest/analysis/v1',
    state: invalid ? 'invalid' : 'valid',
    ...(invalid && {
      reason:
        'units did not come in the declared ratio, so the arms may not compare: find out why before reading any estimate',
    }),
    data: withExpected(spec, data, sampleRatio),
    plan: planOf(spec, study),
    sampleRatio,
    metrics: judged,
    segments,
  };
}
