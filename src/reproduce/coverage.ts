import type { Comparison } from '../analysis/report/report.ts';
import { PUBLISHED_TEST } from '../simulation/published.ts';
import type { CoverageTable, Covered } from './coverage-table.ts';
import type { MetricOutcomes, Terms } from './outcomes.ts';
import type { Range } from './published-rows.ts';
import { type ReplicationParts, replicate } from './replicate.ts';

interface Tally {
  plain: number;
  adjusted: number;
  always: number;
  reduction: number;
  looked: number;
}

/** Replications between two turns of the event loop. */
const TURN = 5;

/**
 * Analyses the kept outcomes again and again, each time with other units drawn and newly assigned, and counts how often the
 * intervals of the product covered the truth.
 */
export async function coverageTable(
  parts: ReplicationParts,
  replications: number,
  units: number,
  options: { readonly progress: (done: number, total: number) => void; readonly signal: AbortSignal },
): Promise<CoverageTable> {
  const { outcomes, experiment } = parts;
  const tallies = outcomes.metrics.map(
    (): Tally => ({ plain: 0, adjusted: 0, always: 0, reduction: 0, looked: 0 }),
  );
  const truths = outcomes.metrics.map(({ whole }) => lift(whole));
  const byDay = outcomes.metrics.map((metric) => dailyLifts(metric, outcomes.days));
  for (let replication = 0; replication < replications; replication++) {
    const { metrics } = replicate(parts, replication, units, 'fixed');
    const { daily } = replicate(parts, replication, units, 'always-valid');
    outcomes.metrics.forEach(({ metric }, m) => {
      const tally = tallies[m]!;
      const comparison = metrics.find(({ key }) => key === metric)?.comparisons[0];
      tally.adjusted += Number(comparison !== undefined && covers(comparison.relative, truths[m]!));
      tally.plain += Number(
        comparison !== undefined &&
          covers(plainOf(comparison), plainTruth(comparison, truths[m]!, outcomes.metrics[m]!)),
      );
      tally.reduction += comparison?.adjustment?.reduction ?? 0;
      const looks = daily.filter((point) => point.metric === metric && point.relative.ok);
      if (looks.length === 0) return;
      tally.looked++;
      tally.always += Number(looks.every(({ day, relative }) => covers(relative, byDay[m]![day]!)));
    });
    if (replication % TURN !== 0) continue;
    options.progress(replication, replications);
    await new Promise((turn) => setImmediate(turn));
    options.signal.throwIfAborted();
  }
  const covered = (count: number, of: number): Covered => {
    const share = count / of;
    return { share, error: Math.sqrt((share * (1 - share)) / of) };
  };
  return {
    replications,
    units,
    population: outcomes.firstAt.length,
    level: 1 - experiment.analysis.alpha,
    rows: outcomes.metrics.map(({ metric }, m) => {
      const tally = tallies[m]!;
      return {
        metric,
        name: PUBLISHED_TEST.find((row) => row.metric === metric)?.name ?? metric,
        truth: truths[m]!,
        unadjusted: covered(tally.plain, replications),
        adjusted: covered(tally.adjusted, replications),
        reduction: tally.reduction / replications,
        alwaysValid: tally.looked === 0 ? null : covered(tally.always, tally.looked),
      };
    }),
  };
}

type Interval = Comparison['relative'];

/** Of the absolute effect where there was an adjustment: the report keeps that one without it. */
function plainOf(comparison: Comparison): Interval {
  return comparison.adjustment?.unadjusted ?? comparison.relative;
}

function plainTruth(comparison: Comparison, relative: number, { whole }: MetricOutcomes): number {
  if (comparison.adjustment === undefined) return relative;
  return ratioOf(whole[1]) - ratioOf(whole[0]);
}

function covers(interval: Interval, truth: number): boolean {
  if (!interval.ok) return false;
  const [low, high]: readonly [Range['low'], Range['high']] = interval.interval;
  return (low === null || low <= truth) && (high === null || truth <= high);
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
const ratioOf = ({ top, bottom }: Terms): number => sum(top) / sum(bottom);
const lift = ([control, treatment]: readonly [Terms, Terms]): number =>
  ratioOf(treatment) / ratioOf(control) - 1;

/** The relative effect among the units whose window was complete at the end of each day. */
function dailyLifts({ once: [control, treatment], completes }: MetricOutcomes, days: number): Float64Array {
  const sums = new Float64Array(4 * (days + 1));
  completes.forEach((day, unit) => {
    if (day > days) return;
    sums[4 * day]! += control.top[unit]!;
    sums[4 * day + 1]! += control.bottom[unit]!;
    sums[4 * day + 2]! += treatment.top[unit]!;
    sums[4 * day + 3]! += treatment.bottom[unit]!;
  });
  let so = [0, 0, 0, 0];
  return Float64Array.from({ length: days + 1 }, (_, day) => {
    so = so.map((value, i) => value + sums[4 * day + i]!);
    return so[2]! / so[3]! / (so[0]! / so[1]!) - 1;
  });
}
