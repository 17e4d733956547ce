import type { MetricDeclaration } from '../../declarations.ts';
import type { Scope } from './scope.ts';

/** What estimates are adjusted by: a metric from before first exposure, or, without one, the attribute of that name. */
export interface Covariate {
  readonly name: string;
  readonly metric?: MetricDeclaration;
}

/** @throws where a covariate is measured after first exposure: the treatment may have moved it */
export function covariatesOf({ experiment, metrics }: Scope): readonly Covariate[] {
  return experiment.analysis.covariates.map((name) => {
    const metric = metrics.find(({ key }) => key === name);
    if (!metric) return { name };
    if (!isBeforeExposure(metric)) {
      throw new Error(`covariate ${name} is measured after first exposure; its window should end at 0d`);
    }
    return { name, metric };
  });
}

/** Only an estimate's covariate can be measured there: no variant can move it. */
export function isBeforeExposure({ kind, numerator: { window } }: MetricDeclaration): boolean {
  return kind === 'mean' && window.fromMs < 0 && window.toMs !== undefined && window.toMs <= 0;
}
