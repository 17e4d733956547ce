import type { ExposureRecord, OutcomeRecord } from '../events/records.ts';
import { feelWatches } from '../events/watch-weight.ts';
import type { WaitFor } from '../journal/spooled-log.ts';
import { ApiError, ErrorBody, unavailable } from './errors.ts';
import { createIntake, type Taken } from './event-intake.ts';
import { type EventResult, EventsAnswer, EventsBody, EventsEnvelope, EventsQuery } from './event-schema.ts';
import { timeIn } from './event-time.ts';
import type { ServerMetrics } from './metrics.ts';
import type { ServerParts } from './parts.ts';
import type { RecentRequests } from './recent-requests.ts';
import { BAD_REQUEST, UNAVAILABLE } from './schemas.ts';
import type { TypedFastify } from './typed.ts';
import { compileStrict } from './validation.ts';

const envelope = compileStrict(EventsEnvelope);
const query = compileStrict(EventsQuery);
const CONFLICT = 'another payload was stored under this id; a new event needs a new id';

/** POST /v1/events. Answers per event once all of the batch is durable; on 503 nothing is certain and all may be sent again. */
export function eventRoutes(parts: ServerParts, metrics: ServerMetrics, served: RecentRequests) {
  return async function events(app: TypedFastify): Promise<void> {
    const { environment, eventLog } = parts;
    const take = createIntake(parts, served.surfaceOf);

    /** A watch is felt in the next slate. */
    function feel(outcome: OutcomeRecord): void {
      feelWatches(outcome, parts.models().catalogue.minutes, (title, weight, at) =>
        parts.viewers.watched(outcome.unit, title, weight, at),
      );
    }

    async function keep(
      taken: readonly Taken[],
      raw: readonly unknown[],
      waitFor: WaitFor,
    ): Promise<EventResult[]> {
      const outcomes: OutcomeRecord[] = [];
      const exposures: ExposureRecord[] = [];
      const deadLetters: { environment: string; record: unknown; reason: string }[] = [];
      taken.forEach((entry, i) => {
        if (entry.accepted) {
          outcomes.push(entry.outcome);
          if (entry.exposure !== undefined) exposures.push(entry.exposure);
        } else deadLetters.push({ environment, record: raw[i], reason: entry.reason });
      });
      const answers = await eventLog.appendEvents({ outcomes, exposures, deadLetters }, waitFor);
      for (const { experiment, variant } of exposures) metrics.exposure(experiment, variant);
      let next = 0;
      return taken.map((entry) => {
        if (!entry.accepted) return { id: entry.id, status: 'rejected', reason: entry.reason };
        const status = answers[next++]!;
        if (status === 'stored' || status === 'accepted') feel(entry.outcome);
        const { id } = entry.outcome;
        const result: EventResult = status === 'conflict' ? { id, status, reason: CONFLICT } : { id, status };
        return entry.warnings.length === 0 ? result : { ...result, warnings: [...entry.warnings] };
      });
    }

    app.post(
      '/v1/events',
      {
        // The schema documents a whole event; the envelope alone can refuse a batch.
        validatorCompiler: ({ httpPart }) => (httpPart === 'body' ? envelope : query),
        schema: {
          summary: 'Report what happened',
          description:
            'Up to 1,000 events in 256 KiB. Each is answered in order, durable: accepted from the local journal, or with wait=stored as the database says. An event that cannot be used is kept as a dead letter.',
          tags: ['events'],
          querystring: EventsQuery,
          body: EventsBody,
          response: {
            200: EventsAnswer,
            ...BAD_REQUEST,
            413: ErrorBody,
            ...UNAVAILABLE,
          },
        },
      },
      async (request) => {
        const missing = parts.ready();
        if (missing.length > 0) throw unavailable('not-ready', `waiting for ${missing.join(', ')}`);
        const { events: raw, sent_at: sent }: EventsEnvelope = request.body;
        const sentAt = sent === undefined ? undefined : sentTimeOf(sent);
        const taken = raw.map((event) => take(event, sentAt));
        if (request.query.dry === 'true') return { results: taken.map(verdictOf) };
        let results: EventResult[];
        try {
          results = await keep(taken, raw, request.query.wait === 'stored' ? 'database' : 'journal');
        } catch (error) {
          request.log.warn({ err: error, events: raw.length }, 'events cannot be made durable');
          metrics.outcome('unavailable', raw.length);
          throw unavailable('events-unavailable', 'the events cannot be made durable now');
        }
        countByStatus(results, metrics.outcome);
        return { results };
      },
    );
  };
}

const verdictOf = (entry: Taken): EventResult =>
  entry.accepted
    ? { id: entry.outcome.id, status: 'accepted' }
    : { id: entry.id, status: 'rejected', reason: entry.reason };

/** Epoch ms at which a batch left its client. */
function sentTimeOf(sent: number | string): number {
  const time = timeIn(sent);
  if (!Number.isNaN(time)) return time;
  throw new ApiError(400, 'invalid-request', `body.sent_at is ${JSON.stringify(sent)}`, {
    place: 'body.sent_at',
    mend: 'use epoch milliseconds or ISO 8601 with a zone, as 2026-10-01T12:00:00Z',
  });
}

function countByStatus(results: readonly EventResult[], count: ServerMetrics['outcome']): void {
  const counts = new Map<EventResult['status'], number>();
  for (const { status } of results) counts.set(status, (counts.get(status) ?? 0) + 1);
  for (const [status, events] of counts) count(status, events);
}
