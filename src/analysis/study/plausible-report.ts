import { withoutUnits } from '../implausible.ts';
import { promiseOf } from '../report/promise.ts';
import type { MetricReport } from '../report/report.ts';
import { type Measured, pairFrom } from './measure.ts';
import { estimateOf, fixedReading } from './reading.ts';
import type { Study } from './study.ts';

/** Each effect without the units that behave implausibly; undefined where there are none, or they were not looked for. */
export function plausibleOf(study: Study, { entry, aggregates }: Measured): MetricReport['plausible'] {
  const some = aggregates?.implausible;
  if (!aggregates || !some?.some(({ moments }) => moments.n > 0)) return undefined;
  const rest = withoutUnits(aggregates.arms, some);
  return study.treatments.map((arm) => {
    const reading = (arms: typeof rest) => fixedReading(pairFrom(study, entry.metric, arms, arm));
    const [all, without] = [reading(aggregates.arms), reading(rest)];
    const both = (of: typeof all) => ({
      absolute: estimateOf(of.pair.absolute, of, study.alpha),
      relative: estimateOf(of.pair.relative, of, study.alpha),
    });
    return {
      arm,
      leftOut: some.map(({ variant, moments }) => ({ arm: variant, units: moments.n })),
      all: both(all),
      without: both(without),
      interval: promiseOf('fixed', study.alpha),
    };
  });
}
