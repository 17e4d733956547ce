import type { OutcomeRecord } from '../events/records.ts';
import { feelWatches } from '../events/watch-weight.ts';
import type { Recommendation, Recommender } from '../recommend.ts';
import { clickModels } from '../simulation/click-model.ts';
import { type SimulationSummary, simulateTest } from '../simulation/simulate-test.ts';
import type { Plan } from './plan.ts';
import type { Population } from './population.ts';
import type { ServedPart } from './serve-part.ts';

/** Candidates are made anew for everyone who watched, this often. */
const REFRESH_DAYS = 7;

export interface LivePartOptions {
  readonly environment: string;
  /** Who is asked; absent: the part's own recommender. */
  readonly recommender?: Pick<Recommender, 'recommend'>;
  /** Watches reach the viewers by another way: by the events that the API takes. */
  readonly feltElsewhere?: boolean;
  readonly onBatch: (
    recommendations: readonly Recommendation[],
    outcomes: readonly OutcomeRecord[],
  ) => Promise<void> | void;
  /** Before each day, when everything of the days before was handed to `onBatch`. */
  readonly onDay?: (day: number) => Promise<void> | void;
  readonly sessionsEach?: number;
  /** Days after the test in which session starts are observed; absent: until every window is complete. */
  readonly observeDays?: number;
  readonly signal?: AbortSignal;
}

/** Lets some viewers live through the test, and through what is left of their windows after it. */
export function livePart(
  plan: Plan,
  { world }: Population,
  part: ServedPart,
  viewers: readonly [from: number, to: number],
  options: LivePartOptions,
): Promise<SimulationSummary> {
  const { onDay, onBatch, recommender = part.recommender, feltElsewhere = false, ...rest } = options;
  const { minutes } = world.catalogue;
  return simulateTest({
    observeDays: plan.windowDays,
    ...rest,
    world,
    clickModel: clickModels[plan.clickModel],
    recommender,
    days: plan.days,
    windowDays: plan.windowDays,
    viewers,
    startMs: plan.startMs,
    seed: plan.seed,
    history: part.history,
    onBatch(recommendations, outcomes) {
      if (!feltElsewhere && recommendations.length > 0) {
        for (const outcome of outcomes)
          feelWatches(outcome, minutes, (title, weight, at) =>
            part.recordWatch(outcome.unit, title, weight, at),
          );
      }
      return onBatch(recommendations, outcomes);
    },
    async onDay(day) {
      await onDay?.(day);
      if (day > 0 && day < plan.days && day % REFRESH_DAYS === 0) await part.refresh();
    },
  });
}
