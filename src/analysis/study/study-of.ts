import type { Experiment, MetricDeclaration } from '../../declarations.ts';
import type { Study, StudyMetric } from './study.ts';

const DAY = 86_400_000;

/** The declared metrics in order, each once, with the first role it was declared in. */
function rolesOf({
  metrics: { success, guardrails, secondary },
}: Experiment): readonly (Omit<Study['metrics'][number], 'metric'> & { readonly key: string })[] {
  const all = [
    ...success.map(({ metric, minimumEffect }) => ({
      key: metric,
      role: 'success' as const,
      ...(minimumEffect === undefined ? {} : { minimumEffect }),
    })),
    ...guardrails.map(({ metric }) => ({ key: metric, role: 'guardrail' as const })),
    ...secondary.map((key) => ({ key, role: 'secondary' as const })),
  ];
  return all.filter((entry, index) => all.findIndex((other) => other.key === entry.key) === index);
}

/**
 * What the statistics need to know of an experiment. An interleaved one compares no arms: both rankers share one list.
 * @param cutoff  epoch ms: how many days are complete, for a group-sequential plan
 */
export function studyOf(
  experiment: Experiment,
  metrics: readonly MetricDeclaration[],
  cutoff = Number.POSITIVE_INFINITY,
): Study {
  const { analysis, control, variants, startMs } = experiment;
  const byKey = new Map<string, StudyMetric>(metrics.map((metric) => [metric.key, metric]));
  const { looks, spending, prior } = analysis;
  return {
    control,
    arms: variants.map(({ key, weight }) => ({ arm: key, weight })),
    treatments:
      experiment.design === 'interleaving'
        ? []
        : variants.map(({ key }) => key).filter((key) => key !== control),
    metrics: rolesOf(experiment).flatMap(({ key, ...role }) => {
      const metric = byKey.get(key);
      return metric ? [{ metric, ...role }] : [];
    }),
    alpha: analysis.alpha,
    interval: analysis.interval,
    plannedUnits: Math.max(2, 2 * analysis.maturity.unitsPerArm),
    leastUnits: Math.max(2, analysis.maturity.unitsPerArm),
    ...(analysis.interval === 'group-sequential' && looks
      ? {
          design: {
            looks,
            spending: spending ?? 'obrien-fleming',
            complete: Math.floor((cutoff - startMs) / DAY),
          },
        }
      : {}),
    relative: 'fieller',
    correction: analysis.correction,
    ...(prior ? { prior } : {}),
    segments: [
      ...analysis.segments.map((attribute) => ({ attribute, declared: true })),
      ...(analysis.exploratory ?? [])
        .filter((attribute) => !analysis.segments.includes(attribute))
        .map((attribute) => ({ attribute, declared: false })),
    ],
    stratify: experiment.stratify,
  };
}
