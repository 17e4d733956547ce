import type { RecommendationInput } from '../recommend.ts';
import { Lives, type LivesOptions, requestsOf } from './lives.ts';
import type { Page, Visit } from './session.ts';
import { countSession, countStart, createUnitDays, type UnitDays } from './unit-days.ts';

export interface ArmOptions extends LivesOptions {
  /** Days after enrolment in which only session starts are observed. */
  readonly observeDays: number;
  /** Ids of requests depend on it. */
  readonly seed: number;
  /** The titles of one slate for each request, in order; two requests of one viewer follow one another. */
  readonly slates: (inputs: readonly RecommendationInput[]) => Promise<readonly Int32Array[]>;
  /** Requests ranked together, about; 512 when absent. The outcome does not depend on it. */
  readonly batchSize?: number;
  /** Before the first session of each day of enrolment. */
  readonly onDay?: (day: number, at: number) => Promise<void> | void;
  readonly signal?: AbortSignal;
}

const DAY = 86_400_000;

/** Viewers after a test. */
export interface ArmLived {
  readonly days: UnitDays;
  /** By place: how they feel in the end. */
  readonly moods: Float32Array;
}

/**
 * Lives viewers through a whole test in one arm, day by day and within a day each viewer's next session beside the others':
 * as nothing one viewer does touches another, each has the same sessions as in a test in which they were assigned that arm.
 */
export async function runArm(options: ArmOptions): Promise<ArmLived> {
  const { world, viewers, days, startMs, observeDays, seed, slates, batchSize = 512 } = options;
  const lives = new Lives(options);
  const table = createUnitDays(viewers.length, days);
  const cutoff = startMs + days * DAY;
  for (let day = 0; day < days; day++) {
    options.signal?.throwIfAborted();
    await options.onDay?.(day, startMs + day * DAY);
    const midnight = startMs + (day + 1) * DAY;
    let due = Array.from(viewers, (_, place) => place).filter((place) => lives.nextAt[place]! < midnight);
    while (due.length > 0) {
      for (let from = 0; from < due.length; from += batchSize) await live(due.slice(from, from + batchSize));
      due = due.filter((place) => lives.nextAt[place]! < midnight);
    }
  }
  const end = cutoff + observeDays * DAY;
  for (let place = 0; place < viewers.length; place++) {
    // What comes after the window of retention tells nothing.
    while (lives.nextAt[place]! < end && table.returned[place] !== 3) {
      const visit = lives.begin(place);
      countStart(table, place, visit.at);
      if (visit.at - table.firstAt[place]! > 30 * DAY) break;
      lives.observe(visit);
    }
  }
  return { days: table, moods: lives.moods };

  async function live(places: readonly number[]): Promise<void> {
    const visits: Visit[] = places.map((place) => lives.begin(place));
    const inputs = visits.flatMap((visit) => requestsOf(world, seed, visit));
    const answers = await slates(inputs);
    let row = 0;
    for (const visit of visits) {
      const pages: Page[] = [];
      for (let page = 0; page < (visit.browses ? 2 : 1); page++, row++) {
        const { requestId, surface } = inputs[row]!;
        pages.push({ requestId, surface, titles: answers[row]! });
      }
      lives.live(visit, pages);
      countSession(table, world.catalogue, visit, lives.log, cutoff);
    }
  }
}
