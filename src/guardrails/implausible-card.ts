import type { ExperimentAggregates } from '../analysis/aggregates.ts';
import { IMPLAUSIBLE } from '../analysis/implausible.ts';
import {
  formatCount,
  formatLift,
  formatLiftInterval,
  formatP,
  formatShare,
} from '../analysis/report/format.ts';
import type { HealthCard, MetricReport } from '../analysis/report/report.ts';
import { sampleRatio } from '../analysis/sample-ratio.ts';
import { SAMPLE_RATIO_ALPHA } from '../analysis/study/sample-ratio-report.ts';
import type { Study } from '../analysis/study/study.ts';

const WARN = 0.001;
const FAIL = 0.01;

function effectLines(metrics: readonly MetricReport[]): readonly string[] {
  const text = ({ relative }: NonNullable<MetricReport['plausible']>[number]['all']) =>
    relative.ok
      ? `${formatLift(relative.estimate)} ${formatLiftInterval(relative.interval)}`
      : `not computed (${relative.reason})`;
  return metrics
    .filter(({ role }) => role === 'success')
    .flatMap(({ name, plausible = [] }) =>
      plausible.map(
        ({ arm, all, without }) => `${name}, ${arm}: ${text(all)} with them, ${text(without)} without`,
      ),
    );
}

/**
 * Units that clicked nearly everything they viewed: programs, not people. They fail where they are more than a few, or come
 * in one arm more than the declared shares explain, since then they move the effect. Estimates keep them; what they would be
 * without stands beside. Absent where no metric counts clicks over viewed impressions.
 */
export function implausibleCard(
  study: Study,
  { metrics: sums, health }: Pick<ExperimentAggregates, 'metrics' | 'health'>,
  metrics: readonly MetricReport[],
): HealthCard | undefined {
  const looked = sums.flatMap(({ implausible }) => (implausible === undefined ? [] : [implausible]));
  if (looked.length === 0) return undefined;
  const most = (arm: string) =>
    Math.max(0, ...looked.map((arms) => arms.find(({ variant }) => variant === arm)?.moments.n ?? 0));
  const arms = study.arms.map(({ arm, weight }) => ({ variant: arm, weight, units: most(arm) }));
  const found = arms.reduce((sum, { units }) => sum + units, 0);
  const units = health.arms.reduce((sum, arm) => sum + arm.units, 0);
  const split = found === 0 ? undefined : sampleRatio(arms);
  const uneven = split?.ok === true && split.value.p < SAMPLE_RATIO_ALPHA ? split.value.p : undefined;
  const share = units === 0 ? 0 : found / units;
  const lines = effectLines(metrics);
  return {
    key: 'implausible-units',
    title: 'Implausible units',
    status:
      units === 0
        ? 'unknown'
        : share > FAIL || uneven !== undefined
          ? 'fail'
          : share > WARN
            ? 'warn'
            : 'pass',
    value: units === 0 ? 'no data' : `${formatShare(share)} (${formatCount(found)} of ${formatCount(units)})`,
    threshold: `clicked at least ${formatShare(IMPLAUSIBLE.clickedShare)} of ${IMPLAUSIBLE.viewed} or more viewed titles: warn over 0.1 %, fail over 1 % or where the arms differ at p < ${SAMPLE_RATIO_ALPHA}`,
    detail: [
      arms.map(({ variant, units: n }) => `${variant} ${formatCount(n)}`).join(', '),
      ...(uneven === undefined ? [] : [`not in the declared ratio, p ${formatP(uneven)}`]),
      ...lines,
    ].join('; '),
    likelyCause:
      'Bots, scrapers or test accounts. Keep them out by a filter that does not depend on the arm, and run again.',
  };
}
