import { correct } from '../multiplicity.ts';
import { chiSquareTail } from '../numbers/distributions.ts';
import type { SampleRatioReport } from '../report/report.ts';
import { sampleRatio } from '../sample-ratio.ts';
import { SAMPLE_RATIO_ALPHA, type SampleRatioCounts } from './sample-ratio-report.ts';

/** A stretch of time with an allocation of its own; shares sum to 1. */
export interface AllocationPhase {
  readonly name: string;
  readonly weights: readonly { readonly arm: string; readonly weight: number }[];
}

/**
 * Whether units came in the declared ratio where that changed: Pearson's chi-square of each phase against its own shares,
 * and the sum of those over the phases, on the sum of their degrees of freedom. It fails on the sum and on a phase whose
 * p, adjusted over the phases (Benjamini-Hochberg), is under 0.001. A phase of the data without shares leaves it unknown.
 * @param counts  units by arm, and by arm in each cut
 * @param by      the cut that is the phase
 */
export function phaseRatio(
  phases: readonly AllocationPhase[],
  counts: SampleRatioCounts,
  by: string,
): SampleRatioReport {
  const cuts = (counts.cuts ?? []).filter((cut) => cut.by === by);
  const tested = cuts.map(({ value, arms }) => {
    const weights = phases.find(({ name }) => name === value)?.weights;
    const names = [...new Set([...(weights ?? []), ...named(arms)].map(({ arm }) => arm))];
    const total = arms.reduce((sum, { units }) => sum + units, 0);
    const cells = names.map((variant) => ({
      variant,
      units: arms.find((arm) => arm.variant === variant)?.units ?? 0,
      weight: weights?.find(({ arm }) => arm === variant)?.weight ?? 0,
    }));
    return { value, declared: weights !== undefined, total, cells, found: sampleRatio(cells) };
  });
  const expected = (arm: string) =>
    tested.reduce(
      (sum, { cells, total }) => sum + total * (cells.find(({ variant }) => variant === arm)?.weight ?? 0),
      0,
    );
  const held = (p: number) => Math.max(p, Number.MIN_VALUE);
  const known = tested.flatMap(({ found }) => (found.ok ? [found.value] : []));
  const statistic = known.reduce((sum, one) => sum + one.statistic, 0);
  const df = known.reduce((sum, one) => sum + one.df, 0);
  const ps = tested.map(({ found }) => (found.ok ? held(found.value.p) : null));
  const { adjusted } = correct(ps, 'bh', SAMPLE_RATIO_ALPHA);
  const strangers = tested.filter(({ declared }) => !declared).map(({ value }) => value);
  const why =
    strangers.length > 0
      ? `phases has no shares of ${strangers.join(', ')}, which ${by} has`
      : tested.flatMap(({ value, found }) => (found.ok ? [] : [`${value}: ${found.reason}`])).join('; ');
  const p = known.length > 0 && why === '' ? held(chiSquareTail(statistic, df)) : null;
  const impossible = tested.some(
    ({ declared, cells }) => declared && cells.some(({ weight, units }) => weight === 0 && units > 0),
  );
  const low = (value: number | null) => value !== null && value < SAMPLE_RATIO_ALPHA;
  const failed = impossible || low(p) || adjusted.some(low);
  return {
    status: failed ? 'fail' : p === null ? 'unknown' : 'pass',
    statistic: p === null ? null : statistic,
    df: p === null ? null : df,
    p,
    ...(p === null && { reason: why === '' ? `no unit is in a phase of ${by}` : why }),
    arms: counts.arms.map(({ variant, units }) => ({ arm: variant, units, expected: expected(variant) })),
    sequentialP: null,
    cuts: tested.map(({ value }, i) => ({ by, value, p: ps[i] ?? null, pAdjusted: adjusted[i] ?? null })),
  };
}

const named = (arms: SampleRatioCounts['arms']) => arms.map(({ variant }) => ({ arm: variant }));
