import type { ErrorObject } from 'ajv';
import { nearest } from '../declaration/suggest.ts';
import {
  type ExposureRecord,
  KNOWN_OUTCOMES,
  type OutcomeItem,
  type OutcomeRecord,
} from '../events/records.ts';
import { EventBody } from './event-schema.ts';
import { timeIn } from './event-time.ts';
import { exposureFrom } from './exposure-intake.ts';
import { createLookups } from './lookups.ts';
import type { ServerParts } from './parts.ts';
import { Refusal } from './refusal.ts';
import { userIdFault } from './user-id.ts';
import { compileStrict } from './validation.ts';

/** What one posted event amounts to. */
export type Taken =
  | {
      readonly accepted: true;
      readonly outcome: OutcomeRecord;
      /** Only of an `exposure` event. */
      readonly exposure: ExposureRecord | undefined;
      readonly warnings: readonly string[];
    }
  | { readonly accepted: false; readonly id: string | null; readonly reason: string };

const HOUR = 3_600_000;
/** How far ahead of our clock an event may be. */
export const MAX_AHEAD_MS = 24 * HOUR;
/** How old an event may be. */
export const MAX_AGE_MS = 400 * 24 * HOUR;

/** Names whose value is a measurement: leaving it out is a mistake, not a count of one. */
const MEASURED = new Set([
  'impressions',
  'watch',
  'rating',
  'session_end',
  'selection',
  'buffering',
  'revenue',
]);
const known: ReadonlySet<string> = new Set(Object.keys(KNOWN_OUTCOMES));

const validate = compileStrict(EventBody);

/**
 * Judges posted events one by one.
 *
 * @param surfaceOf where a request was served; undefined for one that was not served here lately
 */
export function createIntake(
  parts: Pick<ServerParts, 'environment' | 'declarations' | 'models' | 'clock' | 'recommender'>,
  surfaceOf: (requestId: string) => string | undefined,
): (raw: unknown, sentAt?: number) => Taken {
  const lookups = createLookups(parts.declarations);

  function rowOf(title: string): number {
    const row = parts.models().catalogue.rowOf.get(title);
    if (row === undefined)
      throw new Refusal(`title ${title} is not in the catalogue; send the id of a slate's title`);
    return row;
  }

  function itemOf(
    source: NonNullable<EventBody['items']>[number],
    place: string,
    warnings: string[],
  ): OutcomeItem {
    const { name } = source;
    if (!known.has(name)) {
      const near = nearest(name, known);
      if (near !== undefined)
        warnings.push(`${place}name ${name} is stored as one of your own; did you mean ${near}?`);
    }
    if (source.value === undefined && MEASURED.has(name)) {
      throw new Refusal(`${place}value is missing; ${name} needs it: ${KNOWN_OUTCOMES[name as 'watch']}`);
    }
    return {
      name,
      value: source.value ?? 1,
      title: source.title === undefined ? -1 : rowOf(source.title),
      afterMs: source.after_ms ?? 0,
    };
  }

  function itemsOf(event: EventBody, warnings: string[]): readonly OutcomeItem[] {
    if (event.items === undefined) {
      if (event.name === undefined) throw new Refusal('name is missing; send a name, or items');
      const { name, value, title } = event;
      return [
        itemOf(
          { name, ...(value === undefined ? {} : { value }), ...(title === undefined ? {} : { title }) },
          '',
          warnings,
        ),
      ];
    }
    if (event.name !== undefined || event.value !== undefined || event.title !== undefined) {
      throw new Refusal('name, value and title stand beside items; put them into items');
    }
    return event.items.map((item, i) => {
      if (item.name === 'exposure')
        throw new Refusal(`items.${i} is an exposure; send it as an event of its own`);
      return itemOf(item, `items.${i}.`, warnings);
    });
  }

  function accept(event: EventBody, sentAt: number | undefined): Taken {
    const warnings: string[] = [];
    const fault = userIdFault(event.user);
    if (fault !== undefined) throw new Refusal(`user ${fault}; use 1 to 256 bytes of UTF-8`);
    const at = timeOf(event.at, parts.clock());
    const current = lookups();
    if (event.surface !== undefined && !current.surfaces.has(event.surface)) {
      throw new Refusal(
        `no surface is called ${event.surface}; use one of ${[...current.surfaces].join(', ')}`,
      );
    }
    const requestId = event.request_id?.toLowerCase();
    const servedOn = requestId === undefined ? undefined : surfaceOf(requestId);
    if (requestId !== undefined && servedOn === undefined) {
      warnings.push('request_id was not served by this process lately: stored, and joined by user and time');
    }
    const surface = event.surface ?? servedOn;
    const isExposure = event.name === 'exposure';
    if (!isExposure && (event.experiment !== undefined || event.variant !== undefined)) {
      throw new Refusal('experiment and variant belong to events named exposure');
    }
    const exposure = isExposure
      ? exposureFrom(event, at, current, parts.recommender, parts.environment, warnings)
      : undefined;
    const outcome: OutcomeRecord = {
      environment: parts.environment,
      id: event.id.toLowerCase(),
      unit: event.user,
      at,
      items: itemsOf(event, warnings),
      ...(sentAt === undefined ? {} : { sentAt }),
      ...(requestId === undefined ? {} : { requestId }),
      ...(surface === undefined ? {} : { surface }),
    };
    return { accepted: true, outcome, exposure, warnings };
  }

  return (raw, sentAt) => {
    const given = (raw as { id?: unknown } | null)?.id;
    const id = typeof given === 'string' ? given.slice(0, 100) : null;
    if (!validate(raw)) return { accepted: false, id, reason: reasonOf(validate.errors?.[0]) };
    try {
      return accept(raw as EventBody, sentAt);
    } catch (error) {
      if (error instanceof Refusal) return { accepted: false, id, reason: error.message };
      throw error;
    }
  };
}

/** Epoch ms of an event's time, which lies between 400 days ago and 24 hours ahead. */
function timeOf(at: number | string, now: number): number {
  const time = timeIn(at);
  if (Number.isNaN(time)) {
    throw new Refusal(
      `at is ${JSON.stringify(at)}; use epoch milliseconds or ISO 8601 with a zone, as 2026-10-01T12:00:00Z`,
    );
  }
  if (time > now + MAX_AHEAD_MS) {
    throw new Refusal(`at is ${new Date(time).toISOString()}, over 24 hours ahead; set the client's clock`);
  }
  if (time < now - MAX_AGE_MS) {
    throw new Refusal(
      `at is ${new Date(time).toISOString()}, over 400 days ago; such events are not read by any analysis`,
    );
  }
  return time;
}

function reasonOf(error: ErrorObject | undefined): string {
  const place = (error?.instancePath ?? '').slice(1).replaceAll('/', '.');
  const { additionalProperty, missingProperty, allowedValues } = (error?.params ?? {}) as {
    additionalProperty?: string;
    missingProperty?: string;
    allowedValues?: readonly string[];
  };
  const within = place === '' ? '' : `${place}.`;
  if (additionalProperty !== undefined)
    return `${within}${additionalProperty.slice(0, 100)} is not a field of an event`;
  if (missingProperty !== undefined) return `${within}${missingProperty} is missing`;
  if (allowedValues !== undefined) return `${place} is none of ${allowedValues.join(', ')}`;
  return `${place === '' ? 'the event' : place} ${error?.message ?? 'is not valid'}`;
}
