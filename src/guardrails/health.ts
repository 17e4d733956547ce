import type { ExperimentAggregates, HealthAggregates } from '../analysis/aggregates.ts';
import { formatCount, formatP, formatShare, formatValue } from '../analysis/report/format.ts';
import type { HealthCard, MetricReport, SampleRatioReport } from '../analysis/report/report.ts';
import { offCuts, SAMPLE_RATIO_ALPHA } from '../analysis/study/sample-ratio-report.ts';
import type { Study } from '../analysis/study/study.ts';
import { balanceCard } from './balance-card.ts';
import { implausibleCard } from './implausible-card.ts';
import { powerCard } from './power-card.ts';

type Status = HealthCard['status'];

/** Shares of something that should not happen: at most `warn` passes, beyond `fail` fails. */
function graded(part: number, whole: number, warn: number, fail: number): Status {
  if (whole === 0) return 'unknown';
  const share = part / whole;
  return share > fail ? 'fail' : share > warn ? 'warn' : 'pass';
}

const shareText = (part: number, whole: number) =>
  whole === 0 ? 'no data' : `${formatShare(part / whole)} (${formatCount(part)} of ${formatCount(whole)})`;

const pText = (p: number) => `p = ${formatP(p)}`.replace('= <', '< ');

/** An attribute's value out of ratio warns, since the whole may be in ratio; anything else out of ratio fails. */
function sampleRatioCard(report: SampleRatioReport): HealthCard {
  const { arms, statistic, df, p, sequentialP, reason, cuts } = report;
  const counts = arms.map(({ arm, units }) => `${arm} ${formatCount(units)}`).join(', ');
  const off = offCuts(report);
  const whole =
    p === null || statistic === null
      ? `${counts}; ${reason ?? 'not computed'}`
      : `${counts}; chi-square ${statistic.toFixed(2)}, ${df} df, p = ${p.toPrecision(3)}`;
  const details = [
    whole,
    ...(sequentialP === null ? [] : [`over all days ${pText(sequentialP)} (sequential)`]),
    ...(cuts.length === 0
      ? []
      : [
          off.length === 0
            ? `${cuts.length} cuts by attribute and phase hold`
            : `out of ratio: ${off.map(({ by, value, pAdjusted }) => `${by} ${value} (${pText(pAdjusted ?? 0)})`).join(', ')}`,
        ]),
  ];
  return {
    key: 'sample-ratio',
    title: 'Sample ratio',
    status: report.status === 'pass' && off.length > 0 ? 'warn' : report.status,
    value: p === null ? 'not computed' : pText(p),
    threshold: `p at least ${SAMPLE_RATIO_ALPHA}`,
    detail: details.join('; '),
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

/** All health cards. An interleaved list shows both rankers to every unit, so there is no ratio of samples to check. */
export function healthCards(
  study: Study,
  aggregates: ExperimentAggregates,
  metrics: readonly MetricReport[],
  ratio: SampleRatioReport | undefined,
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
  if (!ratio) return [...shared, last];
  const balance = balanceCard(study, aggregates.metrics);
  const implausible = implausibleCard(study, aggregates, metrics);
  return [
    sampleRatioCard(ratio),
    crossedCard(health),
    ...(implausible ? [implausible] : []),
    ...(balance ? [balance] : []),
    ...shared,
    last,
    powerCard(study, metrics, day),
  ];
}
