import type { ExperimentAggregates } from './analysis/aggregates.ts';
import { judgeInterleaving } from './analysis/interleaving/judge-interleaving.ts';
import type { Comparison, MetricReport, Report } from './analysis/report/report.ts';
import { analyzeStudy, type StudyAnalysis } from './analysis/study/analyze-study.ts';
import { sampleRatioReport } from './analysis/study/sample-ratio-report.ts';
import { studyOf } from './analysis/study/study-of.ts';
import type { Experiment, MetricDeclaration } from './declarations.ts';
import { decide, INVALIDATING } from './guardrails/decide.ts';
import { healthCards } from './guardrails/health.ts';
import { judgeLimit } from './guardrails/limit.ts';
import { nonInferiority } from './guardrails/non-inferiority.ts';

const DAY = 86_400_000;
/** Adds each declared guardrail's judgement to the comparisons of its metric. */
function withGuardrails(
  experiment: Experiment,
  { metrics, measured }: StudyAnalysis,
): readonly MetricReport[] {
  return metrics.map((report, index) => {
    const declared = experiment.metrics.guardrails.find(({ metric }) => metric === report.key);
    if (!declared) return report;
    const comparisons = report.comparisons.map((comparison, at): Comparison => {
      const treatment = measured[index]?.pairs[at]?.fixed.pair.treatment;
      const limit =
        declared.limit === undefined || !treatment
          ? null
          : judgeLimit(treatment, declared.limit, report.direction, experiment.analysis.alpha);
      const judged = nonInferiority(comparison, declared.margin, report.direction);
      return { ...comparison, guardrail: { ...judged, ...(limit ? { limit } : {}) } };
    });
    return { ...report, comparisons };
  });
}

/** Cumulative exposures by day and variant, in order of date. */
function exposuresOf({ health }: ExperimentAggregates): Report['exposures'] {
  const running = new Map<string, number>();
  return [...health.exposuresByDay]
    .sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0))
    .map(({ date, variant, units }) => {
      const cumulative = (running.get(variant) ?? 0) + units;
      running.set(variant, cumulative);
      return { date, variant, units, cumulative };
    });
}

function stateOf(
  experiment: Experiment,
  aggregates: ExperimentAggregates,
  metrics: readonly MetricReport[],
  day: number,
): Report['state'] {
  if (aggregates.cutoff < experiment.startMs) return 'not-started';
  const units = aggregates.health.arms.reduce((sum, arm) => sum + arm.units, 0);
  const judged = metrics.filter(({ role }) => role !== 'secondary');
  const early = day < experiment.analysis.maturity.days;
  if (experiment.design === 'interleaving') {
    const decided = aggregates.preference?.n ?? 0;
    if (decided === 0) return 'collecting';
    return early || decided < experiment.analysis.maturity.unitsPerArm ? 'immature' : 'ready';
  }
  if (units === 0 || !judged.some(({ maturity }) => maturity.mature > 0)) return 'collecting';
  return early || judged.some(({ maturity }) => !maturity.ready) ? 'immature' : 'ready';
}

/**
 * Story 2: aggregates -> estimates -> report with verdict. Pure: the cut-off is the only clock. `configuration` is the
 * version of the declarations that were read.
 */
export function analyze(
  experiment: Experiment,
  metrics: readonly MetricDeclaration[],
  aggregates: ExperimentAggregates,
  configuration: string,
): Report {
  const { startMs, durationMs, observeForMs } = experiment;
  const plannedDays = Math.ceil(durationMs / DAY);
  const day = Math.max(0, Math.min(plannedDays, Math.ceil((aggregates.cutoff - startMs) / DAY)));
  const study = studyOf(experiment, metrics, aggregates.cutoff);
  const analysis = analyzeStudy(study, aggregates);
  const reports = withGuardrails(experiment, analysis);
  const sampleRatio =
    experiment.design === 'interleaving' ? undefined : sampleRatioReport(study.arms, aggregates.health);
  const health = healthCards(study, aggregates, reports, sampleRatio, day);
  const interleaving =
    aggregates.preference && judgeInterleaving(aggregates.preference, experiment.analysis.alpha);
  const state = stateOf(experiment, aggregates, reports, day);
  const ended = aggregates.cutoff >= startMs + durationMs + observeForMs;
  const evidence = {
    experiment,
    state,
    day,
    plannedDays,
    ended,
    metrics: reports,
    health,
    interleaving,
    segments: analysis.segments,
    segmentEffects: analysis.segmentEffects,
    sampleRatio,
  };
  const invalid = health.some(({ key, status }) => INVALIDATING.includes(key) && status === 'fail');
  const iso = (ms: number) => new Date(ms).toISOString();
  return {
    schema: 'screentest/report/v1',
    environment: aggregates.environment,
    experiment: {
      key: experiment.key,
      owner: experiment.owner,
      hypothesis: experiment.hypothesis,
      design: experiment.design,
      iteration: experiment.iteration,
      control: experiment.control,
      surface: experiment.surface ?? null,
      variants: experiment.variants.map(({ key, weight, pipeline }) => ({
        key,
        weight,
        pipeline: pipeline ?? null,
      })),
      alpha: experiment.analysis.alpha,
      maturity: experiment.analysis.maturity,
      yaml: experiment.source.yaml,
    },
    state: invalid ? 'invalid' : state,
    day,
    plannedDays,
    start: iso(startMs),
    end: iso(startMs + durationMs),
    observeUntil: iso(startMs + durationMs + observeForMs),
    cutoff: iso(aggregates.cutoff),
    configuration,
    verdict: decide(evidence),
    health,
    metrics: reports,
    daily: analysis.daily.map((point) => ({
      ...point,
      date: iso(startMs + (point.day - 1) * DAY).slice(0, 10),
    })),
    promises: analysis.promises,
    exposures: exposuresOf(aggregates),
    segments: analysis.segments,
    ...(analysis.rhythm.length > 0 ? { rhythm: analysis.rhythm } : {}),
    ...(sampleRatio ? { sampleRatio } : {}),
    ...(interleaving ? { interleaving } : {}),
  };
}
