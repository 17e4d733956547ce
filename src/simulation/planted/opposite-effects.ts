import { murmur3 } from '../../assignment/hash.ts';
import { uniform } from '../random.ts';
import { type Plant, withOutcomes } from './plant.ts';

const CLICK = 0x6f70;
/** Of those who watch a lot. */
const MORE_CLICKS = 0.25;
/** Of the others. */
const LOST_CLICKS = 0.4;

/** What pleases those who watch a lot puts the others off. */
export const oppositeEffects: Plant = {
  key: 'opposite-effects',
  fault: 'opposite effects for power and casual viewers',
  planted: `in the treatment power viewers click ${100 * MORE_CLICKS} % more, all others ${100 * LOST_CLICKS} % less`,
  apply: (records, parts) =>
    withOutcomes(records, parts, (outcome) => {
      const isPower = parts.subject(outcome.unit).activity === 'power';
      const key = murmur3(outcome.id);
      const items = outcome.items.flatMap((item, i) => {
        if (item.name !== 'click') return [item];
        const u = uniform(parts.seed, key, i, CLICK);
        if (isPower) return u < MORE_CLICKS ? [item, { ...item, afterMs: item.afterMs + 1 }] : [item];
        return u < LOST_CLICKS ? [] : [item];
      });
      return { ...outcome, items };
    }),
};
