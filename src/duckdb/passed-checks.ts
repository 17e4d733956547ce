import type { DataCheck } from '../analysis/study/data-check.ts';
import type { AnalysisSpec } from '../declaration/analysis-spec.ts';

/** The checks of values that were made and found nothing: an analyst sees what was looked at, not only what was wrong. */
export function passedChecks(spec: AnalysisSpec, told: readonly DataCheck[]): readonly DataCheck[] {
  const kinds = new Set(spec.metrics.map(({ metric }) => metric.kind));
  const adjusts = spec.metrics.some(({ covariates }) => covariates.length > 0);
  const made = [
    ['non-numeric', 'every value is a number', true],
    ['infinite', 'every value is finite', true],
    ['missing-values', 'no outcome is missing', true],
    ['constant', 'every column varies', true],
    ['not-a-proportion', 'every proportion has the values 0 and 1 alone', kinds.has('proportion')],
    ['negative-denominator', 'no denominator is below 0', kinds.has('ratio')],
    ['missing-covariates', 'no covariate is missing', adjusts],
    ['post-exposure-covariate', 'no covariate is a copy of an outcome', adjusts],
    ['covariate-imbalance', 'the arms have the same covariates', adjusts && spec.strata.length === 0],
  ] as const;
  return made.flatMap(([key, text, asked]) =>
    asked && !told.some((check) => check.key === key)
      ? [{ key, status: 'pass' as const, count: 0, text }]
      : [],
  );
}
