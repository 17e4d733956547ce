import { bots } from './bots.ts';
import { fadingNovelty } from './fading-novelty.ts';
import { narrowSlates } from './narrow-slates.ts';
import { oppositeEffects } from './opposite-effects.ts';
import type { Plant } from './plant.ts';
import { slowArm } from './slow-arm.ts';

/** Nothing: what must not be found. */
export const noFault: Plant = {
  key: 'nothing',
  fault: 'nothing',
  planted: 'two arms that are served alike',
  apply: (records) => records,
};

/** All plants in the records of a test. */
export const PLANTS: readonly Plant[] = [
  noFault,
  bots,
  slowArm,
  narrowSlates,
  oppositeEffects,
  fadingNovelty,
];
