import type { Models, TrendingModel } from './ranking/models.ts';
import type { TrendingCounter } from './ranking/trending-counter.ts';
import type { Viewers } from './viewers.ts';

/** What trends is counted anew this often. */
const EVERY_MS = 60_000;

/** Models whose trends follow the watches that arrive. */
export interface LiveTrends {
  /** The models with what trended when it was last counted; until `follow`, as they were trained. */
  models(): Models;
  /** From now on these, with what trends as it was counted last. */
  take(models: Models): void;
  /** Counts anew now, and every minute from now on. */
  follow(): void;
  close(): void;
}

/**
 * Counts every watch that the viewers are told of. A simulation that must give the same results however long it takes does
 * not call `follow`: it ranks with what trended when it began.
 *
 * @param now the platform's clock, epoch ms: a watch that claims a later time counts as of now
 */
export function createLiveTrends(first: Models, counter: TrendingCounter, now: () => number): LiveTrends {
  let trained = first;
  let models = first;
  let counted = false;
  let timer: NodeJS.Timeout | undefined;
  let steps: ReturnType<TrendingCounter['counting']> | undefined;
  /** One step in one turn of the event loop, so that requests do not wait for all of them. */
  const proceed = (): void => {
    const step = steps?.next();
    if (step === undefined) return;
    if (!step.done) {
      setImmediate(proceed);
      return;
    }
    models = withTrends(trained, step.value);
    counted = true;
    steps = undefined;
  };
  const count = (): void => {
    if (steps !== undefined) return;
    steps = counter.counting(trained.trending, now());
    proceed();
  };
  return {
    models: () => models,
    take(next) {
      trained = next;
      models = counted ? withTrends(next, models.trending) : next;
    },
    follow() {
      count();
      timer ??= setInterval(count, EVERY_MS).unref();
    },
    close() {
      clearInterval(timer);
      steps = undefined;
    },
  };
}

/** What is counted of watches is of the counter, what was learnt of titles of the models. */
function withTrends(models: Models, counted: TrendingModel): Models {
  const { popularity, quality } = models.trending;
  return { ...models, trending: { ...counted, popularity, quality } };
}

/** The same viewers; each watch is counted, too. */
export function countedViewers(viewers: Viewers, counter: TrendingCounter, now: () => number): Viewers {
  return {
    get size() {
      return viewers.size;
    },
    get: (id) => viewers.get(id),
    profile: (id, profile) => viewers.profile(id, profile),
    load: (ids, interactions) => viewers.load(ids, interactions),
    watched(id, title, weight, at) {
      viewers.watched(id, title, weight, at);
      counter.watched(title, viewers.get(id).country, Math.min(at, now()));
    },
  };
}
