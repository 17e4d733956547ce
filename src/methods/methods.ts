import { bayesMethods } from './bayes.ts';
import { lookingEarlyMethods } from './looking-early.ts';
import { manyMethods } from './many.ts';
import { meanMethods } from './means.ts';
import type { Method } from './method.ts';
import { planningMethods } from './planning.ts';
import { preferenceMethods } from './preferences.ts';
import { proportionMethods } from './proportions.ts';
import { shapeMethods } from './shapes.ts';
import { tailMethods } from './tails.ts';

/** Every statistic that `stats` computes, by group. The report uses the same functions. */
export const METHODS: readonly Method[] = [
  ...meanMethods,
  ...proportionMethods,
  ...shapeMethods,
  ...lookingEarlyMethods,
  ...bayesMethods,
  ...manyMethods,
  ...planningMethods,
  ...preferenceMethods,
  ...tailMethods,
];
