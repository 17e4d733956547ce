import { murmur3 } from '../../assignment/hash.ts';
import type { OutcomeItem } from '../../events/records.ts';
import { uniform } from '../random.ts';
import { type Plant, withOutcomes, withRequests } from './plant.ts';

const CLICK = 0x636c;
const NARROW = 0x6e61;
const DIVERSITY_KEPT = 0.6;
const MORE_CLICKS = 0.3;
const SAME_TITLE = 0.5;

/** Slates of more of the same: they are clicked more, and what is watched is less varied. */
export const narrowSlates: Plant = {
  key: 'narrow-slates',
  fault: 'a loss of diversity with a gain of clicks',
  planted: `the treatment's slates have ${Math.round(100 * (1 - DIVERSITY_KEPT))} % less genre diversity and ${100 * MORE_CLICKS} % of its clicks come with a second one; half of what a viewer watches there is what it watched first`,
  apply(records, parts) {
    const { seed, subject } = parts;
    const narrowed = withRequests(records, parts, (request) => ({
      ...request,
      simpsonMicro: Math.round(DIVERSITY_KEPT * request.simpsonMicro),
    }));
    return withOutcomes(narrowed, parts, (outcome) => {
      const { row, firstWatched } = subject(outcome.unit);
      const key = murmur3(outcome.id);
      const items = outcome.items.flatMap((one, i): OutcomeItem[] => {
        if (one.name === 'click')
          return uniform(seed, key, i, CLICK) < MORE_CLICKS
            ? [one, { ...one, afterMs: one.afterMs + 1 }]
            : [one];
        if (one.name !== 'watch' || uniform(seed, key ^ row, i, NARROW) >= SAME_TITLE) return [one];
        return [{ ...one, title: firstWatched ?? one.title }];
      });
      return { ...outcome, items };
    });
  },
};
