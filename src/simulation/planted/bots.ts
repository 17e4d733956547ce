import type { OutcomeItem } from '../../events/records.ts';
import { uniform } from '../random.ts';
import { type Plant, withOutcomes } from './plant.ts';

const BOT = 0x626f;
const SHARE = 0.04;
/** A program follows a link every so many milliseconds. */
const EVERY_MS = 150;

const item = (name: string, value: number, title: number, afterMs: number): OutcomeItem => ({
  name,
  value,
  title,
  afterMs,
});

/** Scrapers that found the treatment's page alone: they follow every link of every slate, and watch nothing. */
export const bots: Plant = {
  key: 'bots',
  fault: 'bots that click everything',
  planted: `${100 * SHARE} % of the treatment's users click all 20 titles of every slate and watch none`,
  apply(records, parts) {
    const slates = new Map(records.requests.map(({ id, slate }) => [id, slate.titles]));
    const isBot = (unit: string) => uniform(parts.seed, parts.subject(unit).row, 0, BOT) < SHARE;
    return withOutcomes(records, parts, (outcome) => {
      const titles = outcome.requestId === undefined ? undefined : slates.get(outcome.requestId);
      if (titles === undefined || !isBot(outcome.unit)) return outcome;
      const started = outcome.items.filter(({ name }) => name === 'session_start');
      const clicks = Array.from(titles, (title, slot) => item('click', 1, title, EVERY_MS * (slot + 1)));
      const end = EVERY_MS * (titles.length + 1);
      return {
        ...outcome,
        items: [
          ...started,
          item('impressions', titles.length, -1, 0),
          ...clicks,
          item('session_end', Math.round(end / 1000), -1, end),
        ],
      };
    });
  },
};
