import { centre } from '../centred.ts';
import { diagnose } from '../estimate/shape.ts';
import type { Diagnostics } from '../report/report.ts';
import { type Measured, momentsOf } from './measure.ts';
import type { Study } from './study.ts';

/** Diagnostics of a mean whose aggregates hold the shape of its values; shares of successes have none of their own. */
export function diagnosticsOf(study: Study, { entry, aggregates }: Measured): Diagnostics | undefined {
  if (entry.metric.kind !== 'mean' || !aggregates?.shape) return undefined;
  const shapes = study.arms.flatMap(({ arm }) => {
    const shape = aggregates.shape?.find(({ variant }) => variant === arm);
    const moments = momentsOf(aggregates.arms, arm);
    if (!shape || !moments || moments.n === 0) return [];
    const { zeros, cubed, capped } = shape;
    return [{ arm, zeros, cubed, capped, centred: centre(moments) }];
  });
  return shapes.length === 0 ? undefined : diagnose(shapes, aggregates.cap);
}
