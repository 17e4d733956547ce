import type { Behaviour } from './behaviour.ts';
import type { ActivityLaw } from './traits.ts';

/** How tastes become behaviour: logistic curves over affinity and quality, both about standard normal. */
export interface TasteCurve {
  readonly least: number;
  readonly most: number;
  readonly offset: number;
  readonly affinity: number;
  readonly quality: number;
}

/** All that calibration may turn in an invented world. */
export interface WorldParameters {
  /** P(click | examined). Even a title that fits is not wanted on most evenings: it saturates well below 1. */
  readonly attraction: TasteCurve;
  /** How well a title that was begun pleases. */
  readonly satisfaction: TasteCurve;
  readonly activity: ActivityLaw;
  readonly behaviour: Behaviour;
}
