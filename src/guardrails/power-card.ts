import { fixedHorizon } from '../analysis/estimate/effect.ts';
import { normalQuantile } from '../analysis/numbers/distributions.ts';
import { formatCount, formatDifference, formatLift, formatShare } from '../analysis/report/format.ts';
import type { Comparison, HealthCard, MetricReport } from '../analysis/report/report.ts';
import { alwaysValid } from '../analysis/sequential/always-valid.ts';
import type { Study } from '../analysis/study/study.ts';

const POWER = 0.8;

const unsigned = (text: string) => text.replace('+', '');

/** Critical value of the interval that judges a comparison, at alpha. */
function criticalOf(study: Study, { interval, alwaysValid: sequence }: Comparison, alpha: number): number {
  if (interval.kind !== 'always-valid' || !sequence.ok) return fixedHorizon(null).critical(alpha);
  return alwaysValid(sequence.n, study.plannedUnits, study.alpha).critical(alpha);
}

/** Smallest relative change found with the wanted power in every treatment, alpha shared among the success metrics. */
function detectable(study: Study, metric: MetricReport, alpha: number): number | null {
  const sizes = metric.comparisons.flatMap((comparison) =>
    comparison.relative.ok
      ? (criticalOf(study, comparison, alpha) + normalQuantile(1 - POWER)) * comparison.relative.standardError
      : [],
  );
  return sizes.length === 0 ? null : Math.max(...sizes);
}

/** Guardrails whose margin is narrower than this much data can show to be kept, were there no harm at all. */
function tooNarrow(study: Study, metrics: readonly MetricReport[]): readonly string[] {
  const guarded = metrics.filter(({ comparisons }) => comparisons.some(({ guardrail }) => guardrail));
  const miss = (1 - POWER) / Math.max(1, guarded.length);
  return guarded.flatMap(({ name, unit, comparisons }) => {
    const wide = comparisons.flatMap((comparison) => {
      const { guardrail } = comparison;
      if (!guardrail) return [];
      const relative = guardrail.marginKind === 'relative';
      const effect = relative ? comparison.relative : comparison.absolute;
      if (!effect.ok) return [];
      const reach = criticalOf(study, comparison, study.alpha) + normalQuantile(Math.min(0.5, miss));
      const size = reach * effect.standardError;
      return size > guardrail.margin ? [{ size, relative }] : [];
    });
    const [widest] = wide.sort((a, b) => b.size - a.size);
    if (!widest) return [];
    const text = widest.relative ? formatLift(widest.size) : formatDifference(widest.size, unit);
    return [`${name} (could be shown within ${unsigned(text)})`];
  });
}

/**
 * Smallest relative change of the first success metric that this much data would find four times in five, at the alpha
 * that correction leaves one of the success comparisons; and whether all guardrails together would be shown non-inferior
 * four times in five were there no harm: each must be with the power that leaves the misses of all at one in five
 * (Bonferroni on the misses, since all must hold). Later looks are not counted on.
 * @param day  days so far, to say how many more would do
 */
export function powerCard(study: Study, metrics: readonly MetricReport[], day: number): HealthCard {
  const success = metrics.filter(({ role }) => role === 'success');
  const [metric] = success;
  const wanted = metric?.minimumEffect;
  const base = {
    key: 'power' as const,
    title: 'Power',
    threshold: wanted === undefined ? 'no minimum effect declared' : `minimum effect ${formatShare(wanted)}`,
    likelyCause:
      'Too few units, or a metric too noisy for the effect sought: run longer, widen targeting, cap outliers.',
  };
  const family = success.reduce((sum, { comparisons }) => sum + comparisons.length, 0);
  const alpha = study.correction.success === 'none' ? study.alpha : study.alpha / Math.max(1, family);
  const size = metric ? detectable(study, metric, alpha) : null;
  if (!metric || size === null) {
    const detail = 'No relative effect of a success metric can be estimated yet.';
    return { ...base, status: 'unknown', value: 'not computed', detail };
  }
  const enough = wanted === undefined || size <= wanted;
  const moreDays = wanted === undefined || enough ? 0 : Math.ceil(day * ((size / wanted) ** 2 - 1));
  const narrow = tooNarrow(study, metrics);
  const found = unsigned(formatLift(size));
  return {
    ...base,
    status: enough && narrow.length === 0 ? 'pass' : 'warn',
    value: `detects ${found}`,
    detail: [
      `${metric.name}: a change of ${found} would be found with ${formatShare(POWER)} power at a two-sided ${formatShare(alpha)}${family > 1 && alpha < study.alpha ? `, corrected for ${family} comparisons` : ''}.`,
      ...(moreDays > 0
        ? [`About ${formatCount(moreDays)} more days at this rate would reach the minimum effect.`]
        : []),
      ...(narrow.length > 0
        ? [
            `Without any harm, too few units to show it with all guardrails at ${formatShare(POWER)}: ${narrow.join(', ')}.`,
          ]
        : []),
    ].join(' '),
  };
}
