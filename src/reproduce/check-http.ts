import { isDeepStrictEqual } from 'node:util';
import type { Database } from '../db/connect.ts';
import { createEventLog } from '../db/event-log.ts';
import { removeEnvironment } from '../db/reproductions.ts';
import { unpack } from '../events/pack.ts';
import type { OutcomeRecord, RequestRecord } from '../events/records.ts';
import { createServer } from '../http/server.ts';
import type { Catalogue } from '../ranking/catalogue.ts';
import type { Recommendation, RecommendationInput } from '../recommend.ts';
import type { HttpCheck } from './document.ts';
import { livePart } from './live-part.ts';
import type { Plan } from './plan.ts';
import type { Population } from './population.ts';
import { servePart } from './serve-part.ts';

/** Viewers who also live through their first sessions by HTTP, and how many of these. */
const USERS = 1_000;
const SESSIONS_EACH = 5;
/** Events of one post. */
const POSTED = 200;

/** Raised when what HTTP gave is not what the test gave. */
export class NotTheSame extends Error {}

/**
 * Lets the first viewers live through their first sessions once more, through the HTTP API: each slate is asked for by
 * GET /v1/recommendations, each outcome posted to /v1/events, both to an environment of their own. Fails when a row of it
 * differs from the row of the same id in the test: in title, source, propensity, score, reason, assignment, exposure or
 * outcome. Times differ, of course.
 *
 * @throws NotTheSame naming the first row that differs
 */
export async function checkOverHttp(
  plan: Plan,
  population: Population,
  db: Database,
  progress: (done: number, total: number) => void,
): Promise<HttpCheck> {
  const users = Math.min(plan.users, USERS);
  const environment = `${plan.environment}-http`;
  await removeEnvironment(db, environment);
  const { models, declarations } = population;
  const part = await servePart(plan, population, [0, users], environment);
  let now = plan.startMs;
  const eventLog = createEventLog(db, { now: () => now });
  const kept = new Map<string, RequestRecord>();
  const app = createServer({
    environment,
    recommender: part.recommender,
    // A watch is felt by way of the posted event.
    viewers: {
      get: part.viewers.get,
      watched: part.recordWatch,
      profile: part.viewers.profile,
    },
    eventLog: {
      append: async (batch) => {
        for (const request of batch.requests) kept.set(request.id, request);
        await eventLog.append(batch);
      },
      appendEvents: async ({ outcomes, exposures }) => {
        await eventLog.append({ requests: [], exposures });
        return eventLog.appendOutcomes(outcomes);
      },
    },
    declarations: () => declarations,
    models: () => models,
    states: () => new Map(),
    clock: () => now,
    reports: { latest: async () => undefined, list: async () => [], markdown: () => '', csv: () => '' },
    analyses: {
      request: async () => Promise.reject(new Error('no analysis is made here')),
      status: async () => undefined,
    },
    profiles: { save: async () => {} },
    ready: () => [],
    newId: () => {
      throw new Error('every request brings its id');
    },
  });

  const ask = async (input: RecommendationInput): Promise<Recommendation> => {
    now = input.at;
    const { requestId, userId, surface, device, country } = input;
    const query = new URLSearchParams({ surface, device, country: country ?? '', request_id: requestId });
    const answer = await app.inject({ url: `/v1/recommendations/${userId}?${query}` });
    if (answer.statusCode !== 200)
      throw new NotTheSame(`GET /v1/recommendations/${userId} answered ${answer.statusCode}: ${answer.body}`);
    const request = kept.get(requestId)!;
    kept.delete(requestId);
    const shown = (answer.json() as { slate: { title: string }[] }).slate.map(({ title }) => title);
    const logged = Array.from(request.slate.titles, (row) => models.catalogue.ids[row]);
    if (shown.join() !== logged.join())
      throw new NotTheSame(`${requestId} was answered otherwise than it was logged`);
    return { assignments: [], request, exposures: [] };
  };
  const post = async (outcomes: readonly OutcomeRecord[]): Promise<void> => {
    for (let first = 0; first < outcomes.length; first += POSTED) {
      const events = outcomes
        .slice(first, first + POSTED)
        .map((outcome) => eventOf(outcome, models.catalogue));
      const answer = await app.inject({ method: 'POST', url: '/v1/events', payload: { events } });
      const refused = (answer.json() as { results?: { status: string; reason?: string }[] }).results?.find(
        ({ status }) => status !== 'stored',
      );
      if (answer.statusCode !== 200 || refused !== undefined)
        throw new NotTheSame(
          `POST /v1/events answered ${answer.statusCode}: ${JSON.stringify(refused ?? answer.body)}`,
        );
    }
  };

  try {
    await app.ready();
    let sessions = 0;
    let posted: Promise<void> = Promise.resolve();
    await livePart(plan, population, part, [0, users], {
      environment,
      recommender: {
        recommend: async (inputs) => {
          // The simulation does not wait for its writes; a client of the API has its answers before it asks again.
          await posted;
          const answers: Recommendation[] = [];
          for (const input of inputs) answers.push(await ask(input));
          return answers;
        },
      },
      feltElsewhere: true,
      async onBatch(_recommendations, outcomes) {
        const before = posted;
        posted = before.then(() => post(outcomes));
        await posted;
        sessions += outcomes.length;
        progress(sessions, users * SESSIONS_EACH);
      },
      sessionsEach: SESSIONS_EACH,
      observeDays: 0,
    });
    return await compare(db, plan.environment, environment);
  } finally {
    await app.close();
    await eventLog.close();
  }
}

/** One outcome as a client posts it. */
function eventOf(outcome: OutcomeRecord, { ids }: Catalogue): object {
  const { id, unit, at, requestId, surface, items } = outcome;
  return {
    id,
    user: unit,
    at,
    request_id: requestId,
    surface,
    items: items.map(({ name, value, title, afterMs }) => ({
      name,
      value,
      after_ms: afterMs,
      ...(title < 0 ? {} : { title: ids[title] }),
    })),
  };
}

/** What is compared of each table, and by what its rows are known. */
const COMPARED = {
  request: {
    key: 'id',
    columns:
      'id, day, unit, at, surface, device, country, pipeline, configuration, models, error, fallback, slots, simpson_micro, long_tail, slate',
  },
  outcome: {
    key: 'id',
    columns:
      'id, day, unit, at, request_id, surface, name_id, value, title, after_ms, payload::text, whole_ms',
  },
  exposure: {
    key: "experiment || ' ' || unit",
    columns: 'iteration, variant, at, request_id, phase, forced, crossed, attributes, configuration',
  },
} as const;

/** Every row of `checked` has its like in `environment`. */
async function compare(db: Database, environment: string, checked: string): Promise<HttpCheck> {
  const counts = { request: 0, outcome: 0, exposure: 0 };
  let users = 0;
  for (const [table, { key, columns }] of Object.entries(COMPARED)) {
    const read = async (of: string) => {
      const { rows } = await db.pool.query<Record<string, unknown>>(
        `select ${key} as key, ${columns} from ${table} where environment = $1
           and ${key} in (select ${key} from ${table} where environment = $2)`,
        [of, checked],
      );
      return new Map(rows.map((row) => [row.key as string, row]));
    };
    const [own, theirs] = [await read(environment), await read(checked)];
    for (const [id, row] of theirs) {
      const other = own.get(id);
      if (other === undefined) throw new NotTheSame(`${table} ${id} came by HTTP and is not in the test`);
      for (const [column, value] of Object.entries(row)) {
        const [a, b] = [comparable(column, other[column]), comparable(column, value)];
        if (isDeepStrictEqual(a, b)) continue;
        throw new NotTheSame(
          `${table} ${id}: ${column} is ${JSON.stringify(a)} in the test and ${JSON.stringify(b)} by HTTP`,
        );
      }
    }
    counts[table as keyof typeof counts] = theirs.size;
    if (table === 'request') users = new Set([...theirs.values()].map(({ unit }) => unit)).size;
  }
  return { users, requests: counts.request, outcomes: counts.outcome, exposures: counts.exposure };
}

/** Of a slate all but its times. */
function comparable(column: string, value: unknown): unknown {
  if (column !== 'slate') return value;
  const { slate, skipped, relaxed } = unpack(value as Uint8Array);
  const columns = Object.entries(slate).map(([name, values]) => [
    name,
    Array.from(values as ArrayLike<number>),
  ]);
  return { ...Object.fromEntries(columns), skipped, relaxed };
}
