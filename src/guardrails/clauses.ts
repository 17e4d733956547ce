import {
  formatDifference,
  formatDifferenceInterval,
  formatLift,
  formatLiftInterval,
  formatP,
  formatValue,
} from '../analysis/report/format.ts';
import type { Comparison, HealthCard, MetricReport, Reason } from '../analysis/report/report.ts';
import type { Experiment } from '../declarations.ts';

/** Units per arm below which no guardrail alone rolls a variant back: skewed metrics are far from normal there. */
export const LEAST_UNITS = 100;

/** What one variant does to the metrics, clause by clause of the declared rule. */
export interface VariantJudgement {
  readonly variant: string;
  readonly reasons: readonly Reason[];
  readonly superior: boolean;
  readonly worse: boolean;
  readonly guardrailsHold: boolean;
  /** A guardrail shows significant harm, or a limit is passed. */
  readonly harmed: boolean;
  readonly rollBack: readonly Reason[];
  /** Relative gain on the first superior success metric, to choose among several that could ship. */
  readonly gain: number;
}

/** "+32.1 % [+29.8 %, +34.4 %], p <0.001", or the absolute where there is no relative change. */
export function effectText({ absolute, relative, pAdjusted }: Comparison, unit: string): string {
  const p = pAdjusted === null ? '' : `, p ${formatP(pAdjusted)}`;
  if (relative.ok) return `${formatLift(relative.estimate)} ${formatLiftInterval(relative.interval)}${p}`;
  if (absolute.ok) {
    return `${formatDifference(absolute.estimate, unit)} ${formatDifferenceInterval(absolute.interval, unit)}${p}`;
  }
  return `not computed (${absolute.reason})`;
}

function guardrailText(guardrail: NonNullable<Comparison['guardrail']>, unit: string): string {
  const relative = guardrail.marginKind === 'relative';
  const size = (value: number) =>
    (relative ? formatLift(value) : formatDifference(value, unit)).replace('+', '');
  const [, worst] = guardrail.harm;
  const reach =
    worst === null
      ? 'harm cannot be bounded'
      : worst > 0
        ? `harm at most ${size(worst)}`
        : `better by at least ${size(-worst)}`;
  return `${guardrail.state.replaceAll('-', ' ')} (${reach}, margin ${size(guardrail.margin)})`;
}

/** Judges one variant on success metrics and guardrails as the experiment declares. */
export function judgeVariant(
  experiment: Experiment,
  variant: string,
  metrics: readonly MetricReport[],
): VariantJudgement {
  const named = experiment.variants.length > 2 ? `${variant}, ` : '';
  const rows = metrics.flatMap((metric) => {
    const comparison = metric.comparisons.find((candidate) => candidate.arm === variant);
    return comparison ? { metric, comparison } : [];
  });
  const success = rows.filter(({ metric }) => metric.role === 'success');
  const guarded = rows.flatMap(({ metric, comparison }) =>
    comparison.guardrail ? { metric, comparison, guardrail: comparison.guardrail } : [],
  );

  const successReasons = success.map(
    ({ metric, comparison }): Reason => ({
      clause: 'success metric superior',
      holds: comparison.p === null ? null : comparison.outcome === 'better',
      text: `${named}${metric.name}: ${effectText(comparison, metric.unit)}: ${
        comparison.outcome === 'better'
          ? 'superior'
          : comparison.outcome === 'worse'
            ? 'significantly worse'
            : 'no significant difference'
      }`,
      ref: metric.key,
    }),
  );
  const losers = success.filter(({ comparison }) => comparison.outcome === 'worse');
  const worseReason: Reason = {
    clause: 'no success metric worse',
    holds: losers.length === 0,
    text:
      losers.length === 0
        ? `${named}none of ${success.length} success metrics is significantly worse`
        : `${named}significantly worse: ${losers.map(({ metric }) => metric.name).join(', ')}`,
    ...(losers[0] ? { ref: losers[0].metric.key } : {}),
  };

  const guardrailReasons = guarded.map(
    ({ metric, guardrail }): Reason => ({
      clause: 'guardrail non-inferior',
      holds: guardrail.state === 'safe' || guardrail.state === 'safe-but-worse',
      text: `${named}${metric.name}: ${guardrailText(guardrail, metric.unit)}`,
      ref: metric.key,
    }),
  );
  const limitReasons = guarded.flatMap(({ metric, guardrail: { limit } }): Reason[] =>
    limit
      ? [
          {
            clause: 'limit kept',
            holds: limit.holds,
            text: `${named}${metric.name}: ${formatValue(limit.value, metric.unit)}, limit ${formatValue(limit.limit, metric.unit)}`,
            ref: metric.key,
          },
        ]
      : [],
  );

  const breaking = guarded.filter(({ metric, guardrail: { state, limit } }) => {
    const arms = metric.arms.filter((arm) => arm.arm === variant || arm.arm === experiment.control);
    if (arms.some((arm) => arm.n < LEAST_UNITS)) return false;
    const control = arms.find((arm) => arm.arm === experiment.control)?.value ?? null;
    const past =
      limit?.certain === true && control !== null && within(control, limit.limit, metric.direction);
    const declared = experiment.decision.rollBack.guardrails === 'any-harm' ? ['breach', 'harm'] : ['breach'];
    return declared.includes(state) || past;
  });
  const winners = success.filter(({ comparison }) => comparison.outcome === 'better');
  const needed = experiment.decision.ship.success === 'all-superior' ? success.length : 1;
  const best = winners[0]?.comparison.relative;
  return {
    variant,
    reasons: [...successReasons, worseReason, ...guardrailReasons, ...limitReasons],
    superior: success.length > 0 && winners.length >= needed,
    worse: losers.length > 0,
    guardrailsHold: [...guardrailReasons, ...limitReasons].every(({ holds }) => holds === true),
    harmed: guarded.some(
      ({ guardrail }) =>
        guardrail.state === 'harm' || guardrail.state === 'breach' || guardrail.limit?.holds === false,
    ),
    rollBack: breaking.map(
      ({ metric, guardrail }): Reason => ({
        clause: `roll back on ${experiment.decision.rollBack.guardrails.replace('any-', 'any ')}`,
        holds: false,
        text: `${named}${metric.name}: ${guardrailText(guardrail, metric.unit)}${
          guardrail.limit?.certain
            ? `, past its limit ${formatValue(guardrail.limit.limit, metric.unit)}`
            : ''
        }`,
        ref: metric.key,
      }),
    ),
    gain: best?.ok ? Math.abs(best.estimate) : 0,
  };
}

function within(value: number, limit: number, direction: MetricReport['direction']): boolean {
  return direction === 'lower-is-better' ? value <= limit : value >= limit;
}

/** The health clause: nothing fails, and the sample ratio was checked. */
export function healthReason(health: readonly HealthCard[]): Reason {
  const failed = health.filter(({ status }) => status === 'fail');
  const ratio = health.find(({ key }) => key === 'sample-ratio');
  const unchecked = ratio?.status === 'unknown';
  const first = failed[0] ?? ratio;
  return {
    clause: 'health passes',
    holds: failed.length === 0 && !unchecked,
    text:
      failed.length > 0
        ? `failing: ${failed.map(({ title, value }) => `${title} (${value})`).join(', ')}`
        : unchecked
          ? `the sample ratio could not be checked: ${ratio.detail}`
          : `no check fails${ratio ? `; sample ratio ${ratio.value}` : ''}`,
    ...(first ? { ref: first.key } : {}),
  };
}
