import type { ExperimentAggregates, HealthAggregates } from '../analysis/aggregates.ts';
import { normalQuantile } from '../analysis/distributions.ts';
import { fixedHorizon } from '../analysis/effect.ts';
import { formatCount, formatLift, formatP, formatShare, formatValue } from '../analysis/format.ts';
import type { HealthCard, MetricReport } from '../analysis/report.ts';
import { sampleRatio } from '../analysis/sample-ratio.ts';
import type { Experiment } from '../declarations.ts';

/** An alarm is that rare when all is well, because the check is looked at every day. */
export const SAMPLE_RATIO_ALPHA = 0.001;
const POWER = 0.8;

type Status = HealthCard['status'];

/** Shares of something that should not happen: at most `warn` passes, beyond `fail` fails. */
function graded(part: number, whole: number, warn: number, fail: number): Status {
  if (whole === 0) return 'unknown';
  const share = part / whole;
  return share > fail ? 'fail' : share > warn ? 'warn' : 'pass';
}

const shareText = (part: number, whole: number) =>
  whole === 0 ? 'no data' : `${formatShare(part / whole)} (${formatCount(part)} of ${formatCount(whole)})`;

export function sampleRatioCard(experiment: Experiment, health: HealthAggregates): HealthCard {
  const arms = experiment.variants.map(({ key, weight }) => ({
    variant: key,
    weight,
    units: health.arms.find((arm) => arm.variant === key)?.units ?? 0,
  }));
  const undeclared = health.arms
    .filter(({ variant }) => !experiment.variants.some(({ key }) => key === variant))
    .map(({ variant, units }) => ({ variant, units, weight: 0 }));
  const all = [...arms, ...undeclared];
  const impossible = all.some((arm) => !(arm.weight > 0) && arm.units > 0);
  const result = sampleRatio(all);
  const counts = all.map(({ variant, units }) => `${variant} ${formatCount(units)}`).join(', ');
  return {
    key: 'sample-ratio',
    title: 'Sample ratio',
    status: !result.ok
      ? impossible
        ? 'fail'
        : 'unknown'
      : result.value.p < SAMPLE_RATIO_ALPHA
        ? 'fail'
        : 'pass',
    value: result.ok ? `p = ${formatP(result.value.p)}`.replace('= <', '< ') : 'not computed',
    threshold: `p at least ${SAMPLE_RATIO_ALPHA}`,
    detail: result.ok
      ? `${counts}; chi-square ${result.value.statistic.toFixed(2)}, ${result.value.df} df, p = ${result.value.p.toPrecision(3)}`
      : `${counts}; ${result.reason}`,
    likelyCause:
      'Units lost or added in one arm only: a crash, a redirect or a bot filter after assignment, or exposures logged differently.',
  };
}

function crossedCard({ crossed, arms }: HealthAggregates): HealthCard {
  const units = arms.reduce((sum, arm) => sum + arm.units, 0);
  return {
    key: 'crossed-units',
    title: 'Units in several arms',
    status: graded(crossed, units, 0.001, 0.01),
    value: shareText(crossed, units),
    threshold: 'warn over 0.1 %, fail over 1 %',
    detail: 'Units exposed to more than one variant of this iteration, forced ones aside.',
    likelyCause: 'An unstable user id, or a weight that was changed without a new iteration.',
  };
}

function lateCard({ lateOutcomes, outcomes, arms }: HealthAggregates): HealthCard {
  const exposed = arms.some(({ units }) => units > 0);
  return {
    key: 'late-events',
    title: 'Late or missing outcomes',
    status: outcomes === 0 && exposed ? 'warn' : graded(lateOutcomes, outcomes, 0.01, 0.05),
    value: outcomes === 0 && exposed ? 'no outcomes at all' : shareText(lateOutcomes, outcomes),
    threshold: 'received over 24 h late: warn over 1 %, fail over 5 %',
    detail: `${formatCount(outcomes)} outcome records so far.`,
    likelyCause: 'Clients that buffer events offline, a stuck queue, or a wrong device clock.',
  };
}

function assignmentCard({ arms }: HealthAggregates): HealthCard {
  const forced = arms.reduce((sum, arm) => sum + arm.forced, 0);
  const units = arms.reduce((sum, arm) => sum + arm.units, 0);
  return {
    key: 'assignment',
    title: 'Exposed units',
    status: units > 0 ? 'pass' : 'unknown',
    value: formatCount(units),
    threshold: 'more than none',
    detail: `${formatCount(units)} units exposed; ${formatCount(forced)} forced ones logged and left out.`,
    likelyCause: 'None exposed: not started, nobody targeted, or the layer slice is empty.',
  };
}

function fallbackCard({ requests }: HealthAggregates): HealthCard {
  const statuses = requests.map((arm) => graded(arm.fallbacks, arm.requests, 0.01, 0.05));
  const order: readonly Status[] = ['fail', 'warn', 'pass'];
  return {
    key: 'fallback',
    title: 'Fallbacks by arm',
    status: order.find((status) => statuses.includes(status)) ?? 'unknown',
    value:
      requests.length === 0
        ? 'no data'
        : requests
            .map(
              (arm) =>
                `${arm.variant} ${arm.requests === 0 ? 'no requests' : formatShare(arm.fallbacks / arm.requests)}`,
            )
            .join(', '),
    threshold: 'warn over 1 %, fail over 5 % in any arm',
    detail: requests
      .map(
        (arm) =>
          `${arm.variant}: ${formatCount(arm.requests)} requests, ${formatCount(arm.errors)} errors, ${formatCount(arm.fallbacks)} fallbacks`,
      )
      .join('; '),
    likelyCause:
      'A model or candidate source that fails: the arm then measures the fallback, not the pipeline.',
  };
}

/** The tail of latency by arm: the declared quantile nearest to p95. */
function latencyCard(metrics: readonly MetricReport[], aggregates: ExperimentAggregates): HealthCard {
  const found = [...aggregates.quantiles].sort((a, b) => Math.abs(a.q - 0.95) - Math.abs(b.q - 0.95))[0];
  const metric = metrics.find(({ key }) => key === found?.metric);
  const values = metric?.arms.filter((arm) => arm.value !== null) ?? [];
  const slow = values.some((arm) => (arm.value ?? 0) > 400);
  return {
    key: 'latency',
    title: 'Latency by arm',
    status: values.length === 0 || metric?.unit !== 'ms' ? 'unknown' : slow ? 'warn' : 'pass',
    value:
      values.length === 0
        ? 'no data'
        : values.map((arm) => `${arm.arm} ${formatValue(arm.value, metric?.unit ?? '')}`).join(', '),
    threshold: 'warn over 400 ms; limits are guardrails',
    detail: metric
      ? `${metric.name}, by arm.`
      : 'No latency quantile is among the metrics of this experiment.',
    likelyCause: 'A slower pipeline, a cold cache, or a machine short of cores.',
  };
}

function deadLetterCard({ deadLetters, outcomes }: HealthAggregates): HealthCard {
  return {
    key: 'dead-letters',
    title: 'Unusable outcomes',
    status: deadLetters === 0 ? 'pass' : graded(deadLetters, outcomes + deadLetters, 0.001, 0.01),
    value: formatCount(deadLetters),
    threshold: 'warn over 0.1 %, fail over 1 % of outcome records',
    detail: `${formatCount(deadLetters)} outcome records put aside since the start.`,
    likelyCause: 'A client that sends unknown titles, bad times or malformed items.',
  };
}

/** Smallest relative change of the first success metric that this much data would find four times in five. */
function powerCard(experiment: Experiment, metrics: readonly MetricReport[], day: number): HealthCard {
  const metric = metrics.find(({ role }) => role === 'success');
  const errors = (metric?.comparisons ?? []).flatMap(({ relative }) =>
    relative.ok ? relative.standardError : [],
  );
  const wanted = metric?.minimumEffect;
  const base = {
    key: 'power' as const,
    title: 'Power',
    threshold: wanted === undefined ? 'no minimum effect declared' : `minimum effect ${formatShare(wanted)}`,
    likelyCause:
      'Too few units, or a metric too noisy for the effect sought: run longer, widen targeting, cap outliers.',
  };
  if (!metric || errors.length === 0) {
    const detail = 'No relative effect of a success metric can be estimated yet.';
    return { ...base, status: 'unknown', value: 'not computed', detail };
  }
  const reach = fixedHorizon(null).critical(experiment.analysis.alpha) + normalQuantile(1 - POWER);
  const detectable = reach * Math.max(...errors);
  const enough = wanted === undefined || detectable <= wanted;
  const moreDays = wanted === undefined || enough ? 0 : Math.ceil(day * ((detectable / wanted) ** 2 - 1));
  return {
    ...base,
    status: enough ? 'pass' : 'warn',
    value: `detects ${formatLift(detectable).replace('+', '')}`,
    detail: `${metric.name}: a change of ${formatLift(detectable).replace('+', '')} would be found with ${formatShare(POWER)} power at a two-sided ${formatShare(experiment.analysis.alpha)}.${moreDays > 0 ? ` About ${formatCount(moreDays)} more days at this rate would reach the minimum effect.` : ''}`,
  };
}

/** All health cards. An interleaved list shows both rankers to every unit, so there is no ratio of samples to check. */
export function healthCards(
  experiment: Experiment,
  aggregates: ExperimentAggregates,
  metrics: readonly MetricReport[],
  day: number,
): readonly HealthCard[] {
  const { health } = aggregates;
  const shared = [
    lateCard(health),
    assignmentCard(health),
    latencyCard(metrics, aggregates),
    fallbackCard(health),
  ];
  const last = deadLetterCard(health);
  if (experiment.design === 'interleaving') return [...shared, last];
  return [
    sampleRatioCard(experiment, health),
    crossedCard(health),
    ...shared,
    last,
    powerCard(experiment, metrics, day),
  ];
}
