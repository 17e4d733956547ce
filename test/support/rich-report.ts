import type { Report } from '../../src/analysis/report/report.ts';
import { analyze } from '../../src/analyze.ts';
import type { Experiment } from '../../src/declarations.ts';
import { aggregatesOf, experimentOf, healthOf, metricOf } from './evidence.ts';
import { ARMS, type RichOptions, richAggregates, richStudy } from './rich-study.ts';

const [control, treatment] = ARMS;

/** A report with everything on: covariates, strata, a prior, both kinds of segments, novelty, rhythm, cuts. */
export function richReport(
  options: RichOptions = {},
  analysis: Partial<Experiment['analysis']> = {},
): Report {
  const base = experimentOf();
  const experiment = experimentOf({
    control,
    stratify: ['tenure'],
    variants: base.variants.map((variant, index) => ({ ...variant, key: ARMS[index] ?? '' })),
    metrics: {
      success: ['m0', 'm1', 'm2', 'm3'].map((metric) => ({ metric })),
      guardrails: ['m4', 'm5'].map((metric) => ({ metric, margin: { relative: 0.2 } })),
      secondary: [],
    },
    analysis: {
      ...base.analysis,
      exploratory: ['country'],
      covariates: ['before', 'age'],
      prior: { scale: 'relative', mean: 0, standardDeviation: 0.05 },
      maturity: { days: 14, unitsPerArm: 100 },
      ...analysis,
    },
  });
  const metrics = richStudy().metrics.map(({ metric }) => metricOf(metric.key, metric));
  const units = options.units ?? 400;
  const days = ['2026-10-01', '2026-10-02'].flatMap((date) =>
    ARMS.map((variant) => ({ date, variant, units: units / 2 })),
  );
  const cut = (by: string, value: string, t: number) => ({
    by,
    value,
    arms: [
      { variant: control, units: units / 2 },
      { variant: treatment, units: t },
    ],
  });
  const health = healthOf(
    { [control]: units, [treatment]: units },
    { exposuresByDay: days, cuts: [cut('device', 'phone', units / 2), cut('phase', '1', units / 2)] },
  );
  return analyze(experiment, metrics, { ...aggregatesOf(), ...richAggregates(options), health }, 'c0ffee');
}
