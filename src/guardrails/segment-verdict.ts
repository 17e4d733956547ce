import { formatDifference, formatLift, formatLiftInterval, formatP } from '../analysis/report/format.ts';
import type { MetricReport, Reason, SampleRatioReport, SegmentReport } from '../analysis/report/report.ts';
import { offCuts } from '../analysis/study/sample-ratio-report.ts';
import type { SegmentEffect } from '../analysis/study/segments.ts';
import type { Experiment } from '../declarations.ts';
import { LEAST_UNITS } from './clauses.ts';
import { nonInferiority } from './non-inferiority.ts';

/** What is known of the segments when a verdict is taken. */
export interface SegmentEvidence {
  readonly experiment: Experiment;
  readonly metrics: readonly MetricReport[];
  readonly segments?: readonly SegmentReport[];
  readonly segmentEffects?: readonly SegmentEffect[];
  readonly sampleRatio?: SampleRatioReport | undefined;
}

/** A declared segment that a variant may be shipped to. */
export interface SegmentWin {
  readonly variant: string;
  readonly attribute: string;
  readonly value: string;
  readonly gain: number;
  readonly text: string;
  readonly reasons: readonly Reason[];
}

/** A segment of one variant: what its rows are found by. */
type Place = Pick<SegmentEffect, 'attribute' | 'value' | 'arm'>;

const same = (a: Place, b: Place) => a.attribute === b.attribute && a.value === b.value && a.arm === b.arm;

function better(estimate: number, metric: MetricReport): boolean {
  return metric.direction === 'higher-is-better' ? estimate > 0 : estimate < 0;
}

interface Judged {
  readonly row: SegmentReport;
  readonly metric: MetricReport;
  readonly superior: boolean;
  readonly worse: boolean;
  /** The rest of the units gain less, or lose. */
  readonly apart: boolean;
}

function judgeRows(evidence: SegmentEvidence, alpha: number): readonly Judged[] {
  const { segments = [], segmentEffects = [], metrics } = evidence;
  return segments.flatMap((row): Judged[] => {
    const metric = metrics.find(({ key }) => key === row.metric);
    const effect = segmentEffects.find((one) => same(one, row) && one.metric === row.metric);
    if (!metric || !effect?.absolute.ok || !row.declared) return [];
    const { difference, pAdjusted } = row.interaction;
    const significant = row.pAdjusted !== null && row.pAdjusted <= alpha;
    const up = better(effect.absolute.estimate, metric);
    return [
      {
        row,
        metric,
        superior: significant && up,
        worse: significant && !up,
        apart:
          difference.ok && pAdjusted !== null && pAdjusted <= alpha && better(difference.estimate, metric),
      },
    ];
  });
}

/** Every guardrail in the segment, or over all units where it is not cut by segments; limits over all units. */
function guardrailReasons(evidence: SegmentEvidence, place: Place): readonly Reason[] {
  return evidence.experiment.metrics.guardrails.flatMap(({ metric: key, margin }): Reason[] => {
    const metric = evidence.metrics.find((candidate) => candidate.key === key);
    const whole = metric?.comparisons.find(({ arm }) => arm === place.arm)?.guardrail;
    if (!metric || !whole) return [];
    const effect = evidence.segmentEffects?.find((one) => same(one, place) && one.metric === key);
    const judged = effect ? nonInferiority(effect, margin, metric.direction) : whole;
    const where = effect ? `in ${place.attribute} = ${place.value}` : 'over all units';
    const [, worst] = judged.harm;
    const size = (value: number) =>
      judged.marginKind === 'relative' ? formatLift(value) : formatDifference(value, metric.unit);
    const reach = worst === null ? 'harm cannot be bounded' : `harm at most ${size(worst)}`;
    return [
      {
        clause: 'guardrail non-inferior in the segment',
        holds: (judged.state === 'safe' || judged.state === 'safe-but-worse') && whole.limit?.holds !== false,
        text: `${metric.name} ${where}: ${judged.state.replaceAll('-', ' ')} (${reach}, margin ${size(judged.margin).replace('+', '')})`,
        ref: key,
      },
    ];
  });
}

function effectText({ metric, row }: Judged): string {
  const lift = row.relative.ok
    ? `${formatLift(row.relative.estimate)} ${formatLiftInterval(row.relative.interval)}, `
    : '';
  return `${metric.name} ${lift}p ${formatP(row.pAdjusted)}`;
}

function winOf(evidence: SegmentEvidence, rows: readonly Judged[]): SegmentWin | undefined {
  const [first] = rows;
  if (!first) return undefined;
  const { attribute, value, arm } = first.row;
  const needed = evidence.experiment.decision.ship.success === 'all-superior';
  const won = rows.filter(({ superior }) => superior);
  const apart = won.filter((row) => row.apart);
  const [best] = apart;
  if (!best || rows.some(({ worse }) => worse) || (needed && won.length < rows.length)) return undefined;
  const guardrails = guardrailReasons(evidence, first.row);
  if (guardrails.some(({ holds }) => holds !== true)) return undefined;
  const off = evidence.sampleRatio && offCuts(evidence.sampleRatio);
  if (off?.some((cut) => cut.by === attribute && cut.value === value)) return undefined;
  const where = `${attribute} = ${value}`;
  return {
    variant: arm,
    attribute,
    value,
    gain: best.row.relative.ok ? Math.abs(best.row.relative.estimate) : 0,
    text: effectText(best),
    reasons: [
      ...won.map(
        (row): Reason => ({
          clause: 'segment superior',
          holds: true,
          text: `${where}: ${effectText(row)}, corrected over all segments`,
          ref: row.metric.key,
        }),
      ),
      ...apart.map(
        ({ metric, row }): Reason => ({
          clause: 'segment differs from the rest',
          holds: true,
          text: `${where} against the rest on ${metric.name}: ${
            row.interaction.difference.ok
              ? formatDifference(row.interaction.difference.estimate, metric.unit)
              : ''
          }, p ${formatP(row.interaction.pAdjusted)}, corrected over all segments`,
          ref: metric.key,
        }),
      ),
      ...guardrails,
    ],
  };
}

/**
 * Declared segments in which a variant wins although it does not overall, by the largest gain first: superior there on a
 * success metric and different from the rest, both p corrected over all segments; on no success metric worse; every
 * guardrail non-inferior there (over all units where it is not cut by segments). Segments that were only explored are
 * never a ground to ship.
 */
export function segmentWins(evidence: SegmentEvidence): readonly SegmentWin[] {
  const groups = new Map<string, Judged[]>();
  for (const judged of judgeRows(evidence, evidence.experiment.analysis.alpha)) {
    const { attribute, value, arm, n } = judged.row;
    if (n < 2 * LEAST_UNITS) continue;
    const key = JSON.stringify([attribute, value, arm]);
    groups.set(key, [...(groups.get(key) ?? []), judged]);
  }
  return [...groups.values()].flatMap((rows) => winOf(evidence, rows) ?? []).sort((a, b) => b.gain - a.gain);
}
