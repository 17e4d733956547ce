import type { ArmMoments, MetricAggregates, Moments } from '../aggregates.ts';
import { type Centred, centre } from '../centred.ts';
import { countOf, type Pair, pairOf } from '../estimate/compare.ts';
import { computed, difference, type Effect, type Result, refused } from '../estimate/effect.ts';
import type { Count } from '../estimate/proportion.ts';
import type { Study, StudyMetric } from '../study/study.ts';
import { type AdjustedArm, type Adjustment, estimateArms, type MomentKind } from './adjust.ts';

/** A pair whose arms were adjusted, and what that took away of the variance. */
export interface AdjustedPair {
  readonly pair: Pair;
  readonly covariates: readonly string[];
  readonly dropped: Adjustment['dropped'];
  readonly strata: readonly string[];
  readonly reduction: number;
}

const METHODS: Readonly<Record<MomentKind, string>> = {
  mean: 'Welch t',
  proportion: 'unpooled two-proportion z',
  ratio: 'delta method, clustered by unit',
};

/** As in proportion.ts: fewer successes or failures than this and the score interval takes over. */
const FEW = 10;

function usesScore(...counts: readonly Count[]): boolean {
  return counts.some(({ successes, trials }) => Math.min(successes, trials - successes) < FEW);
}

const EMPTY: Moments = { n: 0, y: 0, yy: 0, x: 0, xx: 0, xy: 0 };

function columnsOf(arms: readonly ArmMoments[], order: readonly string[], width: number): readonly Centred[] {
  return order.map((arm) => {
    const moments = arms.find(({ variant }) => variant === arm)?.moments ?? EMPTY;
    if (moments.n > 0) return centre(moments);
    const none = new Array<number>(width + 2).fill(0);
    return { n: 0, mean: none, products: none.map(() => none) };
  });
}

function effectOf(kind: MomentKind, t: AdjustedArm, c: AdjustedArm, how: string): Result<Effect> {
  // Welch's formula takes n - 1 degrees of freedom; strata leave an arm fewer.
  const effect = difference(
    { ...t, n: t.df + 1 },
    { ...c, n: c.df + 1 },
    `${METHODS[kind]}, ${how}`,
    kind === 'proportion' ? 'normal' : 'welch',
  );
  return effect.ok ? computed({ ...effect.value, n: t.n + c.n }) : effect;
}

/**
 * Adjusts every arm of a metric at once and yields the pair of each treatment; undefined where the aggregates hold
 * neither covariates nor strata. A proportion with few successes or failures keeps its score interval, which no
 * adjustment has: `dropped` says so.
 */
export function adjustedPairs(
  study: Study,
  metric: StudyMetric,
  aggregates: Pick<MetricAggregates, 'arms' | 'covariates' | 'strata'>,
): ((treatment: string) => Result<AdjustedPair>) | undefined {
  const covariates = aggregates.covariates ?? [];
  const stratified = study.stratify.length > 0 && (aggregates.strata?.length ?? 0) > 1;
  if (metric.kind === 'quantile' || metric.kind === 'coverage') return undefined;
  if (covariates.length === 0 && !stratified) return undefined;
  const { kind } = metric;
  const moments = (arm: string) => aggregates.arms.find(({ variant }) => variant === arm)?.moments;
  const order = study.arms.map(({ arm }) => arm).filter((arm) => (moments(arm)?.n ?? 0) >= 2);
  const groups = stratified ? (aggregates.strata ?? []).map(({ arms }) => arms) : [aggregates.arms];
  const found = estimateArms(
    kind,
    groups.map((arms) => columnsOf(arms, order, covariates.length)),
    { covariates },
  );
  const strata = stratified ? study.stratify : [];
  const names = [
    ...(covariates.length > 0 ? ['CUPED'] : []),
    ...(stratified ? ['post-stratified'] : []),
  ].join(', ');
  const leftOut = (reason: string) => covariates.map((covariate) => ({ covariate, reason }));

  return (treatment) => {
    const [t, c] = [moments(treatment), moments(study.control)];
    if (!t || !c) return refused(`no data for ${t ? study.control : treatment}`);
    if (kind === 'proportion' && usesScore(countOf(t, metric.scale), countOf(c, metric.scale))) {
      return refused(
        'few successes or failures in an arm: the score interval is kept, which takes no adjustment',
      );
    }
    if (!found.ok) return found;
    const { arms, adjustment } = found.value;
    const [ti, ci] = [order.indexOf(treatment), order.indexOf(study.control)];
    const [a, b] = [arms[ti], arms[ci]];
    if (!a || !b) return refused(`needs at least 2 units in each arm`);
    const effect = effectOf(kind, a, b, names);
    if (!effect.ok) return effect;
    return computed({
      pair: pairOf(computed(a), computed(b), effect, study.relative),
      covariates: adjustment?.covariates ?? [],
      dropped: adjustment?.dropped ?? leftOut('not used'),
      strata,
      reduction: adjustment?.reduction(ti, ci) ?? 0,
    });
  };
}
