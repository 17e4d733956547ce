import type { Experiment, Measure, MetricDeclaration } from '../declarations.ts';

/** Stands, in a metric's `where.surface`, for the surface of the experiment that asks for the metric. */
export const OWN_SURFACE = 'own';

/**
 * The metrics an experiment names, those it adjusts by with them, in catalogue order, as it means them: `where.surface: own` becomes its surface, or no
 * filter in an experiment without one.
 */
export function metricsOf(
  { metrics, analysis, surface }: Experiment,
  catalogue: readonly MetricDeclaration[],
): readonly MetricDeclaration[] {
  const keys = new Set([
    ...[...metrics.success, ...metrics.guardrails].map(({ metric }) => metric),
    ...metrics.secondary,
    ...analysis.covariates,
  ]);
  return catalogue
    .filter(({ key }) => keys.has(key))
    .map((metric) => ({
      ...metric,
      numerator: onSurface(metric.numerator, surface),
      ...(metric.denominator === undefined ? {} : { denominator: onSurface(metric.denominator, surface) }),
    }));
}

function onSurface(measure: Measure, own: string | undefined): Measure {
  if (measure.where.surface !== OWN_SURFACE) return measure;
  const { surface: _, ...where } = measure.where;
  return { ...measure, where: own === undefined ? where : { ...where, surface: own } };
}
