import { centre } from '../centred.ts';
import { noveltyChange } from '../novelty.ts';
import { promiseOf } from '../report/promise.ts';
import type { MetricReport } from '../report/report.ts';
import { type Measured, momentsOf } from './measure.ts';
import { estimateOf, ONCE, pValue } from './reading.ts';
import type { Study } from './study.ts';

/** Change of the effect from each unit's first week to its second, per treatment; undefined where it was not summed. */
export function noveltyOf(study: Study, { aggregates }: Measured): MetricReport['novelty'] {
  const arms = aggregates?.novelty;
  if (!arms) return undefined;
  return study.treatments.flatMap((arm) => {
    const [t, c] = [momentsOf(arms, arm), momentsOf(arms, study.control)];
    if (!t || !c) return [];
    const change = noveltyChange(centre(t), centre(c));
    const interval = promiseOf('fixed', study.alpha);
    return [{ arm, change: estimateOf(change, ONCE, study.alpha), interval, p: pValue(change, ONCE) }];
  });
}
