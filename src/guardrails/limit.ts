import type { ArmEstimate, Result } from '../analysis/estimate/effect.ts';
import { normalQuantile } from '../analysis/numbers/distributions.ts';
import type { MetricDeclaration } from '../declarations.ts';

export interface LimitJudgement {
  readonly limit: number;
  readonly value: number;
  /** The value keeps within the limit. */
  readonly holds: boolean;
  /** The value's whole 1 - alpha interval lies past the limit: not by chance. */
  readonly certain: boolean;
}

/** An absolute limit of the treatment's own value: a ceiling where lower is better, a floor where higher is. */
export function judgeLimit(
  treatment: Result<ArmEstimate>,
  limit: number,
  direction: MetricDeclaration['direction'],
  alpha: number,
): LimitJudgement | null {
  if (!treatment.ok) return null;
  const { value, variance } = treatment.value;
  const past = direction === 'lower-is-better' ? value - limit : limit - value;
  return {
    limit,
    value,
    holds: past <= 0,
    certain: past > normalQuantile(alpha / 2) * Math.sqrt(variance),
  };
}
