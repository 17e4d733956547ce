import type { ArmEstimate, Effect, Result } from './effect.ts';
import { relativeEffect } from './relative.ts';

/** Relative effect by the delta method. */
export function lift(treatment: ArmEstimate, control: ArmEstimate, effect: Effect): Result<Effect> {
  return relativeEffect('delta', treatment, control, effect);
}
