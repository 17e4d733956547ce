import { createMemoryCandidateStore } from '../ranking/candidate-store.ts';
import type { Interactions } from '../ranking/catalogue.ts';
import type { Evaluator, Recommender } from '../recommend.ts';
import { createRecommender } from '../recommender.ts';
import { prePeriod } from '../simulation/pre-period.ts';
import { createPipeline } from '../variants/pipeline.ts';
import { createViewers, type Viewers } from '../viewers.ts';
import { PAST_DAYS } from './past.ts';
import type { Plan } from './plan.ts';
import type { Population } from './population.ts';

/** What serves some of the viewers: all that a server would have of them. */
export interface ServedPart {
  readonly recommender: Recommender & Evaluator;
  readonly viewers: Viewers;
  /** What they had watched before the test. */
  readonly history: Interactions;
  recordWatch(user: string, title: number, weight: number, at: number): void;
  /** Makes the lists of those who watched since the last time anew: before each week, as a nightly job would. */
  refresh(): Promise<void>;
}

/**
 * Viewers with their past, their candidate lists and a recommender over them. Lists are made anew by `refresh`, and by the
 * first watch of somebody of whom nothing was known; how many requests are ranked together changes nothing.
 *
 * @param range  rows of the viewers, from the first up to, not including, the second
 */
export async function servePart(
  plan: Plan,
  population: Population,
  range: readonly [from: number, to: number],
  environment: string,
): Promise<ServedPart> {
  const { world, models, declarations } = population;
  const [from, to] = range;
  const history = prePeriod(world, { days: PAST_DAYS, endMs: plan.startMs, viewers: range }).interactions;
  const ids = world.unitIds.slice(from, to);
  const viewers = createViewers();
  viewers.load(ids, { ...history, users: history.users.map((row) => row - from), userCount: to - from });
  ids.forEach((id, row) => {
    const { country, ageGroup } = world.traits(from + row);
    viewers.profile(id, { country, ageGroup });
  });
  const candidates = createMemoryCandidateStore();
  const watchedSince = new Set<string>();
  const list = async (users: readonly string[]): Promise<void> => {
    const lists = await population.retrieve(users.map((id) => viewers.get(id)));
    await candidates.putMany(
      models.version,
      users.map((id, user) => [id, lists[user]!] as const),
    );
  };
  await list(ids);

  const states = new Map();
  const micros = () => performance.now() * 1000;
  return {
    recommender: createRecommender({
      declarations: () => declarations,
      models: () => models,
      viewers,
      candidates,
      environment,
      states: () => states,
      micros,
      createPipeline: (stages) => createPipeline(stages, micros),
      onFailure(error, place) {
        throw new Error(`${place} failed: ${error instanceof Error ? error.message : String(error)}`);
      },
      lists: { freshBatch: 0, staleWatches: Number.POSITIVE_INFINITY },
    }),
    viewers,
    history,
    recordWatch(user, title, weight, at) {
      viewers.watched(user, title, weight, at);
      watchedSince.add(user);
    },
    async refresh() {
      const users = [...watchedSince];
      watchedSince.clear();
      await list(users);
    },
  };
}
