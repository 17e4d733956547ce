import type { OutcomeRecord } from '../events/records.ts';
import type { Interactions } from '../ranking/catalogue.ts';
import type { Recommendation, Recommender } from '../recommend.ts';
import { Agenda } from './agenda.ts';
import type { Behaviour } from './behaviour.ts';
import { CALIBRATED } from './calibrated.ts';
import { type ClickModel, positionBased } from './click-model.ts';
import { createDigest } from './digest.ts';
import { Lives, requestsOf, rowsOf } from './lives.ts';
import { SHORTEST_GAP_MS } from './return.ts';
import { outcomesOf, type Page, type Visit } from './session.ts';
import { uuid7 } from './uuid7.ts';
import type { World } from './world.ts';

export interface SimulationOptions {
  readonly world: World;
  readonly recommender: Pick<Recommender, 'recommend'>;
  /** Days of enrolment: sessions ask for slates. */
  readonly days: number;
  /** Days after them in which only session starts are observed; 0 when absent. */
  readonly observeDays?: number;
  /** Observation of a viewer ends this many days after their first session; absent: with `observeDays`. */
  readonly windowDays?: number;
  /** Rows of the viewers who take part: from the first up to, not including, the second; absent: everyone. */
  readonly viewers?: readonly [from: number, to: number];
  /** Sessions after which a viewer is not followed any further; absent: without limit. */
  readonly sessionsEach?: number;
  /** Epoch ms, a UTC midnight. */
  readonly startMs: number;
  /** Ids of records depend on it; relevance depends on the world's own seed. */
  readonly seed: number;
  readonly environment: string;
  /** Requests ranked together, about; 64 when absent. Their latency counts the whole batch. The outcome does not depend on it. */
  readonly batchSize?: number;
  readonly behaviour?: Behaviour;
  readonly clickModel?: ClickModel;
  /** Watches before the test: a film seen then is hardly wanted again. */
  readonly history?: Interactions;
  /** Makes a batch durable. The next one may be ranked meanwhile; at most eight are being written. */
  readonly onBatch: (
    recommendations: readonly Recommendation[],
    outcomes: readonly OutcomeRecord[],
  ) => Promise<void> | void;
  /** Keeps the recommender's picture of its viewers in step; not called for a title that was soon left. */
  readonly recordWatch?: (userId: string, title: number, weight: number, at: number) => void;
  /** Before the first session of each day, from 0; everything earlier has been written. */
  readonly onDay?: (day: number, at: number) => Promise<void> | void;
  readonly progress?: (done: SimulationProgress) => void;
  readonly signal?: AbortSignal;
}

export interface SimulationProgress {
  /** Days simulated so far, a fraction; of `days` + `observeDays`. */
  readonly day: number;
  readonly days: number;
  readonly sessions: number;
  readonly requests: number;
}

export interface SimulationSummary {
  readonly viewers: number;
  readonly sessions: number;
  readonly requests: number;
  /** Slots examined. */
  readonly viewed: number;
  readonly clicks: number;
  readonly plays: number;
  readonly watchSeconds: number;
  /** Viewers who will not come back. */
  readonly cancelled: number;
  /** Of every outcome in order: equal for equal runs. */
  readonly digest: string;
}

const DAY = 86_400_000;
const WRITES_AT_ONCE = 8;

/**
 * Runs a test day by day: sessions in the order of time, in batches that span less than the shortest gap between two
 * sessions of a viewer, so that a viewer's last session is always known to the recommender before the next.
 * Rejects when the recommender or `onBatch` does, or when `signal` aborts; what was handed to `onBatch` is settled by then.
 */
export async function simulateTest(options: SimulationOptions): Promise<SimulationSummary> {
  const { world, days, startMs, environment } = options;
  if (!(days > 0)) throw new RangeError(`days is ${days}; a test needs a positive number of days`);
  const observeDays = options.observeDays ?? 0;
  const batchSize = options.batchSize ?? 64;
  const recordWatch = options.recordWatch;
  const lives = new Lives({
    world,
    viewers: rowsOf(world, options.viewers),
    days,
    startMs,
    behaviour: options.behaviour ?? CALIBRATED.behaviour,
    clickModel: options.clickModel ?? positionBased,
    ...(options.history && { history: options.history }),
    ...(recordWatch && {
      recordWatch: (viewer: number, title: number, weight: number, at: number) =>
        recordWatch(world.unitIds[viewer]!, title, weight, at),
    }),
  });
  const count = lives.nextAt.length;
  const firstAt = lives.nextAt.slice();
  const agenda = new Agenda(count);
  for (let place = 0; place < count; place++) agenda.add(place, firstAt[place]!);

  const digest = createDigest();
  const total = { sessions: 0, requests: 0, viewed: 0, clicks: 0, plays: 0, watchSeconds: 0, cancelled: 0 };
  const writes = writer(options.onBatch);
  const enrolUntil = startMs + days * DAY;
  const end = enrolUntil + observeDays * DAY;
  let day = -1;
  try {
    while (agenda.nextAt < end) {
      options.signal?.throwIfAborted();
      const today = Math.floor((agenda.nextAt - startMs) / DAY);
      while (day < today) {
        await writes.settle();
        day++;
        await options.onDay?.(day, startMs + day * DAY);
      }
      const midnight = startMs + (today + 1) * DAY;
      const visits = takeVisits(Math.min(agenda.nextAt + SHORTEST_GAP_MS, midnight, end));
      const asks = visits[0]!.at < enrolUntil;
      const inputs = asks ? visits.flatMap((visit) => requestsOf(world, options.seed, visit)) : [];
      const answers = asks ? await options.recommender.recommend(inputs) : [];
      if (answers.length !== inputs.length)
        throw new Error(
          `${inputs.length} requests had ${answers.length} answers; a recommender answers each, in order`,
        );
      const outcomes: OutcomeRecord[] = [];
      let row = 0;
      for (const visit of visits) {
        const pages = asks ? answers.slice(row, row + (visit.browses ? 2 : 1)).map(pageOf) : [];
        row += pages.length;
        if (asks) live(visit, pages, outcomes);
        else observe(visit, outcomes);
      }
      total.sessions += visits.length;
      total.requests += inputs.length;
      for (const outcome of outcomes) digest.add(outcome);
      await writes.add(answers, outcomes);
      options.progress?.({
        day: Math.min(days + observeDays, (visits[0]!.at - startMs) / DAY),
        days: days + observeDays,
        sessions: total.sessions,
        requests: total.requests,
      });
    }
  } catch (error) {
    await writes.settle().catch(() => {});
    throw error;
  }
  await writes.settle();
  return { viewers: count, ...total, digest: digest.value() };

  /** The sessions of the next batch: all start before `until`. */
  function takeVisits(until: number): Visit[] {
    const visits: Visit[] = [];
    for (let asked = 0; asked < batchSize && agenda.nextAt < until; ) {
      const visit = lives.begin(agenda.take());
      asked += visit.browses ? 2 : 1;
      visits.push(visit);
    }
    return visits;
  }

  /** One session with its pages, and when the viewer comes back. */
  function live(visit: Visit, pages: readonly Page[], outcomes: OutcomeRecord[]): void {
    const result = lives.live(visit, pages);
    outcomes.push(...outcomesOf(world, environment, visit, pages, lives.log));
    total.viewed += result.viewed;
    total.clicks += result.clicks;
    total.plays += result.plays.length;
    total.watchSeconds += result.watchSeconds;
    comeBack(visit.place);
  }

  /** After enrolment only the start of a session is seen. */
  function observe(visit: Visit, outcomes: OutcomeRecord[]): void {
    const { viewer, session, at } = visit;
    outcomes.push({
      environment,
      id: uuid7(options.seed, at, viewer, session, 4),
      unit: world.unitIds[viewer]!,
      at,
      items: [{ name: 'session_start', value: 1, title: -1, afterMs: 0 }],
    });
    lives.observe(visit);
    comeBack(visit.place);
  }

  function comeBack(place: number): void {
    const { windowDays = Infinity, sessionsEach = Infinity } = options;
    const next = lives.nextAt[place]!;
    const until = Math.min(end, Math.max(enrolUntil, firstAt[place]! + windowDays * DAY));
    if (next < until && lives.sessions[place]! < sessionsEach) agenda.add(place, next);
    if (next === Infinity) total.cancelled++;
  }
}

const pageOf = ({ request }: Recommendation): Page => ({
  requestId: request.id,
  surface: request.surface,
  titles: request.slate.titles,
});

/** Lets a bounded number of writes run beside the next ranking; a failed one surfaces at the next `add` or `settle`. */
function writer(write: SimulationOptions['onBatch']) {
  let pending: Promise<void>[] = [];
  return {
    async add(recommendations: readonly Recommendation[], outcomes: readonly OutcomeRecord[]): Promise<void> {
      while (pending.length >= WRITES_AT_ONCE) await pending.shift();
      const written = Promise.resolve(write(recommendations, outcomes));
      written.catch(() => {});
      pending.push(written);
    },
    async settle(): Promise<void> {
      const all = pending;
      pending = [];
      for (const result of await Promise.allSettled(all))
        if (result.status === 'rejected') throw result.reason;
    },
  };
}
