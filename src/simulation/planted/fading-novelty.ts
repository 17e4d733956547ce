import { type Plant, withOutcomes } from './plant.ts';

const DAY = 86_400_000;
/** On the first day. */
const GAIN = 0.8;
const HALF_LIFE_DAYS = 3;

/** Everything new is watched more, until it is new no more. */
export const fadingNovelty: Plant = {
  key: 'fading-novelty',
  fault: 'a novelty effect that decays',
  planted: `viewers of the treatment watch ${100 * GAIN} % longer on their first day, and every ${HALF_LIFE_DAYS} days half as much of that is left`,
  apply: (records, parts) =>
    withOutcomes(records, parts, (outcome) => {
      const days = Math.max(0, (outcome.at - parts.subject(outcome.unit).firstAt) / DAY);
      const longer = 1 + GAIN * 2 ** (-days / HALF_LIFE_DAYS);
      const items = outcome.items.map((item) =>
        item.name === 'watch' ? { ...item, value: Math.round(longer * item.value) } : item,
      );
      return { ...outcome, items };
    }),
};
