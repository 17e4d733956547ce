import {
  formatDifference,
  formatDifferenceInterval,
  formatLift,
  formatLiftInterval,
  formatP,
  formatShare,
  formatValue,
} from '../../../src/analysis/report/format.ts';
import type {
  Comparison,
  Estimate,
  IntervalPair,
  IntervalPromise,
  MetricReport,
} from '../../../src/analysis/report/report.ts';

const KINDS: Readonly<Record<IntervalPromise['kind'], string>> = {
  fixed: 'fixed horizon',
  'always-valid': 'always valid',
  'group-sequential': 'group sequential',
};

const CORRECTIONS: Readonly<Record<IntervalPromise['correction'], string>> = {
  none: 'no correction',
  bonferroni: 'Bonferroni',
  holm: 'Holm',
  hochberg: 'Hochberg',
  bh: 'Benjamini-Hochberg',
  by: 'Benjamini-Yekutieli',
};

/** What an interval promises, in words: "98.3 %, fixed horizon, step-wise coverage after Holm, two-sided". */
export function promiseText({ level, kind, coverage, correction, sides }: IntervalPromise): string {
  const after =
    correction === 'none' ? 'coverage, no correction' : `coverage after ${CORRECTIONS[correction]}`;
  return `${formatShare(level)}, ${KINDS[kind]}, ${coverage} ${after}, ${sides}`;
}

/** "+3.5 % [+0.1 %, +6.9 %]", or why there is none. */
export function liftText(estimate: Estimate): string {
  if (!estimate.ok) return `n/a: ${estimate.reason}`;
  return `${formatLift(estimate.estimate)} ${formatLiftInterval(estimate.interval)}${noteText(estimate)}`;
}

/** The same in the metric's unit. */
export function differenceText(estimate: Estimate, unit: string): string {
  if (!estimate.ok) return `n/a: ${estimate.reason}`;
  const interval = formatDifferenceInterval(estimate.interval, unit);
  return `${formatDifference(estimate.estimate, unit)} ${interval}${noteText(estimate)}`;
}

const noteText = ({ note }: { readonly note?: string }) => (note === undefined ? '' : ` (${note})`);

function pairText(pair: IntervalPair, unit: string): string {
  if (!pair.ok) return pair.reason;
  const estimand = pair.estimand === undefined ? '' : ` (${pair.estimand})`;
  return `${liftText(pair.relative)}; ${differenceText(pair.absolute, unit)}; p ${formatP(pair.p)}; ${pair.method}${estimand}`;
}

/** Everything behind one comparison, as pairs of a name and a text. */
export function comparisonFacts(
  metric: MetricReport,
  comparison: Comparison,
): readonly (readonly [string, string])[] {
  const { adjustment, posterior } = comparison;
  const { diagnostics } = metric;
  const novelty = metric.novelty?.find(({ arm }) => arm === comparison.arm);
  const facts: [string, string][] = [
    ['Interval', promiseText(comparison.interval)],
    ['Fixed horizon', pairText(comparison.fixedHorizon, metric.unit)],
    ['Always valid', pairText(comparison.alwaysValid, metric.unit)],
    ['Method', comparison.method],
  ];
  if (adjustment !== undefined) {
    const by = [...adjustment.covariates, ...adjustment.strata.map((name) => `strata of ${name}`)].join(', ');
    const dropped = adjustment.dropped.map(({ covariate, reason }) => `${covariate} left out: ${reason}`);
    facts.push([
      'Adjusted for',
      [
        `${by || 'nothing'}; variance reduced by ${formatShare(adjustment.reduction)}; without it ${differenceText(adjustment.unadjusted, metric.unit)}`,
        ...dropped,
      ].join('; '),
    ]);
  }
  if (posterior?.ok) {
    const scale =
      posterior.scale === 'relative' ? formatLift : (value: number) => formatDifference(value, metric.unit);
    facts.push([
      'Posterior',
      `chance to win ${formatShare(posterior.chanceToWin)}; ${scale(posterior.mean)} [${posterior.interval.map(scale).join(', ')}]; expected loss ${scale(posterior.expectedLoss.treatment)} of the treatment, ${scale(posterior.expectedLoss.control)} of the control; prior ${posterior.prior}`,
    ]);
  } else if (posterior !== undefined) facts.push(['Posterior', posterior.reason]);
  if (novelty !== undefined) {
    facts.push([
      'Second week less first',
      `${differenceText(novelty.change, metric.unit)}${novelty.p === null ? '' : `, p ${formatP(novelty.p)}`}`,
    ]);
  }
  const plausible = metric.plausible?.find(({ arm }) => arm === comparison.arm);
  if (plausible !== undefined) {
    facts.push([
      'Without implausible units',
      `${liftText(plausible.without.relative)}; with them ${liftText(plausible.all.relative)}; neither adjusted`,
    ]);
  }
  if (diagnostics !== undefined) {
    const arms = diagnostics.arms.map(
      ({ arm, zeros, skewness }) =>
        `${arm} ${formatShare(zeros)} zeros${skewness === null ? '' : `, skewness ${skewness.toFixed(1)}`}`,
    );
    const cap =
      diagnostics.cap === undefined
        ? []
        : [
            `capped at ${formatValue(diagnostics.cap.value, metric.unit)} (${formatShare(diagnostics.cap.quantile)} quantile)`,
          ];
    facts.push(['Shape', [...arms, ...cap].join('; ')]);
    if (diagnostics.warnings.length > 0) facts.push(['Mind', diagnostics.warnings.join('; ')]);
  }
  return facts;
}
