import { Type } from 'typebox';
import type { OutcomeRecord } from '../events/records.ts';
import { feelWatches } from '../events/watch-weight.ts';
import { ErrorBody, unavailable } from './errors.ts';
import { createIntake, type Taken } from './event-intake.ts';
import { EventResult, EventsBody, EventsEnvelope } from './event-schema.ts';
import type { ServerMetrics } from './metrics.ts';
import type { ServerParts } from './parts.ts';
import type { RecentRequests } from './recent-requests.ts';
import { BAD_REQUEST, UNAVAILABLE } from './schemas.ts';
import type { TypedFastify } from './typed.ts';
import { compileStrict } from './validation.ts';

const envelope = compileStrict(EventsEnvelope);

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

    async function keep(taken: readonly Taken[], raw: readonly unknown[]): Promise<EventResult[]> {
      const accepted = taken.filter((entry) => entry.accepted);
      const exposures = accepted.flatMap(({ exposure }) => (exposure === undefined ? [] : [exposure]));
      // Outcomes come last: their answers are what a repeated batch is told apart by.
      await Promise.all(
        taken.map((entry, i) =>
          entry.accepted ? undefined : eventLog.deadLetter(environment, raw[i], entry.reason),
        ),
      );
      if (exposures.length > 0) await eventLog.append({ requests: [], exposures });
      const answers =
        accepted.length === 0 ? [] : await eventLog.appendOutcomes(accepted.map(({ outcome }) => outcome));
      for (const { experiment, variant } of exposures) metrics.exposure(experiment, variant);
      let next = 0;
      return taken.map((entry) => {
        if (!entry.accepted) return { id: entry.id, status: 'rejected', reason: entry.reason };
        const status = answers[next++]!;
        if (status === 'stored' || status === 'accepted') feel(entry.outcome);
        return {
          id: entry.outcome.id,
          status,
          ...(status === 'conflict'
            ? { reason: 'another payload was stored under this id; a new event needs a new id' }
            : {}),
          ...(entry.warnings.length === 0 ? {} : { warnings: [...entry.warnings] }),
        };
      });
    }

    app.post(
      '/v1/events',
      {
        // The schema documents a whole event; the envelope alone can refuse a batch.
        validatorCompiler: () => envelope,
        schema: {
          summary: 'Report what happened',
          description:
            'Up to 1,000 events in 256 KiB. Each is answered in order; an event that cannot be used is kept as a dead letter.',
          tags: ['events'],
          body: EventsBody,
          response: {
            200: Type.Object({ results: Type.Array(EventResult) }),
            ...BAD_REQUEST,
            413: ErrorBody,
            ...UNAVAILABLE,
          },
        },
      },
      async (request) => {
        const missing = parts.ready();
        if (missing.length > 0) throw unavailable('not-ready', `waiting for ${missing.join(', ')}`);
        const raw: readonly unknown[] = request.body.events;
        const taken = raw.map(take);
        let results: EventResult[];
        try {
          results = await keep(taken, raw);
        } catch (error) {
          request.log.warn({ err: error, events: raw.length }, 'events cannot be made durable');
          metrics.outcome('unavailable', raw.length);
          throw unavailable('events-unavailable', 'the events cannot be made durable now');
        }
        for (const { status } of results) metrics.outcome(status, 1);
        return { results };
      },
    );
  };
}
